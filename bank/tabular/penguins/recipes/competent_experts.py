# Three small networks, one for what each team writes, and the code of the team chooses.

import keras
import numpy as np
import pandas as pd
from encoder import encode, encode_kinds
from keras import layers

EPOCHS = 35
BATCH = 128


def solution_model():
    keras.utils.set_random_seed(7)
    penguins = pd.read_csv("penguins.csv")
    x, y = encode(penguins), encode_kinds(penguins["kind"])
    measurements = keras.Input((4,), name="measurements")
    island = keras.Input((1,), dtype="int32", name="island")
    team = keras.Input((1,), dtype="int32", name="team")
    home = layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")(island)
    missing = layers.ReLU(max_value=1.0)(layers.Rescaling(-1.0)(measurements))
    present = layers.Rescaling(-1.0, offset=1.0)(missing)
    answers = []
    for code in (1, 2, 3):
        known = x["measurements"][x["team"][:, 0] == code].astype("float64")
        known[known < 0] = np.nan
        scale = layers.Normalization(
            mean=np.nanmean(known, axis=0), variance=np.nanvar(known, axis=0)
        )
        size = layers.Multiply()([scale(measurements), present])
        hidden = layers.Concatenate()([size, missing, home])
        hidden = layers.Dense(32, activation="tanh")(hidden)
        answers.append(layers.Reshape((1, 6))(layers.Dense(6)(hidden)))
    chosen = layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")(team)
    chosen = layers.Cropping1D((1, 0))(layers.Reshape((4, 1))(chosen))  # no team has the code 0
    logits = layers.Dot(axes=1)([chosen, layers.Concatenate(axis=1)(answers)])
    kinds = layers.Softmax()(layers.Flatten()(logits))
    model = keras.Model({"measurements": measurements, "island": island, "team": team}, kinds)

    rate = keras.optimizers.schedules.CosineDecay(1e-2, EPOCHS * -(-len(y) // BATCH))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
