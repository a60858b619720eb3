from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from assay.items import scan_bank
from assay.items.preview import ROWS, Form, draw_preview, form_of, parts_of
from assay.items.store import save_arrays
from assay.items.variant import Split, Variant


def variant(files=None, **changes):
    x = np.zeros((200, 1), np.float32)
    split = Split(inputs={"x": x}, labels=x)
    return Variant(**{"files": files or {}, "hidden": split, "sealed": split, **changes})


def pictures():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, size in (("cat/1.png", (20, 30)), ("dog/2.png", (9, 9))):
            image = io.BytesIO()
            Image.new("RGB", size, "red").save(image, "png")
            file.writestr(name, image.getvalue())
    return buffer.getvalue()


def test_arrays_are_shown_with_shape_type_and_a_few_rows():
    (part,) = parts_of(variant({"train.npz": save_arrays({"x": np.arange(40).reshape(20, 2)})}))

    assert (part.name, part.kind) == ("train.npz: x", "(20, 2) int64")
    assert part.rows[:2] == (("[0 1]",), ("[2 3]",))
    assert len(part.rows) == ROWS


def test_tables_are_shown_with_their_columns():
    (part,) = parts_of(variant({"train.csv": "字,label\n床前明月光,1\n".encode()}))

    assert (part.kind, part.head, part.rows) == (
        "1 × 2",
        ("字", "label"),
        (("床前明月光", "1"),),
    )


def test_texts_archives_and_anything_else_are_told():
    files = {"notes.txt": b"one\ntwo\n", "train.zip": pictures(), "x.bin": b"123"}

    kinds = {part.name: part.kind for part in parts_of(variant(files))}

    assert kinds["notes.txt"] == "2 lines"
    assert kinds["train.zip"].startswith("2 files")
    assert kinds["x.bin"] == "3 bytes"


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((1,), "float32"),
        ((4,), "float32"),
        ((28, 28), "float32"),
        ((32, 32, 3), "float32"),
        ((100, 2), "float32"),
        ((48,), "int32"),
    ],
)
def test_samples_of_every_form_are_drawn(folder, shape, dtype):
    samples = np.random.default_rng(1).uniform(0, 9, (50, *shape)).astype(dtype)
    files = {"train.csv": "text,label\n床前明月光,1\n".encode()}

    picture = draw_preview(folder.load(), variant(files, train={"x": samples}))

    assert picture.startswith(b"\x89PNG")


def test_pictures_in_an_archive_are_drawn(folder):
    assert draw_preview(folder.load(), variant({"train.zip": pictures()})).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("category", "shape", "dtype", "form"),
    [
        ("image", (28, 28), "float32", Form.IMAGES),
        ("series", (30, 1), "float32", Form.CURVES),
        ("series", (30,), "float32", Form.CURVES),
        ("classic", (30,), "float32", Form.SPREADS),
        ("regression", (1,), "float32", Form.POINTS),
        ("regression", (3,), "float32", Form.SPREADS),
        ("text", (48,), "int32", Form.TEXTS),
    ],
)
def test_samples_are_drawn_as_what_they_are(folder, category, shape, dtype, form):
    folder.write_spec(category=category)
    item = scan_bank(folder.root).bank.item("regression/line")

    assert form_of(item, np.ones((50, *shape), dtype), np.ones(50)) is form


def test_the_labels_of_a_table_are_drawn_over_its_only_feature(folder, monkeypatch):
    drawn = []
    monkeypatch.setattr("matplotlib.axes.Axes.plot", lambda _, *xy, **_how: drawn.extend(xy[:2]))
    x = np.array([[1.0], [2.0]], np.float32)

    draw_preview(folder.load(), variant({"t.csv": b"x,y\n1,5\n2,7.5\n"}, train={"x": x}))

    assert [list(values) for values in drawn] == [[1, 2], [5, 7.5]]


def test_features_are_called_as_in_their_table(folder, monkeypatch):
    titles = []
    monkeypatch.setattr(
        "matplotlib.axes.Axes.set_title", lambda _, title, **_how: titles.append(title)
    )
    x = np.ones((2, 3), np.float32)

    draw_preview(folder.load(), variant({"t.csv": b"ash,hue,wine,label\n"}, train={"x": x}))
    draw_preview(folder.load(), variant({"t.csv": b"ash,hue\n"}, train={"x": x}))

    assert titles == ["ash", "hue", "wine", "[0]", "[1]", "[2]"]
