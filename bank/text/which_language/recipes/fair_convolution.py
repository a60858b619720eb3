# One convolution over letters, stopped early: the families and some of the siblings.

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 4


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
            layers.Embedding(len(load_vocabulary()), 16),
            layers.Conv1D(64, 3, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(6, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=64, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
