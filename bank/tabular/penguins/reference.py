# Scales every measurement by what its team usually writes, so that the units do not matter.

import keras
import numpy as np
import pandas as pd
from encoder import encode, encode_kinds
from keras import layers

EPOCHS = 25
BATCH = 128


def solution_model():
    keras.utils.set_random_seed(7)
    penguins = pd.read_csv("penguins.csv")
    x, y = encode(penguins), encode_kinds(penguins["kind"])
    known = np.where(x["measurements"] < 0, np.nan, x["measurements"])
    centre, factor = np.zeros((4, 4)), np.ones((4, 4))
    for team in (1, 2, 3):
        own = known[x["team"][:, 0] == team]
        centre[team] = np.nanmean(own, axis=0)
        factor[team] = 1 / np.nanstd(own, axis=0)

    inputs = {
        "measurements": keras.Input((4,), name="measurements"),
        "island": keras.Input((1,), dtype="int32", name="island"),
        "team": keras.Input((1,), dtype="int32", name="team"),
    }
    size = layers.Subtract()([inputs["measurements"], by_team(centre)(inputs["team"])])
    size = layers.Multiply()([size, by_team(factor)(inputs["team"])])
    missing = layers.ReLU(max_value=1.0)(layers.Rescaling(-1.0)(inputs["measurements"]))
    size = layers.Multiply()([size, layers.Rescaling(-1.0, offset=1.0)(missing)])  # 0: average
    island = layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")(inputs["island"])
    hidden = layers.Concatenate()([size, missing, island])
    for _ in range(2):
        hidden = layers.Dense(64, activation="relu")(hidden)
    model = keras.Model(inputs, layers.Dense(6, activation="softmax")(hidden))

    rate = keras.optimizers.schedules.CosineDecay(5e-3, EPOCHS * -(-len(y) // BATCH))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


def by_team(values):
    """Return a layer that turns a team's code into its row of values."""
    look_up = keras.Sequential([layers.Embedding(4, 4), layers.Flatten()])
    look_up.build((None, 1))
    look_up.set_weights([values])
    look_up.trainable = False
    return look_up


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
