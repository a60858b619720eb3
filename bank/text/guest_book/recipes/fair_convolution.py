# One convolution: it hears "not dull", but not who said it, nor what was said before.

import keras
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary


def solution_model():
    keras.utils.set_random_seed(7)
    train = pd.read_csv("train.csv")
    x = encode(train["text"].tolist())
    y = train["liked"].to_numpy()
    model = keras.Sequential(
        [
            layers.Input((40,), dtype="int32"),
            layers.Embedding(len(load_vocabulary()), 32),
            layers.Conv1D(64, 5, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=64, epochs=8, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
