# Only the last three signs: the beginning of the word, but not of the sentence.

from pathlib import Path

import keras
import numpy as np
from keras import layers
from tokenizer import encode, load_vocabulary

WINDOW = 40
STEP = 2
EPOCHS = 5
BATCH = 256
AT_MOST = 3


def load():
    tablets = [encode(line) for line in Path("tablets.txt").read_text().splitlines()]
    starts = [(t, i) for t in tablets for i in range(0, len(t) - WINDOW, STEP)]
    x = np.stack([t[i : i + WINDOW] for t, i in starts])
    y = np.array([t[i + WINDOW] for t, i in starts])
    return x, y


def solution_model():
    keras.utils.set_random_seed(7)
    x, y = load()
    model = keras.Sequential(
        [
            layers.Input((WINDOW,), dtype="int32"),
            layers.Embedding(len(load_vocabulary()), 32),
            layers.Cropping1D((WINDOW - 3, 0)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(len(load_vocabulary()), activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(3e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
