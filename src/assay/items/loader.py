"""From folders to `Bank`, `Item` and `Blueprint`."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import traceback
import types
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from assay.errors import BankError
from assay.items.blueprint import BlueprintYaml, SlotYaml
from assay.items.demands import field_problem, newer_format
from assay.items.errors import (
    DrawFailed,
    DuplicateUuid,
    EmptyPool,
    FieldWrong,
    FileMissing,
    NoBank,
    UnknownItem,
    UnreadableFile,
)
from assay.items.spec import FORMAT_VERSION, Category, ItemYaml
from assay.messages import N_, Words

if TYPE_CHECKING:
    from assay.items.variant import Variant

ENVIRONMENT_VARIABLE = "ASSAY_BANK"
ITEM_YAML = "item.yaml"
BLUEPRINTS = "blueprints"  # the bank's folder that holds no items

_SpecT = TypeVar("_SpecT", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One task family of the bank: a folder that draws variants of itself."""

    key: str  # `category/name`, where it is in the bank
    folder: Path
    spec: ItemYaml

    @property
    def starter(self) -> Path:
        """What the candidate fills in; public."""
        return self.folder / "starter.py"

    @property
    def reference(self) -> Path:
        """A solution that earns all points; private."""
        return self.folder / "reference.py"

    @property
    def wrong(self) -> list[Path]:
        """Naive recipes, in the order of their names; private."""
        return sorted((self.folder / "wrong").glob("*.py"))

    @property
    def recipes(self) -> list[Path]:
        """Fair and competent recipes, in the order of their names; private."""
        return sorted((self.folder / "recipes").glob("*.py"))

    @property
    def source(self) -> Path:
        """The code that draws variants; private."""
        return self.folder / "data.py"

    def draw(self, seed: int) -> Variant:
        """Run the item's `variant(seed)`.

        The code is loaded under a name of its own and leaves no byte code behind, so
        that items do not see each other and the bank may be on a read-only disk.

        Args:
            seed: Any integer from 0; the same seed gives the same variant.

        Returns:
            The variant, as the item's code made it (`assay.items.samples` checks it).

        Raises:
            DrawFailed: The code raised an error or returned something else.
            DataError: A file that it downloads is not to be had, or is another one.
        """
        from assay.items.variant import Variant  # noqa: PLC0415 - a candidate has no NumPy

        name = "assay_item_" + self.key.replace("/", "_")
        module = types.ModuleType(name)
        module.__file__ = str(self.source)
        sys.modules[name] = module  # dataclasses look their module up
        try:
            code = compile(self.source.read_bytes(), self.source, "exec")
            # What it prints is for people: standard output may be a command's JSON.
            with contextlib.redirect_stdout(sys.stderr):
                exec(code, module.__dict__)  # noqa: S102 - the bank is ours
                variant = getattr(module, "variant", None)
                drawn = variant(seed) if callable(variant) else None
        except BankError:
            raise  # it says itself what to do
        except (Exception, SystemExit) as error:
            raise self._draw_failed(seed, self._told(error)) from error
        finally:
            del sys.modules[name]
        if not callable(variant):
            raise self._draw_failed(seed, Words(N_("there is no function variant(seed)")))
        if not isinstance(drawn, Variant):
            kind = type(drawn).__name__
            raise self._draw_failed(seed, Words(N_("variant() returned {kind}"), kind=kind))
        return drawn

    def _told(self, error: BaseException) -> str:
        """Return what an error of the item's code says, and its line there."""
        said = f"{type(error).__name__}: {error}"
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(self.source)]
        if not lines:  # it does not even compile, and says where
            return said
        return Words(N_("line {line}: {error}"), line=lines[-1], error=said)

    def _draw_failed(self, seed: int, received: str) -> DrawFailed:
        return DrawFailed(file=f"{self.key}/data.py", field=str(seed), received=received)


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """An exam's plan."""

    key: str  # the stem of its file's name
    path: Path
    spec: BlueprintYaml


@dataclass(frozen=True, kw_only=True)
class Bank:
    """All items and blueprints of one folder."""

    folder: Path
    items: Mapping[str, Item]  # by `category/name`, sorted
    blueprints: Mapping[str, Blueprint]  # by file stem, sorted

    def item(self, key: str) -> Item:
        """Return the item `key`.

        Raises:
            UnknownItem: The bank has no such item.
        """
        try:
            return self.items[key]
        except KeyError:
            raise UnknownItem(received=key, file=str(self.folder)) from None

    def pool(self, plan: BlueprintYaml, slot: SlotYaml) -> list[str]:
        """Return the items that a slot of an exam may draw, by their keys.

        Args:
            plan: The exam's.
            slot: Of the plan.

        Raises:
            EmptyPool: None of those that the plan names will do.
            UnknownItem: The bank does not have one of them.
        """
        pool = [key for key in slot.pool if self.item(key).spec.offline or not plan.offline_only]
        if not pool:
            raise EmptyPool(file=str(plan.uuid), field=slot.name, received=", ".join(slot.pool))
        return pool


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A bank as far as it can be read, and what could not."""

    bank: Bank
    problems: list[BankError]

    def item(self, key: str) -> Item:
        """Return the item `key`.

        Raises:
            BankError: What is wrong with its `item.yaml`, or that the bank has no such item.
        """
        if key not in self.bank.items:
            for problem in self.problems_of(key):
                raise problem
        return self.bank.item(key)

    def problems_of(self, key: str) -> list[BankError]:
        """Return what is wrong with the `item.yaml` of the item `key`."""
        return [p for p in self.problems if p.params["file"] == f"{key}/{ITEM_YAML}"]


def name_bank(path: Path | None = None) -> Path:
    """Return the bank's folder, whether it is there yet or not.

    Args:
        path: The folder, if somebody named it; else the environment variable
            ASSAY_BANK, else `bank/` of the checkout, else the one in the wheel.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    package = Path(__file__).resolve().parent.parent
    if path is None and named:
        path = Path(named)
    if path is None:
        checkout = package.parent.parent / "bank"
        path = checkout if (checkout / BLUEPRINTS).is_dir() else package / "_bank"
    return path.resolve()


def find_bank(path: Path | None = None) -> Path:
    """Return the bank's folder.

    Args:
        path: The folder, if somebody named it; see `name_bank`.

    Raises:
        NoBank: There is no such folder.
    """
    folder = name_bank(path)
    if not folder.is_dir():
        raise NoBank(file=str(folder))
    return folder


def load_bank(path: Path | None = None) -> Bank:
    """Read all items and blueprints.

    Args:
        path: The bank's folder; see `find_bank`.

    Raises:
        BankError: The first thing that is wrong with a YAML file of the bank.
    """
    scan = scan_bank(path)
    if scan.problems:
        raise scan.problems[0]
    return scan.bank


def scan_bank(path: Path | None = None) -> Scan:
    """Read what can be read and collect what is wrong with the rest.

    Args:
        path: The bank's folder; see `find_bank`.

    Raises:
        NoBank: There is no such folder.
    """
    folder = find_bank(path)
    problems: list[BankError] = []
    items: dict[str, Item] = {}
    for category in Category:
        for item_folder in item_folders(folder / category):
            key = f"{category}/{item_folder.name}"
            name = f"{key}/{ITEM_YAML}"
            item_spec = _read(ItemYaml, item_folder / ITEM_YAML, name, problems)
            if item_spec is None:
                continue
            if item_spec.category != category:
                problems.append(
                    FieldWrong(
                        file=name,
                        field="category",
                        expected=Words(N_("the folder says {category}"), category=category.value),
                        received=item_spec.category,
                    )
                )
            items[key] = Item(key=key, folder=item_folder, spec=item_spec)
    blueprints: dict[str, Blueprint] = {}
    for file in sorted((folder / BLUEPRINTS).glob("*.yaml")):
        spec = _read(BlueprintYaml, file, f"{BLUEPRINTS}/{file.name}", problems)
        if spec is not None:
            blueprints[file.stem] = Blueprint(key=file.stem, path=file, spec=spec)
    problems += _duplicates({f"{key}/{ITEM_YAML}": str(i.spec.uuid) for key, i in items.items()})
    problems += _duplicates(
        {f"{BLUEPRINTS}/{key}.yaml": str(b.spec.uuid) for key, b in blueprints.items()}
    )
    bank = Bank(
        folder=folder, items=MappingProxyType(items), blueprints=MappingProxyType(blueprints)
    )
    return Scan(bank=bank, problems=problems)


def item_folders(folder: Path) -> list[Path]:
    """Return the folders of a category that hold an `item.yaml`.

    One without is not loaded, so that an item can be begun in a bank that is in use;
    `bank check` reports it.
    """
    return sorted(path.parent for path in folder.glob(f"*/{ITEM_YAML}"))


def _duplicates(uuids: Mapping[str, str]) -> list[BankError]:
    first: dict[str, str] = {}
    return [
        DuplicateUuid(file=file, field="uuid", received=uuid, expected=first[uuid])
        for file, uuid in uuids.items()
        if first.setdefault(uuid, file) != file
    ]


class _StrictLoader(yaml.SafeLoader):
    """YAML without the trap of a key that is given twice."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} is given twice", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _read(model: type[_SpecT], path: Path, name: str, problems: list[BankError]) -> _SpecT | None:
    """Return the YAML file `path` as `model`, or None and what is wrong in `problems`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.append(FileMissing(file=name))
        return None
    except (OSError, UnicodeDecodeError) as error:
        problems.append(UnreadableFile(file=name, expected="UTF-8", received=str(error)))
        return None
    try:
        data = yaml.load(text, _StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        received = " ".join(re.sub(r'\s+in "<unicode string>"', "", str(error)).split())
        problems.append(UnreadableFile(file=name, expected="YAML", received=received))
        return None
    newer = newer_format(name, data, FORMAT_VERSION)
    if newer is not None:
        problems.append(newer)
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += [field_problem(name, dict(detail)) for detail in error.errors()]
        return None
