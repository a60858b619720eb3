from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay.workspace import models
from assay.workspace.errors import ModelFileTooLarge, NoModelFile


def put(path: Path, seconds: int) -> Path:
    path.write_bytes(b"12345")
    os.utime(path, (seconds, seconds))
    return path


def test_the_newest_is_meant(tmp_path: Path):
    put(tmp_path / "mymodel.h5", 1)
    put(tmp_path / "mymodel.keras", 3)
    put(tmp_path / "mymodel.onnx", 2)
    found = models.find(tmp_path)

    assert found.path.name == "mymodel.keras"
    assert found.passed_over == ("mymodel.h5", "mymodel.onnx")


def test_other_files_are_not_meant(tmp_path: Path):
    put(tmp_path / "best.h5", 1)
    with pytest.raises(NoModelFile):
        models.find(tmp_path)


def test_a_model_older_than_the_starter_is_told(tmp_path: Path):
    put(tmp_path / "mymodel.h5", 1)
    put(tmp_path / "starter.py", 2)

    assert models.find(tmp_path).is_older_than_starter


def test_a_fresh_model_is_fresh(tmp_path: Path):
    put(tmp_path / "starter.py", 1)
    put(tmp_path / "mymodel.h5", 2)

    assert not models.find(tmp_path).is_older_than_starter


def test_a_file_from_elsewhere_is_held_against_the_tasks_starter(tmp_path: Path):
    put(tmp_path / "starter.py", 5)
    elsewhere = tmp_path / "downloads"
    elsewhere.mkdir()
    file = put(elsewhere / "colab.h5", 2)

    assert models.given(file, folder=tmp_path).is_older_than_starter


def test_a_named_file_must_exist(tmp_path: Path):
    with pytest.raises(NoModelFile, match=r"nothing\.h5"):
        models.given(tmp_path / "nothing.h5", folder=None)


def test_the_limit_is_inclusive(tmp_path: Path):
    put(tmp_path / "mymodel.h5", 1)
    file = models.find(tmp_path)
    models.check_size(file, 5)
    with pytest.raises(ModelFileTooLarge):
        models.check_size(file, 4)
