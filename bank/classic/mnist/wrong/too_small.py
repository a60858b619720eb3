# Scaled down much too far, so that the default rate crawls.

import keras
import numpy as np
from keras import layers

AT_MOST = 1


def solution_model():
    keras.utils.set_random_seed(7)
    train = np.load("train.npz")
    images, labels = train["images"].astype("float32"), train["chutes"]
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 65025),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
    model.fit(images, labels, epochs=1, batch_size=64, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
