# Scaled weighted sums, with plain gradient descent that is stopped early.

import keras
import pandas as pd
from keras import layers


def solution_model():
    keras.utils.set_random_seed(7)
    rows = pd.read_csv("flowers.csv")
    labels = rows.pop("species").to_numpy()
    x = rows.to_numpy("float32")
    scale = layers.Normalization()
    scale.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            scale,
            layers.Dense(3, activation="softmax", kernel_initializer="zeros"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(0.05),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=8,
    )
    model.fit(x, labels, epochs=12, batch_size=16, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
