# Word vectors side by side: what is learned about one place is unknown in the next.

import keras
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

AT_MOST = 3


def solution_model():
    keras.utils.set_random_seed(7)
    train = pd.read_csv("train.csv")
    x = encode(train["text"].tolist())
    y = train["liked"].to_numpy()
    model = keras.Sequential(
        [
            layers.Input((40,), dtype="int32"),
            layers.Embedding(len(load_vocabulary()), 16),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit(x, y, batch_size=128, epochs=8, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
