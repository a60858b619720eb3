# Scaled down much too far, so that the default rate crawls.

import keras
import pandas as pd
from keras import layers

AT_MOST = 2


def solution_model():
    keras.utils.set_random_seed(7)
    rows = pd.read_csv("wines.csv")
    labels = rows.pop("grower").to_numpy()
    x = rows.to_numpy("float32")
    model = keras.Sequential(
        [
            keras.Input((13,)),
            layers.Rescaling(1 / 10000),
            layers.Dense(3, activation="softmax", kernel_initializer="zeros"),
        ]
    )
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", steps_per_execution=8)
    model.fit(x, labels, epochs=5, batch_size=32, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
