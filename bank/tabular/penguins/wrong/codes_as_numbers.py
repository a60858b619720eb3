# Everything in one row of raw numbers, the codes too.

import keras
import pandas as pd
from encoder import encode, encode_kinds
from keras import layers

AT_MOST = 2


def solution_model():
    keras.utils.set_random_seed(7)
    penguins = pd.read_csv("penguins.csv")
    x, y = encode(penguins), encode_kinds(penguins["kind"])
    measurements = keras.Input((4,), name="measurements")
    island = keras.Input((1,), dtype="int32", name="island")
    team = keras.Input((1,), dtype="int32", name="team")
    codes = [layers.Rescaling(1.0)(code) for code in (island, team)]
    hidden = layers.Concatenate()([measurements, *codes])
    hidden = layers.Dense(32, activation="relu")(hidden)
    kinds = layers.Dense(6, activation="softmax")(hidden)
    model = keras.Model({"measurements": measurements, "island": island, "team": team}, kinds)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=10, batch_size=64, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
