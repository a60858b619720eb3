# A net of ordinary size on the raw numbers of the file.

import keras
import pandas as pd
from keras import layers

AT_MOST = 2


def solution_model():
    keras.utils.set_random_seed(7)
    houses = pd.read_csv("houses.csv", dtype="float32")
    y = houses.pop("demand").to_numpy()[:, None]
    x = houses.to_numpy()
    model = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, epochs=2, batch_size=64, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
