"""Making the folder of a new item: one that works, with TODOs for what is to be its own."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

from assay.items.errors import ItemExists, ItemNameWrong
from assay.items.spec import Category

_BLANK = Path(__file__).with_name("blank")
_SUFFIX = ".txt"  # of the templates, so that nobody takes them for programs of ours


def make_item(bank: Path, category: Category, name: str, uuid: UUID) -> list[Path]:
    """Write the files of a new item.

    Args:
        bank: The bank's folder; it is made if need be.
        category: Of the item.
        name: Of its folder.
        uuid: Its identity.

    Returns:
        The files.

    Raises:
        ItemNameWrong: `name` is no name for a folder.
        ItemExists: There is such an item already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ItemNameWrong(received=name)
    folder = bank / category / name
    if folder.exists():
        raise ItemExists(file=f"{category}/{name}")
    written = []
    for template in sorted(_BLANK.rglob(f"*{_SUFFIX}")):
        text = template.read_text(encoding="utf-8")
        for word, value in (("uuid", str(uuid)), ("category", category), ("name", name)):
            text = text.replace(f"@{word}@", value)
        path = folder / template.relative_to(_BLANK).with_suffix("")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
