"""Making the folder of a new item: one that works, with TODOs for what is to be its own."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

from assay.items.errors import ItemExists, ItemNameWrong
from assay.items.spec import Category
from assay.messages import N_, Language, translate

_BLANK = Path(__file__).with_name("blank")
_SUFFIX = ".txt"  # of the templates, so that nobody takes them for programs of ours

# What the templates say to an author, who gets it in a language of choice. What they say to a
# candidate is there in both languages.
HINTS = (
    N_(", for authors"),
    N_("What is asked"),
    N_("in one sentence, and what a beginner gets wrong"),
    N_("What a variant draws"),
    N_("what differs between two sittings, and why an answer that leaks is worth little"),
    N_("Why these cuts"),
    N_("what each recipe reached, on how many seeds"),
    N_("## Certainty"),
    N_("5,000 samples in each of the hidden and the sealed set."),
    N_("are they independent of each other, and what is the standard error at the cuts?"),
    N_("What its fame is worth"),
    N_("what can be looked up, and what would it help?"),
    N_("What a model of another variant is worth"),
    N_("its points; if it earns 5, why that is acceptable (`transfer` in item.yaml says it, too)"),
    N_("say what this draws, and from what."),
    N_("replace all of this. It is a task that works, to begin with:"),
    N_(
        "which of three states a machine is in, "
        "by how far four readings are from a point that is drawn."
    ),
    N_("Return readings `(n, 4)` and states `(n,)`, all three about equally frequent."),
    N_("Every field: docs/authors/item-format.en.md"),
    N_("the identifiers of the skill checklist that the item asks for."),
    N_("what goes into the model and what must come out."),
    N_("choose the cuts by what the recipes reach; docs/authors/calibration.en.md says how."),
    N_("another architecture than the reference's that is as good."),
    N_("what is missing here? Here: enough units for most of it, and little training."),
    N_("what is the idea of this solution?"),
    N_(
        "which mistake is this? Here: no hidden layer, so that only straight lines part the states."
    ),
    N_("what a beginner would write"),
    N_("which mistake is this? Here: a hidden layer of two units."),
)


def make_item(
    bank: Path, category: Category, name: str, uuid: UUID, language: Language = Language.ENGLISH
) -> list[Path]:
    """Write the files of a new item.

    Args:
        bank: The bank's folder; it is made if need be.
        category: Of the item.
        name: Of its folder.
        uuid: Its identity.
        language: The author's, for comments and the README.

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
        for hint in HINTS:
            text = text.replace(hint, translate(hint, language))
        for word, value in (("uuid", str(uuid)), ("category", category), ("name", name)):
            text = text.replace(f"@{word}@", value)
        path = folder / template.relative_to(_BLANK).with_suffix("")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
