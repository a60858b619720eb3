# One small layer on the numbers as they come, a few epochs.

import keras
import numpy as np
import pandas as pd
from keras import layers

WINDOW = 30
AT_MOST = 3


def windows_of(record):
    cut = np.lib.stride_tricks.sliding_window_view(record, WINDOW + 1)
    return cut[:, :WINDOW, np.newaxis], cut[:, WINDOW:]


def solution_model():
    keras.utils.set_random_seed(7)
    suns = pd.read_csv("suns.csv", index_col="year")
    pairs = [windows_of(suns[name].to_numpy()) for name in suns]
    windows = np.concatenate([w for w, _ in pairs]).astype("float32")
    following = np.concatenate([f for _, f in pairs]).astype("float32")

    window = keras.Input((WINDOW, 1))
    hidden = layers.Dense(16, activation="relu")(layers.Flatten()(window))
    forecast = layers.Dense(1)(hidden)
    model = keras.Model(window, forecast)

    model.compile(optimizer="adam", loss="mse")
    model.fit(windows, following, epochs=8, batch_size=128, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
