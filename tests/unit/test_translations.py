"""Every message has its Chinese, and the tool that keeps the catalogues notices what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.messages import Language, translate
from programs import program

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool():
    return program("messages")


@pytest.fixture
def project(tool, tmp_path):
    """A tiny project with one message in each domain; returns a function that runs a command."""
    server = tmp_path / "src/assay/server"
    (server / "pages/templates").mkdir(parents=True)
    (tmp_path / "src/assay/core.py").write_text('N_("It is {size} bytes.")\n')
    (server / "views.py").write_text('gettext("Not found")\n')
    (server / "pages/templates/page.html").write_text(
        '{% load i18n %}\n    <p>\n  {% translate "Hello" %}</p>{% blocktranslate count n=k %}'
        "{{ n }} try{% plural %}{{ n }} tries{% endblocktranslate %}\n"
    )
    return tmp_path


def translate_all(tool, project, said):
    """Write what `said` returns for each message into the .po files and compile them."""
    for domain in tool.DOMAINS:
        path = tool.path_of(project, "zh_Hans", domain)
        known = {}
        for found in tool.DOMAINS[domain](project):
            singular = found.id if isinstance(found.id, str) else found.id[0]
            text = said(singular)
            known[singular, found.context] = tool.Message(found.id, text, context=found.context)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tool.as_po(tool.fresh(project, "zh_Hans", domain, known)))
    tool.compile_all(project)


def problems(tool, project):
    report = tool.Report()
    tool.check_all(project, report)
    return "\n".join(report.problems)


def test_the_catalogues_are_complete_and_compiled(tool):
    assert problems(tool, ROOT) == ""


def test_a_message_arrives_in_chinese():
    said = translate("This certificate is valid.", Language.CHINESE)

    assert said == "这份证书有效。"


# The tool -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        ('N_("One")', ["One"]),
        ('N_("One " "and two")', ["One and two"]),
        ('translate(N_("One"), language)', ["One"]),
        ('translate("One", language)', ["One"]),
        ("translate(message, language)", []),
        ('say(N_("One")) or x.N_("Two")', ["One", "Two"]),
        ('class A:\n    message = N_(\n        "One"\n    )', ["One"]),
        ('"N_(\\"no\\")"  # N_("no")', []),
        ('N_("")', []),
    ],
)
def test_it_finds_the_messages_of_the_core(tool, source, ids):
    assert [found.id for found in tool.in_python(source, "x.py", tool.CORE)] == ids


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% translate "One" %}', [("One", None)]),
        ("<p>it's {% translate 'One' %}</p>\n  it's", [("One", None)]),
        ('{% translate "One" context "menu" %}', [("One", "menu")]),
        ("{% blocktranslate %}Hi {{ name }}{% endblocktranslate %}", [("Hi %(name)s", None)]),
        (
            "{% blocktranslate count n=k %}{{ n }} try{% plural %}tries {{ n }}{% endblocktranslate %}",
            [(("%(n)s try", "tries %(n)s"), None)],
        ),
        ('{{ _("One") }}', [("One", None)]),
        ("{# translate 'no' #}", []),
    ],
)
def test_it_finds_the_messages_of_templates(tool, source, found):
    assert [(each.id, each.context) for each in tool.in_template(source, "x.html")] == found


def test_a_complete_catalogue_is_fine(tool, project):
    translate_all(tool, project, lambda message: f"中文 {message}")

    assert problems(tool, project) == ""


def test_extracting_twice_changes_nothing(tool, project, capsys):
    translate_all(tool, project, lambda message: f"中文 {message}")
    path = tool.path_of(project, "zh_Hans", "django")
    before = path.read_bytes()
    tool.extract_all(project, tool.Report())

    assert path.read_bytes() == before
    assert "0 without translation" in capsys.readouterr().out


def test_it_notices_a_missing_translation(tool, project):
    translate_all(tool, project, lambda message: "" if message == "Hello" else f"中文 {message}")

    assert "'Hello' has no translation" in problems(tool, project)


def test_it_notices_a_lost_field(tool, project):
    translate_all(tool, project, lambda message: "中文")

    assert "its translation has the fields []" in problems(tool, project)


def test_it_notices_an_invented_field(tool, project):
    translate_all(tool, project, lambda message: f"{message} {{more}} %(more)s")

    assert "'more'" in problems(tool, project)


def test_it_notices_braces_that_cannot_be_filled_in(tool, project):
    translate_all(tool, project, lambda message: f"{message} {{")

    assert "its translation has the fields []" in problems(tool, project)


def test_it_notices_a_new_message_in_the_sources(tool, project):
    translate_all(tool, project, lambda message: f"中文 {message}")
    (project / "src/assay/more.py").write_text('N_("More")\n')
    said = problems(tool, project)

    assert "'More' has no translation" in said
    assert "assay.po is not what the sources say" in said


def test_it_notices_a_stale_compiled_file(tool, project):
    translate_all(tool, project, lambda message: f"中文 {message}")
    path = tool.path_of(project, "zh_Hans", "django")
    path.write_text(path.read_text().replace("中文 Hello", "你好"))

    assert "django.mo is stale" in problems(tool, project)


def test_it_notices_that_nothing_is_there(tool, project):
    assert "assay.po is missing" in problems(tool, project)


def test_it_merges_files_by_their_names(tool, project, tmp_path):
    core, pages = tmp_path / "part.po", tmp_path / "part.django.po"
    core.write_text('msgid "It is {size} bytes."\nmsgstr "它有 {size} 字节。"\n')
    pages.write_text(
        'msgid "Hello"\nmsgstr "你好"\n\n'
        'msgid "%(n)s try"\nmsgid_plural "%(n)s tries"\nmsgstr[0] "%(n)s 次"\n'
    )
    report = tool.Report()
    tool.merge(project, [core, pages], report)
    merged = tool.translations(tool.read(tool.path_of(project, "zh_Hans", "django"), "zh_Hans"))

    assert report.problems == []
    assert merged["Hello", None].string == "你好"
    assert tool._forms(merged["%(n)s try", None]) == ["%(n)s 次"]


def test_it_says_which_merged_message_no_source_says(tool, project, tmp_path):
    part = tmp_path / "part.po"
    part.write_text('msgid "It is {size} byte."\nmsgstr "它有 {size} 字节。"\n')
    report = tool.Report()
    tool.merge(project, [part], report)

    assert report.problems == ["assay: no source says 'It is {size} byte.'"]


def test_it_says_which_merged_file_cannot_be_read(tool, project, tmp_path):
    part = tmp_path / "part.po"
    part.write_text("Hello is 你好\\n")
    report = tool.Report()
    tool.merge(project, [part], report)

    assert "part.po" in report.problems[0]


def test_it_says_when_two_files_disagree(tool, project, tmp_path):
    files = []
    for number, said in enumerate(("你好", "您好")):
        files.append(tmp_path / f"{number}.django.po")
        files[-1].write_text(f'msgid "Hello"\nmsgstr "{said}"\n')
    report = tool.Report()
    tool.merge(project, files, report)

    assert report.problems == [
        "1.django.po: 'Hello' is already '你好', now '您好'; the last one counts"
    ]
