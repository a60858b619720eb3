# Residual blocks on half the size, and AdamW.

import zipfile

import keras
from keras import layers

EPOCHS = 14


def load():
    with zipfile.ZipFile("pictures.zip") as pictures:
        pictures.extractall()
    pictures = keras.utils.image_dataset_from_directory(
        "pictures", image_size=(64, 64), batch_size=32, seed=7, verbose=False
    )
    return pictures.cache().shuffle(100, seed=7)


def block(x, filters):
    short = layers.Conv2D(filters, 1, use_bias=False)(x)
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.Activation("elu")(layers.BatchNormalization()(x))
    return layers.MaxPooling2D()(layers.Add()([x, short]))


def solution_model():
    keras.utils.set_random_seed(7)
    pictures = load()
    picture = keras.Input((64, 64, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(picture)
    x = layers.RandomFlip("horizontal")(x)
    x = layers.Conv2D(16, 5, strides=2, padding="same", activation="elu")(x)
    for filters in (24, 48, 64):
        x = block(x, filters)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    model = keras.Model(picture, layers.Dense(4, activation="softmax")(x))
    rate = keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * len(pictures))
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-3),
        loss="sparse_categorical_crossentropy",
    )
    model.fit(pictures, epochs=EPOCHS, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
