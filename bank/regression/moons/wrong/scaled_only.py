# Scaled, but not bent: nearly all moons lie in one corner of the numbers.

import keras
import numpy as np
import pandas as pd
from keras import layers

AT_MOST = 3


def solution_model():
    keras.utils.set_random_seed(7)
    moons = pd.read_csv("moons.csv", dtype="float32")
    y = np.log10(moons.pop("period").to_numpy())[:, np.newaxis]
    x = moons.to_numpy()
    scale = layers.Normalization()
    scale.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            scale,
            layers.Dense(32, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse", steps_per_execution=16)
    model.fit(x, y, epochs=10, batch_size=32, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
