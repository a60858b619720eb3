"""The candidate's exam folder: where it is, what it belongs to, what is in it.

my-exam/
  README.md            what to do, in the candidate's language
  Category1/ …         task.en.md, task.zh-CN.md, item.json, data, starter.py, mymodel.h5
  .venv/               the environment with the pinned framework
  .assay/
    workspace.json     see `assay.workspace.manifest`
    sealed/            the sealed bundles, as downloaded
  .vscode/  .idea/     run and submit with one click
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from assay.messages import Language
from assay.wire import Bundle
from assay.workspace import bundles, manifest
from assay.workspace.errors import (
    BundleDamaged,
    FolderTaken,
    NoSuchSlot,
    NotAWorkspace,
    OtherSitting,
    WhichSlot,
)
from assay.workspace.manifest import Manifest
from assay.workspace.paths import tidy

STATE = ".assay"
# What editors, version control and file managers leave in a folder that is empty to its owner.
_NOT_CONTENT = {".idea", ".vscode", ".git", ".gitignore", ".DS_Store", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One exam folder."""

    root: Path  # absolute
    manifest: Manifest

    @classmethod
    def find(cls, start: Path) -> Workspace:
        """Return the exam folder that `start` is in, however deep.

        Raises:
            NotAWorkspace: Neither `start` nor a folder above it is one.
            NewerWorkspace: It was made by a newer Assay.
            DamagedWorkspace: Its record cannot be read.
        """
        start = start.absolute()
        for folder in (start, *start.parents):
            path = folder / STATE / "workspace.json"
            if path.is_file():
                return cls(root=folder, manifest=manifest.read(path))
        raise NotAWorkspace(folder=str(start))

    @classmethod
    def create(cls, root: Path, record: Manifest) -> Workspace:
        """Make an exam folder at `root`, or return the one of the same sitting that is there.

        Raises:
            FolderTaken: `root` holds something else.
            OtherSitting: `root` is the exam folder of another sitting.
            NewerWorkspace: `root` was made by a newer Assay.
            DamagedWorkspace: Its record cannot be read.
        """
        root = root.absolute()
        path = root / STATE / "workspace.json"
        if path.is_file():
            workspace = cls(root=root, manifest=manifest.read(path))
            workspace.check_sitting(record.sitting)
            return workspace.with_manifest(record)
        if not can_become_workspace(root):
            raise FolderTaken(folder=str(root))
        manifest.write(path, record)
        return cls(root=root, manifest=record)

    def with_manifest(self, record: Manifest) -> Workspace:
        """Return the workspace with `record` as its manifest, written if it differs."""
        if record != self.manifest:
            manifest.write(self.root / STATE / "workspace.json", record)
        return replace(self, manifest=record)

    def check_sitting(self, sitting: str) -> None:
        """Raise `OtherSitting` unless the folder belongs to `sitting`."""
        if self.manifest.sitting != sitting:
            raise OtherSitting(
                folder=str(self.root), exam=self.manifest.title, sitting=self.manifest.sitting
            )

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the exam's slots, which are also those of the folders."""
        return tuple(slot.name for slot in self.manifest.slots)

    @property
    def environment(self) -> Path:
        """The folder of the environment that Assay makes."""
        return self.root / ".venv"

    def slot_folder(self, slot: str) -> Path:
        """Return the folder of a slot's task."""
        return self.root / slot

    def slot_at(self, place: Path) -> str | None:
        """Return the slot whose folder `place` is in, or None."""
        try:
            inside = tidy(place).relative_to(self.root)
        except ValueError:
            return None
        return inside.parts[0] if inside.parts and inside.parts[0] in self.slots else None

    def slot_named(self, given: str | None, *, place: Path, command: str) -> str:
        """Return the slot that a person means.

        Args:
            given: A number (`2`) or a name (`Category2`, in any case), or None for
                the slot whose folder `place` is in.
            place: Where the person is.
            command: For the remedy, if the slot cannot be known.

        Raises:
            NoSuchSlot: The exam has no such slot.
            WhichSlot: Nothing was given, and `place` is in no slot's folder.
        """
        if given is None:
            slot = self.slot_at(place)
            if slot is None:
                raise WhichSlot(expected=", ".join(self.slots), command=command)
            return slot
        return slot_among(self.slots, given)

    def task_text(self, slot: str, language: Language) -> str:
        """Return the Markdown of a slot's task.

        Raises:
            BundleDamaged: The text is missing, as before Start.
        """
        folder = self.slot_folder(slot)
        for choice in (language, Language.ENGLISH, Language.CHINESE):
            path = folder / f"task.{choice}.md"
            if path.is_file():
                return path.read_text(encoding="utf-8")
        raise BundleDamaged(slot=slot)

    def sealed(self, slot: str) -> Path:
        """Return the path of a slot's sealed bundle, as downloaded."""
        return self.root / STATE / "sealed" / f"{slot}.bundle"

    def has_bundle(self, slot: str, bundle: Bundle) -> bool:
        """Return whether the slot's sealed bundle is here, whole and unchanged."""
        return bundles.is_complete(self.sealed(slot), bundle)

    def open_bundle(self, slot: str, bundle: Bundle, key: str) -> list[Path]:
        """Unpack a slot's sealed bundle into its folder; return the files that were new.

        Raises:
            BundleDamaged: The bundle is missing, changed, or names a place outside.
        """
        path = self.sealed(slot)
        if not path.is_file():
            raise BundleDamaged(slot=slot)
        archive = bundles.unseal(
            path.read_bytes(), key=key, plain_sha256=bundle.plain_sha256, slot=slot
        )
        return bundles.unpack(archive, self.slot_folder(slot), slot=slot)


def slot_among(slots: tuple[str, ...], given: str) -> str:
    """Return the one of `slots` that `given` (a number or a name) means.

    Raises:
        NoSuchSlot: None of them.
    """
    wanted = given.strip().rstrip("/\\").lower()
    for slot in slots:
        if wanted in {slot.lower(), slot.lower().removeprefix("category")}:
            return slot
    raise NoSuchSlot(received=given, expected=", ".join(slots))


def can_become_workspace(folder: Path) -> bool:
    """Return whether an exam folder can be made at `folder`: there is nothing of value in it."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    names = {entry.name for entry in folder.iterdir()} - _NOT_CONTENT
    # A start that was interrupted at once leaves the state folder and nothing of weight in it.
    begun = {entry.name for entry in (folder / STATE).iterdir()} if STATE in names else set()
    return names <= {STATE} and begun <= {"sealed"}
