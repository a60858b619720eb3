from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assay.wire import Bundle
from assay.workspace.bundles import is_complete, unpack, unseal
from assay.workspace.errors import BundleDamaged

KEY = bytes(range(32))


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name, text in files.items():
            out.writestr(name, text)
    return buffer.getvalue()


def seal(plain: bytes, key: bytes = KEY, about: bytes | None = None) -> bytes:
    nonce = os.urandom(12)
    about = hashlib.sha256(plain).digest() if about is None else about
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def opened(sealed: bytes, plain: bytes, key: bytes = KEY) -> bytes:
    return unseal(
        sealed,
        key=base64.b64encode(key).decode(),
        plain_sha256=hashlib.sha256(plain).hexdigest(),
        slot="Category1",
    )


def test_the_key_opens_the_bundle():
    assert opened(seal(b"the zip"), b"the zip") == b"the zip"


def test_another_key_does_not():
    with pytest.raises(BundleDamaged):
        opened(seal(b"the zip"), b"the zip", key=bytes(32))


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_one_changed_byte_is_noticed(place: int):
    sealed = bytearray(seal(b"the zip"))
    sealed[place] ^= 1
    with pytest.raises(BundleDamaged):
        opened(bytes(sealed), b"the zip")


def test_the_bundle_of_another_task_is_noticed():
    with pytest.raises(BundleDamaged):
        opened(seal(b"another zip"), b"the zip")


@pytest.mark.parametrize("sealed", [b"", b"short"])
def test_a_cut_bundle_is_noticed(sealed: bytes):
    with pytest.raises(BundleDamaged):
        opened(sealed, b"the zip")


def test_a_key_that_is_no_base64_is_noticed():
    with pytest.raises(BundleDamaged):
        unseal(seal(b"x"), key="?", plain_sha256=hashlib.sha256(b"x").hexdigest(), slot="Category1")


def test_files_are_laid_out(tmp_path: Path):
    written = unpack(archive(**{"starter.py": "a", "data/train.csv": "b"}), tmp_path, slot="C")

    assert (tmp_path / "data" / "train.csv").read_text() == "b"
    assert sorted(written) == [tmp_path / "data" / "train.csv", tmp_path / "starter.py"]


def test_what_is_there_is_left_alone(tmp_path: Path):
    (tmp_path / "starter.py").write_text("mine")
    written = unpack(archive(**{"starter.py": "theirs", "new": "b"}), tmp_path, slot="C")

    assert (tmp_path / "starter.py").read_text() == "mine"
    assert written == [tmp_path / "new"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "a/../../evil",
        "C:evil",
        "a\\evil",
        ".ssh/keys",
        "nul.txt",
        "x ",
        "a?",
    ],
)
def test_a_place_outside_of_the_folder_is_refused_and_nothing_is_written(tmp_path: Path, name: str):
    folder = tmp_path / "Category1"
    with pytest.raises(BundleDamaged):
        unpack(archive(**{"good": "a", name: "b"}), folder, slot="C")

    assert not folder.exists()


def test_what_is_no_zip_is_refused(tmp_path: Path):
    with pytest.raises(BundleDamaged):
        unpack(b"not a zip", tmp_path, slot="C")


def test_a_download_is_complete_only_with_the_right_bytes(tmp_path: Path):
    path = tmp_path / "bundle"
    bundle = Bundle(url="/", sha256=hashlib.sha256(b"abc").hexdigest(), plain_sha256="", size=3)
    states = []
    for content in (None, b"ab", b"abd", b"abc"):
        if content is not None:
            path.write_bytes(content)
        states.append(is_complete(path, bundle))

    assert states == [False, False, False, True]
