from __future__ import annotations

import io
import time
import zipfile

import numpy as np
import pytest

from assay.items.store import (
    load_arrays,
    load_inputs,
    load_labels,
    load_split,
    save_arrays,
    save_inputs,
    save_labels,
    save_split,
)
from assay.items.variant import Split


@pytest.fixture
def split() -> Split:
    rng = np.random.default_rng(0)
    return Split(
        inputs={
            "image": rng.uniform(size=(5, 4, 4)).astype(np.float32),
            "tokens": rng.integers(0, 9, (5, 7)).astype(np.int32),
        },
        labels=rng.uniform(size=(5, 2)).astype(np.float32),
        baseline=rng.uniform(size=(5, 2)).astype(np.float32),
    )


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and np.array_equal(one, other)


def test_a_split_survives_being_saved(split):
    loaded = load_split(save_split(split))

    assert all(same(loaded.inputs[name], split.inputs[name]) for name in split.inputs)
    assert same(loaded.labels, split.labels)
    assert same(loaded.baseline, split.baseline)


def test_inputs_and_labels_go_into_files_of_their_own(split):
    inputs, labels = save_inputs(split), save_labels(split)

    assert set(load_inputs(inputs)) == {"image", "tokens"}
    assert set(load_arrays(labels)) == {"labels", "baseline"}
    assert not {"labels", "baseline"} & set(load_arrays(inputs))


def test_a_split_without_a_baseline_has_none(split):
    labels, baseline = load_labels(save_labels(Split(inputs=split.inputs, labels=split.labels)))

    assert same(labels, split.labels)
    assert baseline is None


def test_equal_splits_give_equal_bytes_at_any_time_of_day(split, monkeypatch):
    first = save_split(split)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)

    assert save_split(split) == first


def test_the_order_of_arrays_does_not_matter():
    x, y = np.arange(3), np.arange(4.0)

    assert save_arrays({"x": x, "y": y}) == save_arrays({"y": y, "x": x})


def test_numpy_reads_what_is_saved():
    data = save_arrays({"x": np.arange(6).reshape(2, 3).T})

    assert np.load(io.BytesIO(data))["x"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_it_saves_no_python_objects():
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        save_arrays({"x": np.array([{}])})


def test_it_loads_no_python_objects():
    file = io.BytesIO()
    np.savez(file, x=np.array([{}]))

    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_arrays(file.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip file"])
def test_it_refuses_what_is_no_npz(data):
    with pytest.raises(ValueError, match=r"npz|pickle"):
        load_arrays(data)


def test_members_have_no_date_of_their_own(split):
    with zipfile.ZipFile(io.BytesIO(save_split(split))) as file:
        dates = {info.date_time for info in file.infolist()}

    assert dates == {(1980, 1, 1, 0, 0, 0)}
