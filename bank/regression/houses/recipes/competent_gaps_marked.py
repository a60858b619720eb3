# Tells the network where the gaps are, and lets blocks correct what the ones before said.

import keras
import pandas as pd
from keras import layers


def solution_model():
    keras.utils.set_random_seed(7)
    houses = pd.read_csv("houses.csv", dtype="float32")
    y = houses.pop("demand").to_numpy()[:, None]
    x = houses.to_numpy()
    house = keras.Input((8,))
    scale = layers.Normalization()
    scale.adapt(x)
    unknown = layers.ReLU()(layers.Rescaling(-1.0)(house))  # 1 where there is -1, else 0
    state = layers.Dense(64)(layers.Concatenate()([scale(house), unknown]))
    for _ in range(2):
        inner = layers.Dense(64, activation="swish")(state)
        state = layers.Add()([state, layers.Dense(64)(inner)])
    demand = layers.Dense(1)(layers.Activation("swish")(state))
    demand = layers.Rescaling(float(y.std()), offset=float(y.mean()))(demand)
    model = keras.Model(house, demand)

    steps = 25 * -(-len(x) // 64)
    rate = keras.optimizers.schedules.CosineDecay(4e-3, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
    model.fit(x, y, epochs=25, batch_size=64, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
