"""What is said in two languages is the same; what is linked to is there."""

from __future__ import annotations

import re

import pytest
from pages import ROOT, Page, all_pages, in_two_languages, name_of

PAGES = all_pages()
PAIRS = in_two_languages()


def ids(pairs: list[tuple[Page, Page]]) -> list[str]:
    return [name_of(english) for english, _ in pairs]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_first_screen_holds_the_two_commands(name):
    first = (ROOT / name).read_text(encoding="utf-8").splitlines()[:12]

    assert [line.split("#")[0].strip() for line in first if line.startswith("$ ")] == [
        "$ make demo",
        "$ make test",
    ]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page):
    for link in page.links():
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = Page(page.path.parent / name) if name else page

        assert target.path.exists(), link
        if anchor:
            assert anchor in target.anchors(), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_is_there(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([\w-]+):", makefile, re.MULTILINE)
    for typed in [*page.console(), *page.inline()]:
        if typed.startswith("make "):
            assert typed.split()[1] in targets, typed


def test_what_is_translated_has_an_original_and_the_other_way_round():
    assert len(PAIRS) >= 4
    for english, _ in PAIRS:
        assert english.path.is_file()
    translated = {english.path for english, _ in PAIRS}
    for page in PAGES:
        if page.path.name.endswith(".en.md"):
            assert page.path in translated, name_of(page)


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=ids(PAIRS))
def test_both_languages_have_the_same_outline(english, chinese):
    assert chinese.outline() == english.outline()


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=ids(PAIRS))
def test_tables_name_the_same_things_in_both_languages(english, chinese):
    def names(page: Page) -> list[str]:
        return [code.split()[0] for code in page.first_column()]  # what follows may be translated

    assert names(chinese) == names(english)


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=ids(PAIRS))
def test_the_same_is_typed_in_both_languages(english, chinese):
    def commands(page: Page) -> list[str]:
        return [re.sub(r"en$|zh-CN$", "", typed.split("#")[0].strip()) for typed in page.console()]

    assert commands(chinese) == commands(english)
