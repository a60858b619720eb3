# A linear model: no hidden layer, however well it is scaled.

import keras
import numpy as np

AT_MOST = 1


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
            keras.layers.Dense(1),
            keras.layers.Rescaling(float(y.std()), offset=float(y.mean())),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
    model.fit(x, y, epochs=60, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
