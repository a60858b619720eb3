# Scaled weighted sums: they cannot see that some growers' wines vary more than others'.

import keras
import pandas as pd
from keras import layers


def solution_model():
    keras.utils.set_random_seed(7)
    rows = pd.read_csv("wines.csv")
    labels = rows.pop("grower").to_numpy()
    x = rows.to_numpy("float32")
    scale = layers.Normalization()
    scale.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((13,)),
            scale,
            layers.Dense(3, activation="softmax", kernel_initializer="zeros"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(0.02),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=8,
    )
    model.fit(x, labels, epochs=15, batch_size=32, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
