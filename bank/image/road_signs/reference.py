# Three convolutions with batch normalisation, photographs shifted at random while training.
# No flips: a sign and its mirror image are two signs.

import keras
import numpy as np
from keras import layers

EPOCHS = 10
BATCH = 64


def block(filters):
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
    ]


def solution_model():
    keras.utils.set_random_seed(7)
    with np.load("train.npz") as train:
        x, y = train["images"].astype("float32"), train["labels"]
    model = keras.Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.RandomTranslation(0.06, 0.06),
            layers.Rescaling(1 / 127.5, offset=-1),
            *block(24),
            *block(48),
            *block(96),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(8, activation="softmax"),
        ]
    )
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
