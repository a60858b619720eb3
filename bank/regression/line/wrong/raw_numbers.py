# One unit, but nothing scaled: the default rate crawls.

import keras
import numpy as np

AT_MOST = 1


def solution_model():
    keras.utils.set_random_seed(7)
    pairs = np.loadtxt("pairs.csv", delimiter=",", skiprows=1, dtype="float32")
    x, y = pairs[:, :1], pairs[:, 1:]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, epochs=50, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
