"""Keep the pages about the item format in step with the code that reads it.

    python tools/item_format_page.py write | check

Writes `docs/authors/item-format.en.md` and `docs/authors/item-format.zh-CN.md`, or fails when
they are stale. English descriptions of fields are the docstrings in `assay/items/spec.py` and
`assay/items/blueprint.py`; the Chinese ones are in `item_format_words.py` beside this file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from assay.items.blueprint import BlueprintYaml
from assay.items.check import OPTIONAL, REQUIRED, WRONG_RECIPES
from assay.items.skills import GROUPS, SKILLS
from assay.items.sources import CEILING, FRAMEWORKS, MODEL_FILE
from assay.items.spec import FORMAT_VERSION, ItemYaml, MetricName, Text
from assay.messages import Language
from assay.wire import TOP_POINTS

sys.path.insert(0, str(Path(__file__).resolve().parent))
from item_format_words import FIELDS, FILES, METRICS, MODELS, PROSE, WORDS

ROOT = Path(__file__).resolve().parent.parent
RECIPES = ("wrong/*.py", "recipes/fair*.py", "recipes/competent*.py")


def page_of(language: Language, root: Path = ROOT) -> Path:
    """Return where the page in `language` is kept."""
    return root / "docs" / "authors" / f"item-format.{language}.md"


def page(language: Language) -> str:
    """Return the page in `language`, as Markdown."""
    names = {
        "version": FORMAT_VERSION,
        "model_file": MODEL_FILE,
        "frameworks": ", ".join(f"`{name}`" for name in FRAMEWORKS),
        "ceiling": CEILING,
        "wrong": WRONG_RECIPES,
        "top": TOP_POINTS,
    }
    parts = {
        "files": _files(language),
        "item": _models(ItemYaml, language),
        "metrics": _metrics(language),
        "blueprint": _models(BlueprintYaml, language),
        "skills": _skills(language),
    }
    return PROSE[language].format(**names, **parts)


def stale() -> list[Path]:
    """Return the pages that are not what the code says."""
    return [
        path
        for language in Language
        if not (path := page_of(language)).is_file()
        or path.read_text(encoding="utf-8") != page(language)
    ]


def untranslated() -> list[str]:
    """Return the fields and models that have no Chinese words, and words without a field."""
    models = [*_paths(ItemYaml), *_paths(BlueprintYaml)]
    fields = {
        f"{model.__name__}.{info.alias or name}"
        for model in models
        for name, info in model.model_fields.items()
    }
    return sorted(fields ^ FIELDS.keys()) + sorted({m.__name__ for m in models} ^ MODELS.keys())


def _files(language: Language) -> str:
    rows = [
        (f"`{name}`", FILES[name][language]) for name in (*REQUIRED, *RECIPES, *OPTIONAL, "assets/")
    ]
    return _table([WORDS["file"][language], WORDS["meaning"][language]], rows)


def _metrics(language: Language) -> str:
    rows = [(f"`{name}`", METRICS[name][language]) for name in MetricName]
    return _table([WORDS["name"][language], WORDS["meaning"][language]], rows)


def _skills(language: Language) -> str:
    rows = []
    for group in GROUPS.values():
        rows.append((f"**{group.title(language)}**", ""))
        rows += [
            (skill.title(language), f"`{skill.id}`")
            for skill in SKILLS.values()
            if skill.group == group.id
        ]
    return _table([WORDS["skill"][language], WORDS["identifier"][language]], rows)


def _models(root: type[BaseModel], language: Language) -> str:
    """Return a table for `root`, and one for each model that its fields hold."""
    return "\n\n".join(
        f"{_heading(model, path, language)}\n\n{_fields(model, language)}"
        for model, path in _paths(root).items()
    )


def _heading(model: type[BaseModel], path: str, language: Language) -> str:
    title = (model.__doc__ or "").strip().split("\n")[0].rstrip(".")
    if language is Language.CHINESE:
        title = MODELS[model.__name__]
    colon = {Language.ENGLISH: ": ", Language.CHINESE: "："}[language]
    return f"### `{path}`{colon}{title}" if path else f"{title}{WORDS['stop'][language]}"


def _fields(model: type[BaseModel], language: Language) -> str:
    schema = model.model_json_schema(by_alias=True)
    rows = []
    for name, info in model.model_fields.items():
        key = info.alias or name
        english = " ".join((info.description or "").split())
        description = english if language is Language.ENGLISH else FIELDS[f"{model.__name__}.{key}"]
        node = schema["properties"][key]
        kind = " ".join(_kind(node, schema, language))
        if key in schema.get("required", []):
            need = WORDS["required"][language]
        else:
            need = WORDS["default"][language].format(_plain(node.get("default")))
        rows.append((f"`{key}`", kind, need, description))
    head = [WORDS[word][language] for word in ("field", "type", "need", "meaning")]
    return _table(head, rows)


def _kind(node: Mapping[str, Any], schema: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Yield the words for a JSON schema's type and its limits."""
    node = _resolved(node, schema)
    if "anyOf" in node:
        options = [" ".join(_kind(option, schema, language)) for option in node["anyOf"]]
        yield WORDS["or"][language].join(options)
        return
    if "const" in node:
        yield f"`{node['const']}`"
        return
    if "enum" in node:
        yield WORDS["or"][language].join(f"`{value}`" for value in node["enum"])
        return
    if node["type"] == "array":
        inner = " ".join(_kind(node["items"], schema, language))
        yield WORDS["list"][language].format(inner)
    else:
        yield WORDS.get(node.get("format", ""), WORDS[node["type"]])[language]
    for limit, word in _LIMITS.items():
        if limit in node and not (limit == "minLength" and node[limit] == 1):
            yield word.format(node[limit])


_LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "pattern": "`{}`",
}


def _resolved(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in node:
        return node
    name = node["$ref"].rsplit("/", 1)[-1]
    found: dict[str, Any] = schema["$defs"][name]
    if found["type"] == "object":
        return {"type": "object", "format": name}
    return found


def _plain(value: object) -> str:
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)


def _paths(root: type[BaseModel]) -> dict[type[BaseModel], str]:
    """Return `root` and the models of its fields with where they are, in order; no texts."""
    found: dict[type[BaseModel], str] = {root: ""}
    queue = [root]
    for model in queue:
        for name, info in model.model_fields.items():
            for part in _parts(info.annotation):
                if part not in found and part is not Text:
                    many = "[]" if getattr(info.annotation, "__origin__", None) is list else ""
                    found[part] = f"{found[model]}.{name}{many}".lstrip(".")
                    queue.append(part)
    return found


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _parts(argument)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(words: Sequence[str]) -> int:
    """Run the tool; return its exit code."""
    if list(words) == ["write"]:
        for language in Language:
            page_of(language).parent.mkdir(parents=True, exist_ok=True)
            page_of(language).write_text(page(language), encoding="utf-8")
        return 0
    if list(words) == ["check"]:
        for path in stale():
            print(f"{path.relative_to(ROOT)} is stale: python tools/item_format_page.py write")
        return 1 if stale() else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
