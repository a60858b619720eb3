"""What staff do from the command line."""

from __future__ import annotations

import json
from io import StringIO
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from assay.errors import PlatformFault, Unauthenticated
from assay.messages import Language
from assay.server.accounts.models import ApiToken, User
from assay.server.accounts.services import authenticate
from assay.server.accounts.tasks import send_staff_mail
from assay.server.exams.models import Registration
from assay.server.submissions.models import Submission
from assay.server.submissions.services import grading


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


def test_it_says_so_in_the_language_of_the_deployment(settings, monkeypatch):
    settings.LANGUAGE = Language.CHINESE
    told = []
    monkeypatch.setattr(
        "assay.server.exams.management.commands.register_candidate.translate",
        lambda message, language, **_: told.append(language) or message,
    )

    run("register_candidate", "alice@example.org", "--name", "Alice", "--exam", "small")

    assert set(told) == {Language.CHINESE}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["alice@example.org", "--name", "A", "--exam", "nonesuch"], "rehearsal, small"),
        (["nobody", "--name", "A", "--exam", "small"], "nobody"),
        (["a@b.org", "--name", "A", "--exam", "small", "--time-factor", "0.5"], "time-factor"),
    ],
)
def test_it_refuses_what_makes_no_sense(arguments, word):
    with pytest.raises(CommandError, match=word):
        run("register_candidate", *arguments)

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


def test_the_list_is_readable_too(running_sitting, alice):
    running_sitting(alice)

    assert run("list_sittings").startswith("alice@example.org")


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
    assert run("regrade", str(failed.id)).strip() == f"{failed.id}: queued"


def test_what_failed_by_our_fault_is_given_up(failed):
    run("regrade", str(failed.id), "--give-up")

    assert Submission.objects.get().state == "cancelled"


def test_an_unknown_submission_is_not_graded_again():
    with pytest.raises(CommandError, match="no submission"):
        run("regrade", str(uuid4()))


def test_staff_are_told_by_mail(settings):
    settings.ADMINS = [("Chen", "chen@example.org")]

    send_staff_mail("A fault", "What happened.")

    (message,) = mail.outbox
    assert message.to == ["chen@example.org"]
    assert message.subject == "[Assay] A fault"
