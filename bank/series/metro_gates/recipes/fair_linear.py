# A linear forecast without a bias: blind to growth, but each hour goes by fixed weights.

import keras
import numpy as np
import pandas as pd
from keras import layers

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
    hours = layers.Rescaling(1 / 1000)(layers.Flatten()(window))
    hours = layers.Dense(HORIZON, use_bias=False)(hours)
    model = keras.Model(window, layers.Rescaling(1000)(hours))

    steps = -(-len(windows) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    model.fit(windows, following, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
