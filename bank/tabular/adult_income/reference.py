# One-hot categories, logarithms of what grows by powers, and classes that weigh the same.

import keras
import pandas as pd
from encoder import CATEGORIES, encode, load_codes
from keras import layers

EPOCHS = 6
BATCH = 128


def solution_model():
    keras.utils.set_random_seed(7)
    people = pd.read_csv("people.csv")
    x, y = encode(people), people["above"].to_numpy()
    inputs = {"numbers": keras.Input((5,), name="numbers")}
    inputs |= {name: keras.Input((1,), dtype="int32", name=name) for name in CATEGORIES}

    plain = layers.Normalization()
    plain.adapt(x["numbers"])
    small = keras.ops.log(inputs["numbers"] + 2.0)
    hidden = [plain(inputs["numbers"]), layers.BatchNormalization()(small)]
    for name, names in load_codes().items():
        one_hot = layers.CategoryEncoding(num_tokens=len(names), output_mode="one_hot")
        hidden.append(one_hot(inputs[name]))
    hidden = layers.Dense(64, activation="relu")(layers.Concatenate()(hidden))
    hidden = layers.Dropout(0.2)(hidden)
    hidden = layers.Dense(32, activation="relu")(hidden)
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(hidden))

    rate = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * -(-len(y) // BATCH))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    weights = {0: 0.5 / (1 - y.mean()), 1: 0.5 / y.mean()}
    model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, class_weight=weights, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
