# A weighted sum, and one slow epoch.

import keras
import pandas as pd
from keras import layers

AT_MOST = 2


def solution_model():
    keras.utils.set_random_seed(7)
    houses = pd.read_csv("houses.csv", dtype="float32")
    y = houses.pop("demand").to_numpy()[:, None]
    x = houses.to_numpy()
    scale = layers.Normalization()
    scale.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            scale,
            layers.Dense(1, kernel_initializer="zeros"),
            layers.Rescaling(float(y.std()), offset=float(y.mean())),
        ]
    )
    rate = 0.005 / float(y.var())
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
    model.fit(x, y, epochs=1, batch_size=64, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
