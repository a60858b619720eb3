# Scaled as it should be, but small, and trained for half a dozen epochs with the default rate.

import keras
import numpy as np

AT_MOST = 2


def solution_model():
    keras.utils.set_random_seed(7)
    readings = np.loadtxt("readings.csv", delimiter=",", skiprows=1, dtype="float32")
    x, y = readings[:, :1], readings[:, 1:]
    scale = keras.layers.Normalization(axis=None)
    scale.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((1,)),
            scale,
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1),
            keras.layers.Rescaling(float(y.std()), offset=float(y.mean())),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, epochs=6, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
