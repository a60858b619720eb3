# Divides every window by its mean, but then has to put every hour together from nothing.

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

WINDOW = 336
HORIZON = 24
EVERY = 7  # hours between one training window and the next; no divisor of a day
EPOCHS = 12
BATCH = 128


def pairs():
    gates = pd.read_csv("gates.csv", index_col="hour").to_numpy("float32").T
    cut = np.lib.stride_tricks.sliding_window_view(gates, WINDOW + HORIZON, axis=1)[:, ::EVERY]
    cut = cut.reshape(-1, WINDOW + HORIZON)
    return cut[:, :WINDOW, np.newaxis], cut[:, WINDOW:]


def solution_model():
    keras.utils.set_random_seed(7)
    windows, following = pairs()

    window = keras.Input((WINDOW, 1))
    mean = layers.GlobalAveragePooling1D()(window)
    shares = ops.divide(layers.Flatten()(window), ops.add(mean, 1.0))
    hidden = layers.Dense(128, activation="relu")(shares)
    hidden = layers.Dense(64, activation="relu")(hidden)
    model = keras.Model(window, layers.Multiply()([layers.Dense(HORIZON)(hidden), mean]))

    steps = -(-len(windows) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    model.fit(windows, following, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
