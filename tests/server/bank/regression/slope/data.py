import numpy as np

from assay.items.store import save_arrays
from assay.items.variant import Split, Variant

FACTOR = 3.0


def variant(seed):
    rng = np.random.default_rng(seed)

    def draw(n):
        x = rng.uniform(-1, 1, (n, 1)).astype("float32")
        return x, (FACTOR * x).astype("float32")

    def split():
        x, y = draw(200)
        return Split(inputs={"input": x}, labels=y)

    x, y = draw(50)
    return Variant(
        files={"train.npz": save_arrays({"x": x, "y": y})}, hidden=split(), sealed=split()
    )
