# Convolutions over the week give what it was like; a second row of them goes over the coming day,
# with the hires of a day ago and of a week ago beside each hour.

import keras
import numpy as np
import pandas as pd
from keras import layers

PAST, AHEAD = 168, 24
STEP = 11  # hours between the windows; neighbours are nearly the same
EPOCHS = 8
BATCH = 128


def solution_model():
    keras.utils.set_random_seed(7)
    table = pd.read_csv("hires.csv", index_col="time")
    x, y, names = samples(table)
    past, ahead = keras.Input((PAST, 8), name="past"), keras.Input((AHEAD, 7), name="ahead")
    hires = past[:, :, 0]
    level = keras.ops.mean(hires, axis=1, keepdims=True) + 1.0
    shares = layers.Reshape((PAST, 1))(hires / level)
    scale = layers.Normalization()
    scale.adapt(x["ahead"])
    week = layers.Concatenate()([shares, scale(past[:, :, 1:])])
    week = layers.Conv1D(24, 6, strides=6, activation="relu")(week)
    week = layers.Flatten()(layers.Conv1D(16, 4, strides=4, activation="relu")(week))
    hour = keras.ops.cast(ahead[:, :, names.index("hour")], "int32")
    weekday = keras.ops.cast(ahead[:, :, names.index("weekday")], "int32")
    day = layers.Concatenate()(
        [
            scale(ahead),
            layers.Embedding(24, 8)(hour),
            layers.Embedding(7, 4)(weekday),
            shares[:, :AHEAD],
            shares[:, -AHEAD:],
            layers.RepeatVector(AHEAD)(layers.Dense(16, activation="relu")(week)),
        ]
    )
    for _ in range(2):
        day = layers.Conv1D(48, 3, padding="same", activation="relu")(day)
    share = layers.Flatten()(layers.Dense(1)(day))

    model = keras.Model({"past": past, "ahead": ahead}, share * level)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * -(-len(y) // BATCH))
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
