"""What Pydantic demands of a value, in words that are translated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assay.errors import BankError
from assay.items.errors import FieldMissing, FieldsDisagree, FieldUnknown, FieldWrong, NewerFormat
from assay.messages import N_, Words


def field_problem(file: str, detail: Mapping[str, Any]) -> BankError:
    """Return what is wrong with a field of a YAML file.

    Args:
        file: Relative to the bank.
        detail: One of `ValidationError.errors()`.
    """
    field = ".".join(str(part) for part in detail["loc"]) or Words(N_("(the whole file)"))
    if detail["type"] == "missing":
        return FieldMissing(file=file, field=field, expected="a value", received="nothing")
    received = Words(N_("nothing")) if detail["input"] is None else _short(detail["input"])
    if detail["type"] == "extra_forbidden":
        return FieldUnknown(file=file, field=field, expected="no such field", received=received)
    if not detail["loc"] and detail["type"] == "value_error":  # no use in quoting all of it
        return FieldsDisagree(file=file, field=field, expected=demand(detail), received=received)
    return FieldWrong(file=file, field=field, expected=demand(detail), received=received)


def newer_format(file: str, content: object, known: int) -> NewerFormat | None:
    """Return the error of a file that a newer Assay wrote, None for any other.

    Args:
        file: Relative to the bank.
        content: What was read from it; its `format_version` counts, if it has one.
        known: The newest version that can be read.
    """
    version = content.get("format_version") if isinstance(content, dict) else None
    if not isinstance(version, int) or version <= known:
        return None
    return NewerFormat(file=file, field="format_version", expected=known, received=version)


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


def demand(detail: Mapping[str, Any]) -> str:
    """Return what a value must be, in our words where there are some.

    Args:
        detail: One of `ValidationError.errors()`.
    """
    context = detail.get("ctx", {})
    told = context.get("error")
    if isinstance(told, ValueError) and told.args and isinstance(told.args[0], Words):
        return told.args[0]
    if detail["type"].startswith("model_") and context.get("class_name") == "Text":
        return Words(N_("a text in both languages is needed: `en` and `zh-CN`"))
    if listed := re.search(r"is not one of (.*?)\.?$", detail["msg"]):  # a command's choice
        return Words(_DEMANDS["enum"], expected=listed.group(1))
    if detail["type"] in {"literal_error", "enum"}:
        context = {"expected": context["expected"].replace(" or ", ", ")}
    if detail["type"] in _DEMANDS:
        known = {name: value for name, value in context.items() if name != "error"}
        return Words(_DEMANDS[detail["type"]], **known)
    return str(detail["msg"]).removeprefix("Value error, ")


def _short(value: object, length: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= length else text[: length - 1] + "…"
