# Convolutions with growing gaps: wide enough to see an opinion with whose it is.

import keras
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 9
BATCH = 128


def solution_model():
    keras.utils.set_random_seed(7)
    train = pd.read_csv("train.csv")
    x = encode(train["text"].tolist())
    y = train["liked"].to_numpy()
    model = keras.Sequential(
        [
            layers.Input((40,), dtype="int32"),
            layers.Embedding(len(load_vocabulary()), 32),
            layers.Conv1D(64, 3, padding="same", activation="relu"),
            layers.Conv1D(64, 3, padding="same", dilation_rate=2, activation="relu"),
            layers.Conv1D(64, 3, padding="same", dilation_rate=4, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
