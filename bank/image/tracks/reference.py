# Pictures from folders, as Keras resizes them, and convolutions with batch normalization. A print
# of the left foot is the mirror image of one of the right foot, so flipping is a good thing here.

import zipfile

import keras
from keras import layers

EPOCHS = 14
BATCH = 32


def load():
    with zipfile.ZipFile("pictures.zip") as pictures:
        pictures.extractall()
    pictures = keras.utils.image_dataset_from_directory(
        "pictures", image_size=(64, 64), batch_size=BATCH, seed=7, verbose=False
    )
    return pictures.cache().shuffle(100, seed=7)


def convolution(filters):
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
    ]


def solution_model():
    keras.utils.set_random_seed(7)
    pictures = load()
    model = keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.RandomFlip("horizontal"),
            *convolution(16),
            *convolution(32),
            *convolution(64),
            *convolution(96),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(4, activation="softmax"),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * len(pictures))
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(pictures, epochs=EPOCHS, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
