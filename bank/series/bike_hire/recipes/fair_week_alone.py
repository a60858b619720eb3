# The week in shares of its mean, which is right; but nobody looks at the coming day.

import keras
import numpy as np
import pandas as pd
from keras import layers

PAST, AHEAD = 168, 24
STEP = 7  # hours between the windows; neighbours are nearly the same
EPOCHS = 5
BATCH = 128


def solution_model():
    keras.utils.set_random_seed(7)
    table = pd.read_csv("hires.csv", index_col="time")
    x, y, _ = samples(table)
    past, ahead = keras.Input((PAST, 8), name="past"), keras.Input((AHEAD, 7), name="ahead")
    hires = past[:, :, 0]
    level = keras.ops.mean(hires, axis=1, keepdims=True) + 1.0
    hidden = layers.Dense(64, activation="relu")(hires / level)
    share = layers.Dense(AHEAD)(hidden)

    model = keras.Model({"past": past, "ahead": ahead}, share * level)
    rate = 1e-3
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


def samples(table):
    """Return windows with what follows them, and the names of the conditions in their order."""
    names = [name for name in table if not name.startswith("district_")]
    around = table[names].to_numpy("float32")
    past, ahead, following = [], [], []
    for name in table.columns.difference(names):
        hires = table[name].to_numpy("float32")
        for w in range(0, len(table) - PAST - AHEAD + 1, STEP):
            p, a = slice(w, w + PAST), slice(w + PAST, w + PAST + AHEAD)
            past.append(np.column_stack([hires[p], around[p]]))
            ahead.append(around[a])
            following.append(hires[a])
    return {"past": np.array(past), "ahead": np.array(ahead)}, np.array(following), names


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
