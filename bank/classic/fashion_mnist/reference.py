# A small convolutional network, and a rate that runs out.

import keras
import numpy as np
from keras import layers


def solution_model():
    keras.utils.set_random_seed(7)
    train = np.load("train.npz")
    images, labels = train["images"].astype("float32"), train["shelves"]
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(16, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, 8 * 79)),
        loss="sparse_categorical_crossentropy",
    )
    model.fit(images, labels, epochs=8, batch_size=64, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
