# Scaled weighted sums of the pixels, for one epoch.

import keras
import numpy as np
from keras import layers

AT_MOST = 3


def solution_model():
    keras.utils.set_random_seed(7)
    train = np.load("train.npz")
    images, labels = train["images"].astype("float32"), train["shelves"]
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.SGD(0.02), loss="sparse_categorical_crossentropy")
    model.fit(images, labels, epochs=1, batch_size=64, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
