from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from assay.items.store import load_inputs, load_labels


@pytest.fixture
def draw(folder, tmp_path):
    """Run the command as the server does."""

    def run(*words, language="en"):
        return subprocess.run(
            [
                *(sys.executable, "-m", "assay.items.draw", *words),
                *("--out", str(tmp_path / "out"), "--bank", str(folder.root)),
            ],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            env={**os.environ, "ASSAY_LANGUAGE": language},
        )

    return run


def test_it_writes_the_bundle_the_splits_and_what_they_hash_to(draw, tmp_path):
    run = draw("regression/line", "--seed", "7")
    out = tmp_path / "out"

    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    report = json.loads((out / "draw.json").read_text())
    assert report["item"] == "regression/line"
    assert report["sha256"] == {
        name: hashlib.sha256((out / name).read_bytes()).hexdigest()
        for name in (
            "bundle.zip",
            "hidden.inputs.npz",
            "hidden.labels.npz",
            "sealed.inputs.npz",
            "sealed.labels.npz",
        )
    }


def test_inputs_and_labels_belong_together(draw, tmp_path):
    draw("regression/line", "--seed", "7")
    out = tmp_path / "out"

    for split in ("hidden", "sealed"):
        inputs = load_inputs((out / f"{split}.inputs.npz").read_bytes())
        labels, _ = load_labels((out / f"{split}.labels.npz").read_bytes())
        np.testing.assert_array_equal(labels, 2 * inputs["x"] - 1)


def test_a_seed_may_be_as_large_as_a_hash(draw):
    assert draw("regression/line", "--seed", str(2**255 + 1)).returncode == 0


def test_an_unknown_item_is_said_and_nothing_is_written(draw, tmp_path):
    run = draw("regression/circle", "--seed", "7")

    assert run.returncode == 1
    assert "There is no item regression/circle" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()


def test_a_variant_that_breaks_its_promises_is_never_written(draw, folder, tmp_path):
    folder.replace("return Variant(", "hidden[:3] = train[:3]\n    return Variant(")

    run = draw("regression/line", "--seed", "7")

    assert run.returncode == 1
    assert "3 samples occur in two of the sets: train, hidden" in run.stderr
    assert not (tmp_path / "out").exists()


def test_code_that_fails_is_said_without_a_traceback(draw, folder):
    folder.replace("    rng = np", "    raise RuntimeError('no ink')\n    rng = np")

    run = draw("regression/line", "--seed", "7")

    assert run.returncode == 1
    assert "RuntimeError: no ink" in run.stderr
    assert "Traceback" not in run.stderr


def test_an_item_that_is_broken_does_not_keep_another_from_being_drawn(draw, folder):
    (folder.root / "regression" / "begun").mkdir()
    (folder.root / "regression" / "begun" / "item.yaml").write_text("format_version: 1\n")

    assert draw("regression/line", "--seed", "7").returncode == 0
    broken = draw("regression/begun", "--seed", "7")
    assert broken.returncode == 1
    assert "regression/begun/item.yaml lacks the field" in broken.stderr
