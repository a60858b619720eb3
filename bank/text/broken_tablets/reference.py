# Causal convolutions with growing gaps. In training every place of a window guesses its next
# sign, so that each window teaches forty times; the model that is handed in keeps the last guess.

from pathlib import Path

import keras
import numpy as np
from keras import layers
from tokenizer import encode, load_vocabulary

WINDOW = 40
STEP = 16
EPOCHS = 12
BATCH = 32


def load():
    tablets = [encode(line) for line in Path("tablets.txt").read_text().splitlines()]
    starts = [(t, i) for t in tablets for i in range(0, len(t) - WINDOW, STEP)]
    x = np.stack([t[i : i + WINDOW] for t, i in starts])
    y = np.stack([t[i + 1 : i + WINDOW + 1] for t, i in starts])
    return x, y


def solution_model():
    keras.utils.set_random_seed(7)
    x, y = load()
    n = len(load_vocabulary())
    signs = keras.Input((WINDOW,), dtype="int32")
    hidden = layers.Embedding(n, 32)(signs)
    for gap in (1, 2, 4, 8):
        seen = layers.Conv1D(64, 3, padding="causal", dilation_rate=gap, activation="relu")(hidden)
        hidden = seen if gap == 1 else layers.Add()([hidden, seen])
    guesses = layers.Dense(n, activation="softmax")(hidden)
    every = keras.Model(signs, guesses)
    steps = EPOCHS * -(-len(x) // BATCH)
    every.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    every.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    last = layers.Flatten()(layers.Cropping1D((WINDOW - 1, 0))(guesses))
    model = keras.Model(signs, last)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
