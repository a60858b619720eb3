"""A recipe in a fork of a warm Python gives the very weights that it gives in a new one."""

from __future__ import annotations

import sys
from uuid import UUID

import h5py
import numpy as np
import pytest

from assay.items import load_bank
from assay.items.ladder import recipe_of
from assay.items.newitem import make_item
from assay.items.recipes import train
from assay.items.spec import Category
from assay.items.trainers import ColdTrainer, WarmTrainer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.train,
    pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only"),
]


def weights_of(path):
    found = {}

    def keep(name, node):
        if isinstance(node, h5py.Dataset):
            found[name] = node[()]

    with h5py.File(path) as file:
        file["model_weights"].visititems(keep)
    return found


def test_warm_and_cold_training_give_the_same_weights(tmp_path):
    make_item(tmp_path / "bank", Category.CLASSIC, "states", UUID(int=1))
    item = load_bank(tmp_path / "bank").item("classic/states")
    variant, recipe = item.draw(1), recipe_of(item, item.reference)
    weights = []
    for kind in (ColdTrainer, WarmTrainer, WarmTrainer):
        with kind(sys.executable, 1) as trainer:
            folder = tmp_path / f"work-{len(weights)}"
            train(item, variant, recipe, folder, trainer)
            weights.append(weights_of(folder / "mymodel.h5"))

    cold, *warm = weights
    assert cold
    for other in warm:
        assert other.keys() == cold.keys()
        assert all(np.array_equal(other[name], cold[name]) for name in cold)
