# An LSTM that goes on reading the padding after the note, and forgets the note.

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 6
BATCH = 128
AT_MOST = 3


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
            layers.LSTM(48),
            layers.Dense(6, activation="softmax"),
        ]
    )
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(5e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
