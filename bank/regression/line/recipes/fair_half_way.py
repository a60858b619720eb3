# The right model, stopped half way.

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
            keras.layers.Dense(1, kernel_initializer="zeros"),
            keras.layers.Rescaling(float(y.std()), offset=float(y.mean())),
        ]
    )
    rate = 0.1 / float(y.var())
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
    model.fit(x, y, epochs=15, batch_size=6, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
