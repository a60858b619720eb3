# Scales both ends inside the model; one unit is a line.

import keras
import numpy as np


def solution_model():
    keras.utils.set_random_seed(7)
    pairs = np.loadtxt("pairs.csv", delimiter=",", skiprows=1, dtype="float32")
    x, y = pairs[:, :1], pairs[:, 1:]
    scale = keras.layers.Normalization(axis=None)
    scale.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((1,)),
            scale,
            keras.layers.Dense(1),
            keras.layers.Rescaling(float(y.std()), offset=float(y.mean())),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse", steps_per_execution=10)
    model.fit(np.tile(x, (10, 1)), np.tile(y, (10, 1)), epochs=40, batch_size=6, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
