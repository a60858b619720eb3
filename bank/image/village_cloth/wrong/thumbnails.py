# Pictures made small first, to train faster: the threads are gone before anybody looks.

import keras
import numpy as np
from keras import layers

AT_MOST = 2


def solution_model():
    keras.utils.set_random_seed(7)
    with np.load("train.npz") as train:
        images, labels = train["images"].astype("float32"), train["labels"]

    model = keras.Sequential(
        [
            keras.Input((48, 48, 3)),
            layers.Rescaling(1 / 255),
            layers.AveragePooling2D(6),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(6, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(images, labels, epochs=10, batch_size=64, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
