"""The practice server runs in a folder of its own, and is told things from the candidate's."""

from __future__ import annotations

from assay.cli.practiceserver import for_elsewhere


def test_folders_that_are_named_from_here_are_found_from_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    told = for_elsewhere({"ASSAY_BANK": "my-bank", "ASSAY_DATA_CACHE": "/var/cache", "HOME": "me"})

    assert told == {
        "ASSAY_BANK": str(tmp_path / "my-bank"),
        "ASSAY_DATA_CACHE": "/var/cache",
        "HOME": "me",
    }


def test_addresses_and_what_is_not_named_stay_as_they_are():
    environment = {"ASSAY_DATA_MIRROR": "https://mirror.example.org/data", "ASSAY_BANK": ""}

    assert for_elsewhere(environment) == environment
