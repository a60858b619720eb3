# Logarithms, but only a weighted sum of them and of how stretched the orbit is.

import keras
import numpy as np
import pandas as pd
from keras import layers


def solution_model():
    keras.utils.set_random_seed(7)
    moons = pd.read_csv("moons.csv", dtype="float32")
    y = np.log10(moons.pop("period").to_numpy())[:, np.newaxis]
    x = moons.to_numpy()
    moon = keras.Input((3,))
    logs = keras.ops.log10(moon[:, :2])
    scale = layers.Normalization()
    scale.adapt(np.log10(x[:, :2]))
    features = layers.Concatenate()([scale(logs), moon[:, 2:]])
    model = keras.Model(moon, layers.Dense(1)(features))

    steps = 40 * -(-len(x) // 32)
    rate = keras.optimizers.schedules.CosineDecay(3e-2, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse", steps_per_execution=16)
    model.fit(x, y, epochs=40, batch_size=32, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
