# Two layers without an activation are a line as well; plain gradient descent.

import keras
import numpy as np


def solution_model():
    keras.utils.set_random_seed(7)
    pairs = np.loadtxt("pairs.csv", delimiter=",", skiprows=1, dtype="float32")
    x, y = pairs[:, :1], pairs[:, 1:]
    middle, spread = float(x.mean()), float(x.std())
    model = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Rescaling(1 / spread, offset=-middle / spread),
            keras.layers.Dense(4),
            keras.layers.Dense(1),
            keras.layers.Rescaling(float(y.std()), offset=float(y.mean())),
        ]
    )
    # The loss is in the unit of y squared; so is the gradient.
    rate = 0.05 / float(y.var())
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse", steps_per_execution=10)
    model.fit(np.tile(x, (10, 1)), np.tile(y, (10, 1)), epochs=40, batch_size=6, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
