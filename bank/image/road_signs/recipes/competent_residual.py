# Residual blocks on half the size, and AdamW.

import keras
import numpy as np
from keras import layers

EPOCHS = 12
BATCH = 96


def block(x, filters):
    short = layers.Conv2D(filters, 1, use_bias=False)(x)
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.Activation("elu")(layers.BatchNormalization()(x))
    return layers.MaxPooling2D()(layers.Add()([x, short]))


def solution_model():
    keras.utils.set_random_seed(7)
    with np.load("train.npz") as train:
        images, labels = train["images"].astype("float32"), train["labels"]

    picture = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(picture)
    x = layers.Conv2D(20, 5, strides=2, padding="same", activation="elu")(x)
    for filters in (40, 64, 96):
        x = block(x, filters)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    model = keras.Model(picture, layers.Dense(10, activation="softmax")(x))
    rate = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * -(-len(images) // BATCH))
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=2e-3),
        loss="sparse_categorical_crossentropy",
    )
    model.fit(images, labels, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
