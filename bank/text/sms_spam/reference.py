# Which tokens occur at all, by the largest value of each part of their vectors, next to their
# mean; much dropout, since there are few messages to learn from.

import keras
import pandas as pd
from keras import layers
from tokenizer import encode, load_vocabulary

EPOCHS = 15
BATCH = 32


def solution_model():
    keras.utils.set_random_seed(7)
    train = pd.read_csv("train.csv", keep_default_na=False)
    x = encode(train["text"].tolist())
    y = train["spam"].to_numpy()
    ids = keras.Input((48,), dtype="int32")
    words = layers.Embedding(len(load_vocabulary()), 32)(ids)
    words = layers.SpatialDropout1D(0.2)(words)
    phrases = layers.Conv1D(64, 2, padding="same", activation="relu")(words)
    found = [layers.GlobalMaxPooling1D()(phrases), layers.GlobalAveragePooling1D()(words)]
    hidden = layers.Dropout(0.5)(layers.Concatenate()(found))
    model = keras.Model(ids, layers.Dense(1, activation="sigmoid")(hidden))
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
