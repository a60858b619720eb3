from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay.messages import Language
from assay.wire import Slot
from assay.workspace import EnvironmentKind, Manifest, Workspace, can_become_workspace
from assay.workspace.atomic import write_atomically
from assay.workspace.errors import (
    DamagedWorkspace,
    FolderTaken,
    NewerWorkspace,
    NoSuchSlot,
    NotAWorkspace,
    OtherSitting,
    WhichSlot,
)


@pytest.fixture
def record() -> Manifest:
    return Manifest(
        server="https://exam.example.org",
        sitting="s1",
        exam="developer",
        title="ML Developer",
        language=Language.ENGLISH,
        slots=tuple(Slot(name=f"Category{n}", title=f"T{n}", weight=50) for n in (1, 2)),
        requirements=("numpy>=2",),
    )


@pytest.fixture
def workspace(tmp_path: Path, record: Manifest) -> Workspace:
    return Workspace.create(tmp_path / "exam", record)


def test_it_is_found_from_anywhere_inside(workspace: Workspace):
    deep = workspace.root / "Category1" / "data" / "deeper"
    deep.mkdir(parents=True)

    assert Workspace.find(deep) == workspace


def test_outside_there_is_none(tmp_path: Path):
    with pytest.raises(NotAWorkspace):
        Workspace.find(tmp_path)


def test_a_servers_data_folder_of_the_same_name_is_no_exam_folder(tmp_path: Path):
    (tmp_path / ".assay" / "files").mkdir(parents=True)
    with pytest.raises(NotAWorkspace):
        Workspace.find(tmp_path)

    assert not can_become_workspace(tmp_path)


def test_making_it_twice_is_making_it_once(workspace: Workspace, record: Manifest):
    assert Workspace.create(workspace.root, record) == workspace


def test_the_environment_kind_is_remembered(workspace: Workspace, record: Manifest):
    own = record.model_copy(update={"environment": EnvironmentKind.OWN})
    workspace.with_manifest(own)

    assert Workspace.find(workspace.root).manifest == own


def test_another_sitting_does_not_get_the_folder(workspace: Workspace, record: Manifest):
    with pytest.raises(OtherSitting):
        Workspace.create(workspace.root, record.model_copy(update={"sitting": "s2"}))


def test_a_folder_with_other_things_in_it_is_taken(tmp_path: Path, record: Manifest):
    (tmp_path / "notes.txt").write_text("…")
    with pytest.raises(FolderTaken):
        Workspace.create(tmp_path, record)


def test_a_file_is_no_folder(tmp_path: Path, record: Manifest):
    (tmp_path / "exam").write_text("…")
    with pytest.raises(FolderTaken):
        Workspace.create(tmp_path / "exam", record)


def test_what_an_interrupted_start_leaves_is_no_hindrance(tmp_path: Path, record: Manifest):
    (tmp_path / ".assay" / "sealed").mkdir(parents=True)

    assert Workspace.create(tmp_path, record).root == tmp_path


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format_version": 1}', '{"format_version": "x"}']
)
def test_a_damaged_record_is_named(workspace: Workspace, text: str):
    path = workspace.root / ".assay" / "workspace.json"
    path.write_text(text)
    with pytest.raises(DamagedWorkspace) as caught:
        Workspace.find(workspace.root)

    assert str(path) in str(caught.value)


def test_a_newer_record_asks_to_upgrade_first(workspace: Workspace):
    path = workspace.root / ".assay" / "workspace.json"
    path.write_text('{"format_version": 2, "whatever": true}')
    with pytest.raises(NewerWorkspace, match="Upgrade first"):
        Workspace.find(workspace.root)


def test_fields_of_a_newer_minor_version_are_ignored(workspace: Workspace):
    path = workspace.root / ".assay" / "workspace.json"
    path.write_text(path.read_text().replace("{", '{"added_later": 1,', 1))

    assert Workspace.find(workspace.root) == workspace


@pytest.mark.parametrize("given", ["2", "Category2", "category2", "Category2/", " 2 "])
def test_a_slot_has_many_names(workspace: Workspace, given: str):
    assert workspace.slot_named(given, place=workspace.root, command="submit") == "Category2"


@pytest.mark.parametrize("given", ["0", "3", "", "Category", "two"])
def test_others_are_refused(workspace: Workspace, given: str):
    with pytest.raises(NoSuchSlot):
        workspace.slot_named(given, place=workspace.root, command="submit")


def test_without_a_name_the_folder_says_it(workspace: Workspace):
    inside = workspace.root / "Category1" / "data"

    assert workspace.slot_named(None, place=inside, command="submit") == "Category1"


def test_without_a_name_and_outside_it_cannot_be_known(workspace: Workspace, tmp_path: Path):
    for place in (workspace.root, tmp_path):
        with pytest.raises(WhichSlot):
            workspace.slot_named(None, place=place, command="submit")


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "file"
    path.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
