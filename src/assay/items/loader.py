"""From folders to `Bank`, `Item` and `Blueprint`."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from assay.errors import BankError
from assay.items.errors import (
    DrawFailed,
    DuplicateUuid,
    EmptyPool,
    FieldMissing,
    FieldUnknown,
    FieldWrong,
    FileMissing,
    NewerFormat,
    NoBank,
    UnknownItem,
    UnreadableFile,
)
from assay.items.spec import FORMAT_VERSION, BlueprintYaml, Category, ItemYaml, SlotYaml
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
            exec(code, module.__dict__)  # noqa: S102 - the bank is ours
            drawn = module.variant(seed)
        except BankError:
            raise  # it says itself what to do
        except Exception as error:
            raise self._draw_failed(seed, f"{type(error).__name__}: {error}") from error
        finally:
            del sys.modules[name]
        if not isinstance(drawn, Variant):
            raise self._draw_failed(seed, f"variant() returned {type(drawn).__name__}")
        return drawn

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


def find_bank(path: Path | None = None) -> Path:
    """Return the bank's folder.

    Args:
        path: The folder, if somebody named it; else the environment variable
            ASSAY_BANK, else `bank/` of the checkout, else the one in the wheel.

    Raises:
        NoBank: There is no such folder.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    package = Path(__file__).resolve().parent.parent
    if path is None and named:
        path = Path(named)
    if path is None:
        checkout = package.parent.parent / "bank"
        path = checkout if (checkout / BLUEPRINTS).is_dir() else package / "_bank"
    if not path.is_dir():
        raise NoBank(file=str(path))
    return path.resolve()


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
        received = " ".join(str(error).split())
        problems.append(UnreadableFile(file=name, expected="YAML", received=received))
        return None
    if isinstance(data, dict):
        version = data.get("format_version")
        if isinstance(version, int) and version > FORMAT_VERSION:
            problems.append(
                NewerFormat(
                    file=name, field="format_version", expected=FORMAT_VERSION, received=version
                )
            )
            return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += [_field_problem(name, dict(detail)) for detail in error.errors()]
        return None


def _field_problem(file: str, detail: dict[str, Any]) -> BankError:
    field = ".".join(str(part) for part in detail["loc"]) or Words(N_("(the whole file)"))
    if detail["type"] == "missing":
        return FieldMissing(file=file, field=field, expected="a value", received="nothing")
    received = _short(detail["input"])
    if detail["type"] == "extra_forbidden":
        return FieldUnknown(file=file, field=field, expected="no such field", received=received)
    return FieldWrong(file=file, field=field, expected=_demand(detail), received=received)


# What Pydantic demands, in our words; what is not here is said in its own.
_DEMANDS = {
    "string_type": N_("a text is needed"),
    "string_too_short": N_("a text is needed that is not empty"),
    "string_pattern_mismatch": N_("a text is needed that fits {pattern}"),
    "int_type": N_("a whole number is needed"),
    "int_parsing": N_("a whole number is needed"),
    "int_from_float": N_("a whole number is needed"),
    "float_type": N_("a number is needed"),
    "float_parsing": N_("a number is needed"),
    "bool_type": N_("true or false is needed"),
    "bool_parsing": N_("true or false is needed"),
    "list_type": N_("a list is needed"),
    "too_short": N_("a list with at least {min_length} entries is needed"),
    "too_long": N_("a list with at most {max_length} entries is needed"),
    "model_type": N_("fields are needed, each with its name"),
    "model_attributes_type": N_("fields are needed, each with its name"),
    "literal_error": N_("one of these is needed: {expected}"),
    "enum": N_("one of these is needed: {expected}"),
    "greater_than": N_("a number above {gt} is needed"),
    "greater_than_equal": N_("a number from {ge} is needed"),
    "less_than_equal": N_("a number up to {le} is needed"),
    "uuid_parsing": N_("a UUID is needed"),
    "uuid_type": N_("a UUID is needed"),
}


def _demand(detail: dict[str, Any]) -> str:
    context = detail.get("ctx", {})
    told = context.get("error")
    if isinstance(told, ValueError) and told.args and isinstance(told.args[0], Words):
        return told.args[0]
    if detail["type"] in _DEMANDS:
        known = {name: value for name, value in context.items() if name != "error"}
        return Words(_DEMANDS[detail["type"]], **known)
    return str(detail["msg"]).removeprefix("Value error, ")


def _short(value: object, length: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= length else text[: length - 1] + "…"
