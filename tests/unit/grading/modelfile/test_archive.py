"""`.keras` archives that are damaged, or traps."""

from __future__ import annotations

import io
import stat
import zipfile

import numpy as np
import pytest

from assay.grading import refusals
from assay.grading.modelfile import archive, read
from assay.grading.modelfile.writing import keras_file, layer, sequential

CONFIG = sequential([layer("Dense", "dense", units=1)], (1,))
GOOD = keras_file(CONFIG, {"layers/dense": [np.ones((1, 1)), np.zeros(1)]})


def members(data: bytes = GOOD) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(contents, **options) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", **options) as opened:
        for name, content in contents:
            opened.writestr(name, content)
    return memory.getvalue()


def test_it_reads_a_good_archive():
    graph = read(GOOD)

    assert graph.kind == "keras"
    assert graph.framework == "keras 3.15.0"
    assert graph.parameters == 2


def test_it_reads_a_compressed_archive():
    data = packed(members().items(), compression=zipfile.ZIP_DEFLATED)

    assert read(data).parameters == 2


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_it_says_that_an_upload_was_cut_short(kept):
    with pytest.raises(refusals.DamagedFile):
        read(GOOD[: int(len(GOOD) * kept)])


def test_it_notices_a_changed_byte():
    position = GOOD.index(b"\x89HDF") + 4000
    data = GOOD[:position] + bytes([GOOD[position] ^ 1]) + GOOD[position + 1 :]

    with pytest.raises(refusals.DamagedFile):
        read(data)


@pytest.mark.parametrize(
    "name",
    ["../model.weights.h5", "/etc/passwd", "C:\\windows", "a/../../b", "evil.py", "assets/../x"],
)
def test_it_refuses_a_member_that_does_not_belong_there(name):
    with pytest.raises(refusals.SuspiciousFile):
        read(packed([*members().items(), (name, b"x")]))


def test_it_refuses_a_symbolic_link():
    link = zipfile.ZipInfo("assets/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    with pytest.raises(refusals.SuspiciousFile):
        read(packed([*members().items(), (link, b"/etc/passwd")]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_it_refuses_a_member_twice():
    contents = list(members().items())

    with pytest.raises(refusals.SuspiciousFile):
        read(packed([*contents, contents[0]]))


def test_it_refuses_a_zip_bomb():
    bomb = members() | {"config.json": b" " * 300_000_000}

    with pytest.raises(refusals.SuspiciousFile):
        archive.unpack(
            packed(bomb.items(), compression=zipfile.ZIP_DEFLATED), byte_budget=100_000_000
        )


def test_it_does_not_believe_a_size_that_is_not_true():
    data = bytearray(packed(members().items()))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (2**31 - 1).to_bytes(4, "little")

    with pytest.raises((refusals.SuspiciousFile, refusals.DamagedFile)):
        read(bytes(data))


def test_it_says_that_weights_are_missing():
    contents = members()
    del contents["model.weights.h5"]

    with pytest.raises(refusals.WeightsMissing):
        read(packed(contents.items()))


def test_it_names_the_layer_whose_weights_are_missing():
    with pytest.raises(refusals.WeightsMissing) as caught:
        read(keras_file(CONFIG, {"layers/other": [np.ones(1)]}))

    assert caught.value.params == {"layer": "dense"}


def test_assets_are_left_alone():
    data = packed([*members().items(), ("assets/vocabulary.txt", b"the\n")])

    assert read(data).parameters == 2
