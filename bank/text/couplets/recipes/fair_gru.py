# A GRU from character to character, stopped after one epoch.

import keras
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 1
BATCH = 128


def load():
    train = pd.read_csv("train.csv")
    x = encode(train["text"].tolist())
    y = train["swapped"].to_numpy()
    return x, y


def solution_model():
    keras.utils.set_random_seed(7)
    x, y = load()
    model = keras.Sequential(
        [
            layers.Input((20,), dtype="int32"),
            layers.Embedding(len(load_vocabulary()), 16),
            layers.GRU(32),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, steps)),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
