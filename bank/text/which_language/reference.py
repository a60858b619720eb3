# Letters as vectors, two convolutions over them, the strongest answer of each filter.
# Dropout keeps it from learning the messages by heart; the learning rate falls to zero.

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 10
BATCH = 96


def load():
    languages = json.loads(Path("languages.json").read_text(encoding="utf-8"))
    index = {language["code"]: language["index"] for language in languages}
    train = pd.read_csv("train.csv")
    x = encode(train["text"].tolist())
    y = np.array([index[code] for code in train["language"]])
    return x, y


def solution_model():
    keras.utils.set_random_seed(7)
    x, y = load()
    model = keras.Sequential(
        [
            layers.Input((48,), dtype="int32"),
            layers.Embedding(len(load_vocabulary()), 32),
            layers.SpatialDropout1D(0.1),
            layers.Conv1D(96, 3, padding="same", activation="relu"),
            layers.Dropout(0.2),
            layers.Conv1D(192, 3, padding="same", activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dropout(0.5),
            layers.Dense(6, activation="softmax"),
        ]
    )
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
