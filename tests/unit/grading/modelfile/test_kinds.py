"""What candidates upload in the place of a model file, and what they are told."""

from __future__ import annotations

import io
import json
import pickle
import zipfile

import numpy as np
import pytest

from assay.grading import refusals
from assay.grading.modelfile import read


def zipped(*names: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 100)
    return memory.getvalue()


def saved(array, save) -> bytes:
    memory = io.BytesIO()
    save(memory, array)
    return memory.getvalue()


MISTAKES = {
    "nothing at all": (b"", refusals.EmptyFile),
    "two bytes": (b"\r\n", refusals.EmptyFile),
    "a Git LFS pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        refusals.GitLfsPointer,
    ),
    "the source code": (
        b"import tensorflow as tf\n\ndef solution_model():\n    return None\n" * 3,
        refusals.TextFile,
    ),
    "Chinese notes": ("训练一个模型，然后保存。".encode() * 20, refusals.TextFile),
    "a log cut inside a character": ("准确率：0.97\n".encode() * 300, refusals.TextFile),
    "a page in the place of a download": (
        b"<!DOCTYPE html><html><body>Sign in</body></html>" * 3,
        refusals.WebPage,
    ),
    "an error in XML": (
        b"\xef\xbb\xbf\n<?xml version='1.0'?><Error>AccessDenied</Error>" * 3,
        refusals.WebPage,
    ),
    "model.to_json()": (
        json.dumps({"class_name": "Sequential", "config": {"layers": []}}).encode() * 2,
        refusals.ArchitectureOnly,
    ),
    "a pickle": (pickle.dumps(list(range(100))), refusals.PickleFile),
    "torch.save(model)": (zipped("model/data.pkl", "model/data/0"), refusals.PyTorchFile),
    "TorchScript": (zipped("m/constants.pkl", "m/code/x.py"), refusals.PyTorchFile),
    "a zipped SavedModel": (
        zipped("mymodel/saved_model.pb", "mymodel/variables/variables.index"),
        refusals.SavedModelFile,
    ),
    "a bare saved_model.pb": (b"\x08\x01\x12\x80\x08" + bytes(range(256)), refusals.SavedModelFile),
    "TensorFlow Lite": (b"\x1c\0\0\0TFL3" + bytes(range(200)), refusals.LiteModelFile),
    "np.save": (saved(np.zeros((9, 9)), np.save), refusals.ArraysOnly),
    "np.savez": (saved(np.zeros((9, 9)), np.savez), refusals.ArraysOnly),
    "a zipped model": (zipped("mymodel.h5"), refusals.PackedFile),
    "an empty ZIP": (zipped(), refusals.DamagedFile),
    "a .tar.gz": (b"\x1f\x8b\x08" + bytes(range(200)), refusals.PackedFile),
    "a .tar": (b"m" * 257 + b"ustar" + bytes(600), refusals.PackedFile),
    "a picture": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(200)), refusals.UnknownFile),
    "zeros, as a full disk leaves them": (bytes(5000), refusals.DamagedFile),
    "protobuf that is no ONNX": (b"\x08\x07" + b"\x7a\x02\x08\x01" * 40, refusals.UnknownFile),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_says_what_was_uploaded_in_the_place_of_a_model(mistake):
    data, refusal = MISTAKES[mistake]

    with pytest.raises(refusal):
        read(data)


def test_it_says_how_small_an_empty_file_is():
    with pytest.raises(refusals.EmptyFile) as caught:
        read(b"\r\n")

    assert "only 2 bytes" in caught.value.render().message
