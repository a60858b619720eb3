# A net of ordinary size on the raw numbers of the file.

import keras
import numpy as np

AT_MOST = 3


def solution_model():
    keras.utils.set_random_seed(7)
    readings = np.loadtxt("readings.csv", delimiter=",", skiprows=1, dtype="float32")
    x, y = readings[:, :1], readings[:, 1:]
    model = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, epochs=100, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
