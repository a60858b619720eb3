# A convolution reads the phrases; two LSTMs, one from each end, look for the last that counts.

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 12
BATCH = 128


def load():
    people = json.loads(Path("people.json").read_text(encoding="utf-8"))
    train = pd.read_csv("train.csv")
    x = encode(train["text"].tolist())
    y = np.array([people.index(person) for person in train["holder"]])
    return x, y


def solution_model():
    keras.utils.set_random_seed(7)
    x, y = load()
    model = keras.Sequential(
        [
            layers.Input((64,), dtype="int32"),
            layers.Embedding(len(load_vocabulary()), 32),
            layers.Conv1D(96, 7, padding="same", activation="relu"),
            layers.MaxPooling1D(3),
            layers.Bidirectional(layers.LSTM(48)),
            layers.Dense(6, activation="softmax"),
        ]
    )
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
