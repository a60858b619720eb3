# Three convolutions with batch normalization and a learning rate that falls to nothing.

import keras
import numpy as np
from keras import layers

EPOCHS = 12
BATCH = 96


def convolution(filters):
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
    ]


def solution_model():
    keras.utils.set_random_seed(7)
    with np.load("train.npz") as train:
        images, labels = train["images"].astype("float32"), train["labels"]

    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            *convolution(16),
            *convolution(32),
            *convolution(64),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * -(-len(images) // BATCH))
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(images, labels, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
