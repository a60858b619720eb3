"""HDF5 files that are damaged, incomplete, or traps."""

from __future__ import annotations

import io
import json

import h5py
import numpy as np
import pytest

from assay.grading import refusals
from assay.grading.modelfile import read
from assay.grading.modelfile.writing import h5_file, layer, sequential

CONFIG = sequential([layer("Dense", "dense", units=1)], (1,))
WEIGHTS = {"dense": {"kernel": [[2.0]], "bias": [1.0]}}
GOOD = h5_file(CONFIG, WEIGHTS)
KERNEL = "model_weights/dense/dense/kernel"


def altered(change, **options) -> bytes:
    """Return the good file after `change(file)`."""
    memory = io.BytesIO(GOOD)
    with h5py.File(memory, "r+", **options) as file:
        change(file)
    return memory.getvalue()


def replaced(make):
    """Return the good file with another kernel, made by `make(file)`."""

    def change(file):
        del file[KERNEL]
        make(file)

    return altered(change)


def test_it_reads_a_good_file():
    graph = read(GOOD)

    assert graph.kind == "keras-h5"
    assert graph.parameters == 2


@pytest.mark.parametrize("kept", [0.1, 0.3, 0.6, 0.95])
def test_it_says_that_an_upload_was_cut_short(kept):
    with pytest.raises(refusals.DamagedFile):
        read(GOOD[: int(len(GOOD) * kept)])


def test_it_says_that_a_file_holds_only_weights():
    def change(file):
        del file.attrs["model_config"]

    with pytest.raises(refusals.WeightsOnly):
        read(altered(change))


def test_it_says_that_a_file_holds_only_weights_in_the_new_format():
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        file["layers/dense/vars/0"] = np.ones((1, 1))

    with pytest.raises(refusals.WeightsOnly):
        read(memory.getvalue())


def test_it_reads_compressed_weights():
    def make(file):
        file.create_dataset(
            KERNEL, data=[[2.0]], chunks=True, compression="gzip", shuffle=True, fletcher32=True
        )

    assert read(replaced(make)).parameters == 2


def test_it_reads_names_that_are_spread_over_attributes():
    def change(file):
        group = file["model_weights/dense"]
        names = list(group.attrs["weight_names"])
        del group.attrs["weight_names"]
        group.attrs["weight_names0"], group.attrs["weight_names1"] = names[:1], names[1:]

    assert read(altered(change)).parameters == 2


def link_out(file):
    file[KERNEL] = h5py.ExternalLink("/etc/passwd", "/")


def link_soft(file):
    file[KERNEL] = h5py.SoftLink("/model_weights/dense/dense/bias")


def store_elsewhere(file):
    file.create_dataset(KERNEL, (1, 1), "f4", external=[("/etc/passwd", 0, 4)])


def make_virtual(file):
    layout = h5py.VirtualLayout((1, 1), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (1, 1))
    file.create_virtual_dataset(KERNEL, layout)


def make_texts(file):
    file.create_dataset(KERNEL, data=np.array([["x"]], object), dtype=h5py.string_dtype())


def declare_much(file):
    file.create_dataset(KERNEL, (2**20, 2**20), "f4", chunks=(1024, 1024))


def filter_oddly(file):
    file.create_dataset(KERNEL, data=[[2.0]], chunks=True, compression="lzf")


@pytest.mark.parametrize(
    "trap",
    [
        link_out,
        link_soft,
        store_elsewhere,
        make_virtual,
        make_texts,
        declare_much,
        filter_oddly,
    ],
)
def test_it_refuses_traps(trap):
    with pytest.raises(refusals.SuspiciousFile):
        read(replaced(trap))


def test_a_group_that_contains_itself_does_no_harm():
    def change(file):
        file["model_weights/dense/again"] = file["model_weights"]

    assert read(altered(change)).parameters == 2


def test_it_says_which_weights_have_another_shape():
    wrong = {"dense": {"kernel": [[2.0], [3.0]], "bias": [1.0]}}

    with pytest.raises(refusals.ShapesDoNotFit) as caught:
        read(h5_file(CONFIG, wrong))

    assert caught.value.params["layer"] == "dense"


def test_it_says_how_many_arrays_a_layer_needs():
    with pytest.raises(refusals.WeightsDoNotFit) as caught:
        read(h5_file(CONFIG, {"dense": {"kernel": [[2.0]]}}))

    assert caught.value.params == {
        "layer": "dense",
        "expected": "2 arrays",
        "received": "1 arrays",
    }


def test_it_refuses_a_configuration_that_is_no_json():
    def change(file):
        file.attrs["model_config"] = "{'class_name': 'Sequential'}"

    with pytest.raises(refusals.DamagedFile):
        read(altered(change))


def test_it_never_looks_at_the_optimizer():
    def change(file):
        file["optimizer_weights"] = h5py.ExternalLink("/etc/passwd", "/")
        file.attrs["training_config"] = json.dumps({"optimizer_config": {"class_name": "Evil"}})

    assert read(altered(change)).parameters == 2
