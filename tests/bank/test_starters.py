"""Every item's starter: it runs as it is, and its last words are what is left to do."""

from __future__ import annotations

import csv
import gzip
import io
import os
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from assay.items.bundle import build_bundle

# What `python starter.py` does, where nothing else of ours can be imported.
RUN_BESIDE = """
import runpy, sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"assay", "sklearn", "statsmodels", "PIL", "django"}:
            raise ModuleNotFoundError(f"a candidate's environment has no {name}", name=name)

sys.meta_path.insert(0, Hidden())
sys.path.insert(0, "")
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def last_words(item, variant, folder):
    """Run the starter beside the public bundle as a candidate does; return its last two lines."""
    with zipfile.ZipFile(io.BytesIO(build_bundle(item, variant))) as bundle:
        bundle.extractall(folder)
    own = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    run = subprocess.run(
        # Isolated: neither our sources nor the user's packages, as in a new environment.
        [sys.executable, "-I", "-c", RUN_BESIDE, "starter.py"],
        cwd=folder,
        env={**own, "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert not (folder / "mymodel.h5").exists()
    return run.stdout.splitlines()[-2:]


def say_what_is_left(lines):
    english, chinese = lines
    return "fill in the TODOs" in english and "TODO" in chinese and "请" in chinese


def test_a_starter_runs_as_it_is_and_ends_with_what_is_left(open_bank, tmp_path):
    item = open_bank.items["regression/curve"]

    assert say_what_is_left(last_words(item, item.draw(5), tmp_path))


@pytest.mark.slow
def test_each_starter_runs_as_it_is_and_ends_with_what_is_left(drawable, tmp_path):
    assert say_what_is_left(last_words(drawable, drawable.draw(5), tmp_path))


# Items whose data may not be here: files of the same format with other content.


def pictures(name, folder):
    """Write 10,000 pictures of noise, or their labels, in the IDX format."""
    rng = np.random.default_rng(1)
    if "images" in name:
        head, numbers = struct.pack(">HBB3I", 0, 8, 3, 10_000, 28, 28), rng.bytes(10_000 * 784)
    else:
        head, numbers = struct.pack(">HBBI", 0, 8, 1, 10_000), bytes(i % 10 for i in range(10_000))
    path = folder / name
    path.write_bytes(gzip.compress(head + numbers, compresslevel=1))
    return path


def headlines(name, folder):
    """Write 24,000 headlines of made-up words, every other one sarcastic."""
    rng = np.random.default_rng(1)
    words = [a + b + c for a in "bdfgklm" for b in "aeiou" for c in ("", "nta", "r", "lom", "sh")]
    words = [word + end for word in words for end in ("", "s", "ed", "ing", "er", "est")]
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["article_url", "article_title", "is_sarcastic", "lang", "title_length"])
        for number, chosen in enumerate(rng.integers(len(words), size=(24_000, 9))):
            title = " ".join(words[index] for index in chosen)
            writer.writerow(["-", title, number % 2, "en", len(title)])
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "stand_in"), [("classic/fashion_mnist", pictures), ("text/news_sarcasm", headlines)]
)
def test_so_does_one_whose_data_are_not_here(
    open_bank, source_of, monkeypatch, tmp_path, key, stand_in
):
    source = source_of(key)
    monkeypatch.setattr(source, "fetch", lambda _folder, name: stand_in(name, tmp_path))
    folder = tmp_path / "bundle"

    lines = last_words(open_bank.items[key], source.variant(5), folder)

    assert say_what_is_left(lines)
