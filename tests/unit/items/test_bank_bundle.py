from __future__ import annotations

import io
import json
import zipfile

import pytest

from assay.items.bundle import build_bundle


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_it_holds_exactly_what_is_public(folder):
    item = folder.load()

    members = opened(build_bundle(item, item.draw(1)))

    assert sorted(members) == [
        "item.json",
        "starter.py",
        "task.en.md",
        "task.zh-CN.md",
        "train.npz",
    ]


def test_the_task_has_this_variant_s_numbers_in_both_languages(folder):
    item = folder.load()

    members = opened(build_bundle(item, item.draw(1)))

    assert "There are 200 points." in members["task.en.md"].decode()
    assert "共有 200 个点。" in members["task.zh-CN.md"].decode()


def test_the_manifest_says_what_a_candidate_may_know_and_no_more(folder):
    item = folder.load()

    manifest = json.loads(opened(build_bundle(item, item.draw(1)))["item.json"])

    assert manifest["key"] == "regression/line"
    assert manifest["title"]["zh-CN"] == "一条直线"
    assert manifest["contract"]["inputs"][0]["shape"] == [1]
    assert manifest["metric"] == {"name": "mae", "cuts": [9, 6, 3, 1, 0.1]}
    assert manifest["limits"]["parameters"] == 1000
    assert manifest["skills"] == ["building.training"]
    assert not {"seed", "hidden_size", "data"} & manifest.keys()


def test_the_same_seed_gives_the_same_bytes(folder):
    item = folder.load()

    assert build_bundle(item, item.draw(1)) == build_bundle(item, item.draw(1))


def test_nothing_private_is_in_it_even_if_somebody_puts_it_into_the_folder(folder):
    folder.write("secret.txt", "42")
    folder.write("assets/secret.txt", "42")
    folder.write("calibration.json", "{}")
    item = folder.load()

    members = opened(build_bundle(item, item.draw(1)))

    assert not {"secret.txt", "calibration.json", "data.py", "reference.py"} & members.keys()
    assert b"42" not in members.values()


def test_a_file_that_the_item_does_not_declare_stays_out(folder):
    folder.replace('files={"train.npz"', 'files={"answers.txt": b"2", "train.npz"')
    item = folder.load()

    assert "answers.txt" not in opened(build_bundle(item, item.draw(1)))


def test_a_declared_file_that_is_not_drawn_is_an_error(folder):
    folder.write_spec(public_files=["train.npz", "more.npz"])
    item = folder.load()

    with pytest.raises(KeyError, match=r"more\.npz"):
        build_bundle(item, item.draw(1))
