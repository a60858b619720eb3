"""The public bundle: what a candidate gets of a variant, by allow-list."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from typing import Any

from assay.items.loader import Item
from assay.items.store import zip_bytes
from assay.items.variant import Variant
from assay.messages import Language

MANIFEST = "item.json"
STARTER = "starter.py"
TASK_TEXTS: Mapping[Language, str] = {
    language: f"task.{language.value}.md" for language in Language
}


def bundle_names(item: Item) -> set[str]:
    """Return the names of exactly the files that the bundle of `item` holds."""
    return {*TASK_TEXTS.values(), STARTER, MANIFEST, *item.spec.public_files}


def build_bundle(item: Item, variant: Variant) -> bytes:
    """Return the public bundle as a ZIP file; equal variants give equal bytes.

    Nothing enters but what is named here: the two task texts, the starter, the public
    manifest, and the data files that `item.yaml` declares.

    Args:
        item: The item.
        variant: Drawn from it.

    Raises:
        KeyError: The variant lacks a declared data file (`assay.items.samples` says so kindly).
    """
    members = {
        name: task_text(item, variant, language).encode() for language, name in TASK_TEXTS.items()
    }
    members[STARTER] = item.starter.read_bytes()
    members[MANIFEST] = json.dumps(manifest(item), ensure_ascii=False, indent=2).encode() + b"\n"
    for name in item.spec.public_files:
        members[name] = variant.files[name]
    return zip_bytes(members)


def task_text(item: Item, variant: Variant, language: Language) -> str:
    """Return the task's page in `language` with this variant's numbers filled in."""
    text = (item.folder / TASK_TEXTS[language]).read_text(encoding="utf-8")
    return string.Template(text).safe_substitute(variant.texts.get(language, {}))


def manifest(item: Item) -> dict[str, Any]:
    """Return what `item.json` says: the public part of `item.yaml`, and the item's name."""
    public = {
        "format_version",
        "uuid",
        "category",
        "title",
        "summary",
        "skills",
        "contract",
        "metric",
        "limits",
        "public_files",
    }
    return {"key": item.key, **item.spec.model_dump(mode="json", by_alias=True, include=public)}
