# The mean of the words' vectors: spam is told by its words more than by their order.

import keras
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 25
BATCH = 32


def solution_model():
    keras.utils.set_random_seed(7)
    train = pd.read_csv("train.csv", keep_default_na=False)
    x = encode(train["text"].tolist())
    y = train["spam"].to_numpy()
    model = keras.Sequential(
        [
            layers.Input((48,), dtype="int32"),
            layers.Embedding(len(load_vocabulary()), 32),
            layers.GlobalAveragePooling1D(),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    steps = EPOCHS * -(-len(x) // BATCH)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-2, steps)),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
