"""Every command that a page or a message tells people to type is one that there is."""

from __future__ import annotations

import re
import shlex

import pytest
from babel.messages.pofile import read_po
from pages import ROOT, Page, all_pages, name_of

from assay.cli import commands
from assay.cli.exits import ExitCode
from assay.cli.usage import UsageProblem
from assay.messages import Language

GENERATED = {f"cli.{language}.md" for language in Language}  # its blocks show usage, not calls
PAGES = all_pages()
CATALOGUE = ROOT / "src" / "assay" / "locale" / "zh_Hans" / "LC_MESSAGES" / "assay.po"


def words_of(typed: str) -> list[str] | None:
    """Return the words after `assay`, or None if something else is typed."""
    words = shlex.split(typed, comments=True)
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    return words[1:] if words and words[0].rpartition("/")[2] == "assay" else None


def parse(words: list[str]) -> None:
    """Parse a command line as the program does, and run nothing."""
    command = commands.root(Language.ENGLISH)
    context = command.make_context("assay", list(words))
    while hasattr(command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)


def test_parsing_finds_what_is_wrong():
    parse(["staff", "register", "alice@example.org", "--name", "Alice"])

    for wrong in (["submit", "--fast"], ["staff", "register"], ["staff", "wave"], ["verify"]):
        with pytest.raises(UsageProblem):
            parse(wrong)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.path.name not in GENERATED], ids=name_of
)
def test_every_line_that_is_typed_is_taken(page):
    for typed in page.console():
        words = words_of(typed)
        if words is not None:
            parse(words)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_in_a_sentence_is_one(page):
    for code in page.inline():
        words = words_of(re.sub(r"[\[\]{}]|\.\.\.", "", code)) if "assay " in code else None
        if not words or words == ["…"]:
            continue
        found = None
        try:
            parse(words)
        except UsageProblem as problem:
            found = problem

        # In a sentence, what has to follow may be left out.
        assert type(found).__name__ in {"NoneType", "MissingParameter", "NoArgsIsHelpError"}, code


def test_every_command_in_a_message_is_one():
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    known = set(commands.existing())
    for message in catalogue:
        for text in (message.id, message.string):
            for named in re.findall(r"\bassay ([a-zA-Z]+)", str(text)):
                assert named in known, text


def options_of(command: object) -> set[str]:
    """Return a command's options, those of its own commands too."""
    own = {name for p in getattr(command, "params", []) for name in (*p.opts, *p.secondary_opts)}
    return own.union(*map(options_of, getattr(command, "commands", {}).values()))


def test_every_option_in_a_message_is_one():
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    known = {"--help", "--language", "--upgrade"}  # the last one is pip's
    known = known.union(
        *(options_of(commands.load(n, Language.ENGLISH)) for n in commands.COMMANDS)
    )
    for message in catalogue:
        for text in (message.id, message.string):
            for named in re.findall(r"(?<![\w-])--[a-z][a-z-]+", str(text)):
                assert named in known, text


@pytest.mark.parametrize("language", Language)
def test_the_table_of_exit_codes_is_complete(language):
    page = Page(ROOT / "docs" / f"cli.{language}.md")
    codes = [int(code) for code in page.first_column() if code.isdigit()]

    assert codes == sorted(ExitCode)
