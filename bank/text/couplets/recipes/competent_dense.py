# A small vector for each character, the twenty side by side; the places of a card are fixed.

import keras
import numpy as np
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 8
BATCH = 128


def load():
    train = pd.read_csv("train.csv")
    x = encode(train["text"].tolist())
    y = train["swapped"].to_numpy()
    other = x.reshape(-1, 2, 2, 5)[:, :, ::-1].reshape(-1, 20)
    return np.concatenate([x, other]), np.concatenate([y, 1 - y])


def solution_model():
    keras.utils.set_random_seed(7)
    x, y = load()
    model = keras.Sequential(
        [
            layers.Input((20,), dtype="int32"),
            layers.Embedding(len(load_vocabulary()), 8),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(64, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, steps)),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
