# Convolutions with batch normalization, and the photographs moved, turned and lit anew in every
# epoch: there are few of them, and the people to be read are others.

import keras
import numpy as np
from keras import layers

EPOCHS = 30
BATCH = 32


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
            keras.Input((100, 100, 3)),
            layers.AveragePooling2D(2),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.RandomTranslation(0.08, 0.08, fill_mode="nearest"),
            layers.RandomRotation(0.06, fill_mode="nearest"),
            layers.RandomZoom(0.12, fill_mode="nearest"),
            *convolution(24),
            *convolution(48),
            *convolution(64),
            *convolution(96),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(10, activation="softmax"),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * -(-len(images) // BATCH))
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
