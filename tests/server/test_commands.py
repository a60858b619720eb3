"""What staff do from the command line."""

from __future__ import annotations

import gettext
import json
import os
import subprocess
import sys
from contextlib import suppress
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import translation
from rich.cells import cell_len

from assay.errors import AssayError, PlatformFault, Unauthenticated
from assay.messages import Language
from assay.server import __main__ as server
from assay.server.accounts.models import ApiToken, User
from assay.server.accounts.services import authenticate
from assay.server.accounts.tasks import send_staff_mail
from assay.server.embedded.talk import exit_code_of
from assay.server.exams.models import Registration
from assay.server.staff.errors import NoAccount, NoSuchSubmission
from assay.server.submissions.models import Submission
from assay.server.submissions.services import grading
from programs import program


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def register(*arguments, email="alice@example.org", name="Alice Example"):
    output = run(
        "register_candidate", email, "--name", name, "--exam", "small", "--json", *arguments
    )
    return json.loads(output)


pytestmark = pytest.mark.usefixtures("db", "small_bank")


def test_registering_makes_the_candidate_and_the_right_to_sit():
    report = register("--language", "zh-CN")

    registration = Registration.objects.get()
    assert report["registration"] == str(registration.id)
    assert registration.exam == "small"
    assert registration.candidate.name == "Alice Example"
    assert registration.candidate.language == "zh-CN"


def test_the_token_that_it_prints_signs_in():
    report = register()

    assert authenticate(report["token"]).email == "alice@example.org"
    assert report["server"] == "http://testserver"


def test_only_a_digest_of_the_token_is_kept():
    report = register()

    assert report["token"] not in str(ApiToken.objects.values())
    with pytest.raises(Unauthenticated):
        authenticate(ApiToken.objects.get().digest)


def test_a_known_candidate_gets_another_registration():
    register()
    register(email="Alice@Example.ORG", name="Alice E. Example")

    assert User.objects.get().name == "Alice E. Example"
    assert Registration.objects.count() == 2


def test_an_accommodation_is_registered():
    register("--time-factor", "1.5")

    assert Registration.objects.get().time_factor == 1.5


def test_without_json_it_says_what_to_type():
    output = run("register_candidate", "alice@example.org", "--name", "Alice", "--exam", "small")

    assert "assay login http://testserver --token assay_" in output


def test_it_says_so_in_the_language_of_the_command_line(monkeypatch):
    told = []
    monkeypatch.setattr(
        "assay.server.staff.management.commands.register_candidate.translate",
        lambda message, language, **_: told.append(language) or message,
    )

    with translation.override("zh-hans"):
        run("register_candidate", "alice@example.org", "--name", "Alice", "--exam", "small")

    assert set(told) == {Language.CHINESE}
    assert User.objects.get().language == "zh-CN"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["alice@example.org", "--name", "A", "--exam", "nonesuch"], "rehearsal, small"),
        (["nobody", "--name", "A", "--exam", "small"], "nobody"),
        (["a@b.org", "--name", "A", "--exam", "small", "--time-factor", "0.5"], "1 or more"),
        (["a@b.org", "--name", "A", "--exam", "small", "--language", "fr"], "language fr"),
    ],
)
def test_it_refuses_what_makes_no_sense(arguments, word):
    with pytest.raises(AssayError) as refused:
        run("register_candidate", *arguments)

    told = refused.value.render(Language.ENGLISH)
    assert word in f"{told.message} {told.remedy}"
    assert not User.objects.exists()


def test_registrations_are_listed_with_how_they_stand(running_sitting, mark, register, alice, bob):
    mark(running_sitting(alice), "Category1", points=5)
    register(bob)

    rows = {row["email"]: row for row in json.loads(run("list_sittings", "--json"))}

    assert rows["bob@example.org"]["phase"] == "registered"
    assert rows["alice@example.org"]["total"] == 40
    assert [*json.loads(run("list_sittings", "--email", "Bob@example.org", "--json"))] == [
        rows["bob@example.org"]
    ]


@pytest.fixture
def at_once(monkeypatch, now):
    """Commands are run as soon as what they are about has happened."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def test_the_list_is_readable_too(running_sitting, alice, at_once):
    running_sitting(alice)

    assert run("list_sittings").split()[:2] == ["alice@example.org", "small"]
    assert "the clock runs" in run("list_sittings")


def test_the_list_is_in_chinese_where_the_command_line_is(
    running_sitting, register, alice, bob, at_once
):
    running_sitting(alice)
    register(bob)

    with translation.override("zh-hans"):
        lines = {line.split("@")[0]: line for line in run("list_sittings").splitlines()}

    assert "计时中" in lines["alice"]
    assert "可以开考" in lines["bob"]


def test_its_columns_stand_below_each_other_in_chinese(running_sitting, mark, alice, bob):
    mark(running_sitting(alice), "Category1", points=5)
    running_sitting(bob)

    with translation.override("zh-hans"):
        lines = run("list_sittings").splitlines()

    assert len({cell_len(line[: line.index(" %")].rstrip("0123456789")) for line in lines}) == 1


@pytest.fixture
def failed(running_sitting, submit, alice, now):
    submission = submit(running_sitting(alice))
    for attempt in (1, 2, 3):
        grading.claim(submission.id, now)
        grading.fault(submission.id, attempt, PlatformFault(), now, reason="lightning")
    return submission


def test_what_failed_by_our_fault_is_listed(failed):
    assert str(failed.id) in run("list_sittings")


def test_what_failed_by_our_fault_is_graded_again(failed):
    assert run("regrade", str(failed.id)).strip() == f"Submission {failed.id}: waiting"


def test_the_state_is_told_in_the_language_of_the_command_line(failed):
    with translation.override("zh-hans"):
        assert "等待评分" in run("regrade", str(failed.id))


def test_what_failed_by_our_fault_is_given_up(failed):
    run("regrade", str(failed.id), "--give-up")

    assert Submission.objects.get().state == "cancelled"


@pytest.mark.parametrize("unknown", ["3e3e6dbc-2606-4be9-99dc-9bc13b934121", "7"])
def test_an_unknown_submission_is_not_graded_again(unknown):
    with pytest.raises(NoSuchSubmission, match=f"no submission {unknown}"):
        run("regrade", unknown)


@pytest.mark.parametrize(
    ("error", "code"), [(NoSuchSubmission(submission="7"), 5), (NoAccount(email="bob"), 2)]
)
def test_what_they_complain_about_has_the_exit_code_of_the_command_line(error, code):
    assert exit_code_of(error) == code


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_CN.UTF-8", "ASSAY_LANGUAGE": "en"}, "en"),
    ],
)
def test_they_speak_the_language_of_whoever_runs_them(environment, code, tmp_path):
    named = ("ASSAY_", "LC_", "LANG")
    plain = {key: value for key, value in os.environ.items() if not key.startswith(named)}
    plain["ASSAY_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/nowhere"  # is not asked
    words = ["-m", "assay.server", "manage", "--data", str(tmp_path), "--", "diffsettings"]

    done = subprocess.run(
        [sys.executable, *words, "--all"],
        env=plain | environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert f"LANGUAGE_CODE = '{code}'" in done.stdout


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["--help"], {"usage: ", "options", "show this help message and exit"}),
        (["nonsense"], {"invalid choice: %(value)r (choose from %(choices)s)"}),
    ],
)
def test_the_words_of_the_option_parser_are_looked_up_with_ours(words, asked, monkeypatch):
    sought = []
    monkeypatch.setattr("argparse._", lambda message: sought.append(message) or message)
    monkeypatch.setenv("ASSAY_LANGUAGE", "zh-CN")
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr(server, "_manage", lambda *_: 0)

    with suppress(SystemExit):
        server.main(words)

    assert asked <= set(sought)
    assert set(asked) <= set(program("messages").BORROWED)
    assert gettext.textdomain() == "assay"
    assert gettext.gettext("required") == "必填"


def test_staff_are_told_by_mail(settings):
    settings.ADMINS = [("Chen", "chen@example.org")]

    send_staff_mail("A fault", "What happened.")

    (message,) = mail.outbox
    assert message.to == ["chen@example.org"]
    assert message.subject == "[Assay] A fault"
