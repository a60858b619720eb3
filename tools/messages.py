"""Keep the translations.

    python tools/messages.py extract | compile | check | merge FILE...

Two catalogues in `src/assay/locale/<language>/LC_MESSAGES/`:

    assay.po   what the core says: N_("…") and translate("…") anywhere in src/assay
    django.po  what the server's pages and mails say: gettext("…") and its kin in
               src/assay/server, and the translation tags of its templates

`extract` brings the .po files up to date with the sources, `compile` writes the .mo
files, `check` fails when a message lacks its translation, when a translation has
other fields than its message, or when a file is not what it should be. `merge` takes
translations over from other .po files: `*.django.po` into django.po, all else into
assay.po; it extracts and compiles, too.

No file holds a date, a line number or the version of a tool, so that a file changes
only when a message does.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import string
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path("src/assay")
LANGUAGES = ("zh_Hans",)  # beside English, which the messages themselves are

# Where a message's parts are among the arguments, counted from 1; "c" marks the context.
Keyword = tuple[int | tuple[int, str], ...]
CORE: dict[str, Keyword] = {"N_": (1,), "translate": (1,)}
SERVER: dict[str, Keyword] = {
    "_": (1,),
    "gettext": (1,),
    "gettext_lazy": (1,),
    "gettext_noop": (1,),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Typer's and argparse's own words, which they look up in our catalogue (assay.messages.lend).
BORROWED = (
    "%(prog)s: error: %(message)s\n",
    "(dynamic)",
    "Aborted!",
    "Arguments",
    "Commands",
    "Missing command.",
    "No such command {name!r}.",
    "Options",
    "Show this message and exit.",
    "argument %(argument_name)s: %(message)s",
    "default: {default}",
    "env var: {var}",
    "expected one argument",
    "invalid %(type)s value: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "options",
    "positional arguments",
    "required",
    "show this help message and exit",
    "the following arguments are required: %s",
    "unrecognized arguments: %s",
    "usage: ",
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """One message in a source file."""

    id: str | tuple[str, str]  # a pair: singular and plural
    context: str | None
    file: str  # from the root, with slashes


@dataclass
class Report:
    """What is wrong, and what is worth telling."""

    problems: list[str] = field(default_factory=list)

    def complain(self, text: str) -> None:
        """Take note of a problem."""
        self.problems.append(text)


# Finding messages -----------------------------------------------------------------------------


def in_python(source: str, file: str, keywords: dict[str, Keyword]) -> Iterator[Found]:
    """Yield the messages of a Python file, in its order.

    Read from the syntax tree, so that adjacent literals are one message and calls may
    be nested. An argument that is no literal is somebody else's message.
    """
    calls = [node for node in ast.walk(ast.parse(source, file)) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name not in keywords:
            continue
        parts: list[str] = []
        context = None
        for spec in keywords[name]:
            place = spec if isinstance(spec, int) else spec[0]
            argument = node.args[place - 1] if len(node.args) >= place else None
            if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                break
            if isinstance(spec, int):
                parts.append(argument.value)
            else:
                context = argument.value
        else:
            if parts[0]:
                yield Found(id=_id(parts), context=context, file=file)


def in_template(source: str, file: str) -> Iterator[Found]:
    """Yield the messages of a Django template."""
    # What is left of the template is calls between blanked-out text; its indentation means nothing.
    lines = (line.strip() for line in templatize(source, origin=file).splitlines())
    code = io.BytesIO("\n".join(lines).encode())
    for _, messages, _, context in extract("python", code, SERVER):
        parts = [messages] if isinstance(messages, str) else [part for part in messages if part]
        if parts:
            yield Found(id=_id(parts), context=context, file=file)


def _id(parts: Sequence[str]) -> str | tuple[str, str]:
    return parts[0] if len(parts) == 1 else (parts[0], parts[1])


def of_core(root: Path) -> Iterator[Found]:
    """Yield what belongs into assay.po."""
    for file in _files(root / SOURCE, "*.py"):
        yield from in_python(file.read_text("utf-8"), _name(file, root), CORE)
    for message in BORROWED:
        yield Found(id=message, context=None, file=f"{SOURCE.as_posix()}/cli/speech.py")


def of_server(root: Path) -> Iterator[Found]:
    """Yield what belongs into django.po."""
    server = root / SOURCE / "server"
    for file in _files(server, "*.py"):
        yield from in_python(file.read_text("utf-8"), _name(file, root), SERVER)
    for pattern in ("*.html", "*.txt"):
        for file in _files(server, pattern):
            if "templates" in file.parts:
                yield from in_template(file.read_text("utf-8"), _name(file, root))


DOMAINS: dict[str, Callable[[Path], Iterator[Found]]] = {"assay": of_core, "django": of_server}


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.rglob(pattern))


def _name(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()


# Catalogues -----------------------------------------------------------------------------------


class Steady(Catalog):
    """A catalogue whose header says only what never changes by itself."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The header's lines."""
        return [
            ("Project-Id-Version", "Assay"),
            ("Language", str(self.locale_identifier)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]

    @mime_headers.setter
    def mime_headers(self, headers: object) -> None:
        """Ignore what a file says of itself."""


def path_of(root: Path, language: str, domain: str) -> Path:
    """Return where a catalogue is."""
    return root / SOURCE / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def read(path: Path, language: str) -> Catalog:
    """Return a catalogue from a .po file, which may lack a header.

    Raises:
        PoFileError: The file is not in the .po format.
    """
    text = path.read_text("utf-8")
    return read_po(io.StringIO(text), locale=language, abort_invalid=True)


def translations(catalog: Catalog) -> dict[tuple[str, str | None], Message]:
    """Return the translated messages of a catalogue, by singular and context."""
    return {
        (_singular(message), message.context): message
        for message in catalog
        if message.id and _is_translated(message) and not message.fuzzy
    }


def _forms(message: Message) -> list[str]:
    """Return the translation, or its plural forms."""
    said = message.string
    return [said] if isinstance(said, str) else list(said or ())


def _singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _is_translated(message: Message) -> bool:
    return all(_forms(message)) and bool(_forms(message))


def fresh(
    root: Path,
    language: str,
    domain: str,
    known: dict[tuple[str, str | None], Message],
) -> Catalog:
    """Return the catalogue as it should be: the sources' messages, with known translations."""
    catalog = Steady(locale=language, domain=domain, fuzzy=False)
    plural: dict[tuple[str, str | None], Found] = {}
    files: dict[tuple[str, str | None], set[str]] = {}
    for found in DOMAINS[domain](root):
        singular = found.id if isinstance(found.id, str) else found.id[0]
        key = (singular, found.context)
        files.setdefault(key, set()).add(found.file)
        if key not in plural or isinstance(found.id, tuple):
            plural[key] = found
    for key in sorted(plural, key=lambda each: (each[0], each[1] or "")):
        found = plural[key]
        forms = _forms(known[key]) if key in known else [""]
        catalog.add(
            found.id,
            tuple(forms[:1] * catalog.num_plurals) if isinstance(found.id, tuple) else forms[0],
            locations=[(file, 0) for file in sorted(files[key])],
            context=found.context,
        )
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """Return a catalogue in the .po format."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, include_lineno=False, omit_header=True)
    return _header(catalog).encode() + buffer.getvalue()


def _header(catalog: Catalog) -> str:
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in catalog.mime_headers)
    return f'msgid ""\nmsgstr ""\n{lines}\n'


def as_mo(catalog: Catalog) -> bytes:
    """Return a catalogue in the form that programs read."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


# What a translation must keep -----------------------------------------------------------------

_PERCENT = re.compile(r"%(?:\((\w+)\))?[a-zA-Z%]")


def fields_of(text: str, domain: str) -> set[str] | None:
    """Return the names that are filled in, or None if the text cannot be filled in."""
    if domain == "django":
        return {match[1] for match in _PERCENT.finditer(text) if match[1]}
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return None


def faults(message: Message, domain: str) -> Iterator[str]:
    """Yield what is wrong with a message's translation."""
    shown = repr(_singular(message))
    if not _is_translated(message):
        yield f"{shown} has no translation"
        return
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    wanted = [fields_of(text, domain) for text in ids]
    for text in _forms(message):
        found = fields_of(text, domain)
        if found is None or found not in wanted:
            yield f"{shown}: its translation has the fields {sorted(found or ())}: {text!r}"


# Commands -------------------------------------------------------------------------------------


def extract_all(root: Path, report: Report, added: dict[str, list[Path]] | None = None) -> None:
    """Bring every .po file up to date; take translations over from the files `added`."""
    for language in LANGUAGES:
        for domain in DOMAINS:
            path = path_of(root, language, domain)
            known = translations(read(path, language)) if path.exists() else {}
            given = _given((added or {}).get(domain, []), language, report)
            catalog = fresh(root, language, domain, known | given)
            keys = {(_singular(message), message.context) for message in catalog if message.id}
            for singular, context in given.keys() - keys:
                report.complain(
                    f"{domain}: no source says {singular!r}" + (f" ({context})" if context else "")
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_po(catalog))
            missing = sum(not _is_translated(message) for message in catalog if message.id)
            print(f"{_name(path, root)}: {len(catalog)} messages, {missing} without translation")


def _given(
    files: list[Path], language: str, report: Report
) -> dict[tuple[str, str | None], Message]:
    given: dict[tuple[str, str | None], Message] = {}
    for file in files:
        try:
            found = translations(read(file, language))
        except PoFileError as error:
            report.complain(f"{file}: {error}")
            continue
        for key, message in found.items():
            if key in given and given[key].string != message.string:
                report.complain(
                    f"{file.name}: {key[0]!r} is already {given[key].string!r}, "
                    f"now {message.string!r}; the last one counts"
                )
        given |= found
    return given


def compile_all(root: Path) -> None:
    """Write every .mo file."""
    for language in LANGUAGES:
        for domain in DOMAINS:
            path = path_of(root, language, domain)
            path.with_suffix(".mo").write_bytes(as_mo(_steady(path, language)))


def _steady(path: Path, language: str) -> Catalog:
    """Return a catalogue with our header, whatever its file says."""
    catalog = Steady(locale=language, fuzzy=False)
    for message in read(path, language):
        if message.id and not message.fuzzy and _is_translated(message):
            catalog.add(message.id, message.string, context=message.context)
    return catalog


def check_all(root: Path, report: Report) -> None:
    """Take note of whatever is missing, wrong or stale."""
    for language in LANGUAGES:
        for domain in DOMAINS:
            path = path_of(root, language, domain)
            name = _name(path, root)
            if not path.exists():
                report.complain(f"{name} is missing; run: make messages")
                continue
            wanted = fresh(root, language, domain, translations(read(path, language)))
            for message in wanted:
                if message.id:
                    for fault in faults(message, domain):
                        report.complain(f"{name}: {fault}")
            if path.read_bytes() != as_po(wanted):
                report.complain(f"{name} is not what the sources say; run: make messages")
            compiled = path.with_suffix(".mo")
            if not compiled.exists() or compiled.read_bytes() != as_mo(_steady(path, language)):
                report.complain(f"{_name(compiled, root)} is stale; run: make messages")


def merge(root: Path, files: list[Path], report: Report) -> None:
    """Take translations over from other .po files."""
    added: dict[str, list[Path]] = {domain: [] for domain in DOMAINS}
    for file in files:
        added["django" if file.name.endswith(".django.po") else "assay"].append(file)
    extract_all(root, report, added)
    compile_all(root)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("extract", "compile", "check"):
        commands.add_parser(name)
    commands.add_parser("merge").add_argument("files", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    report = Report()
    if options.command == "extract":
        extract_all(ROOT, report)
    elif options.command == "compile":
        compile_all(ROOT)
    elif options.command == "check":
        check_all(ROOT, report)
    else:
        merge(ROOT, options.files, report)
    for problem in report.problems:
        print(problem, file=sys.stderr)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
