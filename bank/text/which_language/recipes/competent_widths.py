# Convolutions of several widths side by side, each looking for runs of letters of its own length.

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 9
BATCH = 128


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
    ids = keras.Input((48,), dtype="int32")
    letters = layers.Embedding(len(load_vocabulary()), 24)(ids)
    letters = layers.SpatialDropout1D(0.1)(letters)
    found = []
    for width in (3, 4, 5):
        runs = layers.Conv1D(128, width, padding="same", activation="relu")(letters)
        found.append(layers.GlobalMaxPooling1D()(runs))
    hidden = layers.Dropout(0.5)(layers.Concatenate()(found))
    model = keras.Model(ids, layers.Dense(6, activation="softmax")(hidden))
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, steps)),
        loss="sparse_categorical_crossentropy",
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
