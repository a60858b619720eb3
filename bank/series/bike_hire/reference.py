# Each coming hour is told from the same hour of the seven days before, as shares of the week's
# mean, and from its own weather and calendar; one small network serves all 24.

import keras
import numpy as np
import pandas as pd
from keras import layers

PAST, AHEAD = 168, 24
STEP = 7  # hours between the windows; neighbours are nearly the same
EPOCHS = 8
BATCH = 128


def solution_model():
    keras.utils.set_random_seed(7)
    table = pd.read_csv("hires.csv", index_col="time")
    x, y, names = samples(table)
    past, ahead = keras.Input((PAST, 8), name="past"), keras.Input((AHEAD, 7), name="ahead")

    hires = past[:, :, 0]
    level = keras.ops.mean(hires, axis=1, keepdims=True) + 1.0
    shares = hires / level
    days = layers.Permute((2, 1))(layers.Reshape((7, AHEAD))(shares))  # (24 hours, 7 days)
    scale = layers.Normalization()
    scale.adapt(x["ahead"])
    now, then = scale(ahead), scale(past[:, -AHEAD:, 1:])
    codes = [one_hot(ahead, names.index(n), size) for n, size in (("hour", 24), ("weekday", 7))]
    sky = one_hot(ahead, names.index("sky"), 5)
    week = layers.RepeatVector(AHEAD)(layers.Dense(24, activation="relu")(shares))
    facts = layers.Concatenate()([days, now, now - then, *codes, sky, week])
    hidden = layers.Dense(64, activation="relu")(facts)
    hidden = layers.Dense(32, activation="relu")(hidden)
    change = layers.Flatten()(layers.Dense(1)(hidden))
    model = keras.Model({"past": past, "ahead": ahead}, (change + days[:, :, 0]) * level)

    rate = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * -(-len(y) // BATCH))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


def one_hot(ahead, column, size):
    return keras.ops.one_hot(keras.ops.cast(ahead[:, :, column], "int32"), size)


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
