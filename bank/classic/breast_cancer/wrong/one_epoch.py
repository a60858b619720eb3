# Scaled, and one slow epoch of a weighted sum.

import keras
import pandas as pd
from keras import layers

AT_MOST = 3


def solution_model():
    keras.utils.set_random_seed(7)
    rows = pd.read_csv("samples.csv")
    labels = rows.pop("malignant").to_numpy("float32")[:, None]
    x = rows.to_numpy("float32")
    scale = layers.Normalization()
    scale.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((30,)),
            scale,
            layers.Dense(1, activation="sigmoid", kernel_initializer="zeros"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(0.002), loss="binary_crossentropy", steps_per_execution=8
    )
    model.fit(x, labels, epochs=1, batch_size=32, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
