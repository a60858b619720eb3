"""Signing up, in and out; passwords; what is told to whom."""

from __future__ import annotations

import logging
import re

import pytest

from assay.server.accounts.models import OutgoingMail, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
SIGN_UP = {
    "name": "Alice  Example ",
    "email": "Alice@Example.org",
    "language": "en",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


@pytest.fixture
def letter():
    """The last mail."""

    def act() -> OutgoingMail:
        return OutgoingMail.objects.latest("pk")

    return act


@pytest.fixture
def sign_in(client):
    def act(email="alice@example.org", password=PASSWORD, **more):
        return client.post("/accounts/login/", {"login": email, "password": password, **more})

    return act


@pytest.fixture
def member(alice):
    """Alice, with a password and a confirmed address."""
    from allauth.account.models import EmailAddress  # noqa: PLC0415

    alice.set_password(PASSWORD)
    alice.save()
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    return alice


def code_in(mail: OutgoingMail) -> str:
    return re.search(r"^([0-9A-Z]{3,4}-?[0-9A-Z]{3,4})$", mail.text, re.MULTILINE)[1]


def link_in(mail: OutgoingMail) -> str:
    return re.search(r"^http://testserver(/accounts/\S+)$", mail.text, re.MULTILINE)[1]


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


# Signing up -----------------------------------------------------------------------------------


def test_one_signs_up_with_the_code_of_a_mail(client, letter):
    answer = client.post("/accounts/signup/", SIGN_UP)

    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(client)

    answer = client.post("/accounts/confirm-email/", {"code": code_in(letter())})

    assert answer.headers["Location"] == "/me/"
    alice = User.objects.get()
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert (alice.email, alice.name, alice.language) == (
        "alice@example.org",
        "Alice Example",
        "en",
    )


def test_one_comes_back_to_the_page_that_one_came_for(client, letter):
    client.post("/accounts/signup/", SIGN_UP | {"next": "/exams/"})
    answer = client.post("/accounts/confirm-email/", {"code": code_in(letter()), "next": "/exams/"})

    assert answer.headers["Location"] == "/exams/"


def test_mail_is_in_the_language_that_was_chosen(client, letter):
    client.post("/accounts/signup/", SIGN_UP | {"language": "zh-CN"})

    assert 'lang="zh-hans"' in letter().html
    assert User.objects.get().language == "zh-CN"


def test_a_wrong_code_lets_nobody_in(client):
    client.post("/accounts/signup/", SIGN_UP)
    for _ in range(6):
        client.post("/accounts/confirm-email/", {"code": "XXX-XXX"})

    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "password", ["short", "1234567890123", "password1234", "alice@example.org"]
)
def test_weak_passwords_are_refused(client, password):
    answer = client.post(
        "/accounts/signup/", SIGN_UP | {"password1": password, "password2": password}
    )

    assert 'class="errorlist"' in answer.content.decode()
    assert not User.objects.exists()


def test_nobody_learns_on_the_page_that_an_account_exists(client, member, letter):
    answer = client.post("/accounts/signup/", SIGN_UP)

    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert "already" in letter().subject
    assert User.objects.count() == 1


# Signing in and out ---------------------------------------------------------------------------


def test_one_signs_in_however_one_writes_the_address(client, member, sign_in):
    answer = sign_in(email="ALICE@example.org")

    assert answer.headers["Location"] == "/me/"
    assert is_signed_in(client)


def test_a_stranger_is_led_to_the_sign_in_page_and_back(client, member, sign_in):
    answer = client.get("/me/")

    assert answer.headers["Location"] == "/accounts/login/?next=/me/"
    assert sign_in(next="/exams/").headers["Location"] == "/exams/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_the_way_back_leads_to_no_other_server(member, sign_in, elsewhere):
    assert sign_in(next=elsewhere).headers["Location"] == "/me/"


def test_pages_speak_the_person_s_language_after_signing_in(client, bob, member, sign_in):
    member.language = "zh-CN"
    member.save()
    sign_in()

    assert (
        client.get("/", headers={"accept_language": "en"}).headers["Content-Language"] == "zh-hans"
    )


def test_one_signs_out(client, member, sign_in):
    sign_in()
    client.post("/accounts/logout/")

    assert not is_signed_in(client)


def test_somebody_who_is_not_active_is_not_let_in(client, member, sign_in):
    User.objects.update(is_active=False)
    sign_in()

    assert not is_signed_in(client)


def test_passwords_cannot_be_guessed_for_long(client, member, sign_in):
    for _ in range(6):
        sign_in(password="wrong wrong wrong")
    sign_in()

    assert not is_signed_in(client)


def test_staff_made_by_a_command_need_no_mail(client, sign_in, db):
    User.objects.create_superuser("chen@example.org", PASSWORD, name="Chen")
    sign_in(email="chen@example.org")

    assert is_signed_in(client)


def test_a_candidate_whom_staff_registered_gets_in_by_choosing_a_password(client, alice, letter):
    client.post("/accounts/password/reset/", {"email": alice.email})
    form = client.get(link_in(letter()), follow=True)
    new = {"password1": PASSWORD, "password2": PASSWORD}
    client.post(form.redirect_chain[-1][0], new)
    client.post("/accounts/confirm-email/", {"code": code_in(letter())})

    assert client.session["_auth_user_id"] == str(alice.pk)


# Passwords ------------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_by_a_mailed_link(client, member, letter):
    client.post("/accounts/password/reset/", {"email": "Alice@example.org"})
    link = link_in(letter())
    form = client.get(link, follow=True)
    client.post(
        form.redirect_chain[-1][0], {"password1": "a fresh new one", "password2": "a fresh new one"}
    )

    assert User.objects.get().check_password("a fresh new one")
    assert is_signed_in(client)
    assert "was changed" in letter().subject
    client.logout()
    assert "does not work any more" in client.get(link, follow=True).content.decode()


def test_a_mail_goes_out_whether_there_is_an_account_or_not(client, letter):
    answer = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})

    assert answer.headers["Location"] == "/accounts/password/reset/done/"
    assert letter().to == "nobody@example.org"


def test_the_password_is_changed_by_who_knows_the_old_one(client, member, sign_in, letter):
    sign_in()
    new = {"password1": "a fresh new one", "password2": "a fresh new one"}
    client.post("/accounts/password/change/", {"oldpassword": "wrong"} | new)

    assert User.objects.get().check_password(PASSWORD)

    client.post("/accounts/password/change/", {"oldpassword": PASSWORD} | new)

    assert User.objects.get().check_password("a fresh new one")
    assert "was changed" in letter().subject


# Mail -----------------------------------------------------------------------------------------


def test_a_mail_is_sent_by_its_number_and_forgotten(client, letter, mailoutbox):
    from assay.server.accounts.tasks import send_mail  # noqa: PLC0415

    client.post("/accounts/signup/", SIGN_UP)
    mail = letter()
    send_mail(mail.pk)
    send_mail(mail.pk)

    assert [m.subject for m in mailoutbox] == [mail.subject]
    assert mailoutbox[0].alternatives[0].mimetype == "text/html"
    assert not OutgoingMail.objects.exists()


def test_what_the_queue_and_the_log_see_holds_no_secret(client, letter, caplog, member, sign_in):
    from procrastinate.contrib.django.models import ProcrastinateJob  # noqa: PLC0415

    with caplog.at_level(logging.DEBUG):
        sign_in(password="a wrong password")
        client.post("/accounts/password/reset/", {"email": member.email})
        sign_in()
        client.get("/me/")
    secrets = [PASSWORD, "a wrong password", link_in(letter()), client.session.session_key]
    jobs = str([job.args for job in ProcrastinateJob.objects.all()])
    # What the database is asked is written down only with DEBUG on.
    lines = [r.getMessage() for r in caplog.records if r.name != "django.db.backends"]

    assert jobs != "[]"
    for secret in secrets:
        assert secret not in jobs
        assert not [line for line in lines if secret in line]
