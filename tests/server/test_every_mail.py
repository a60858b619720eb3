"""Every mail to a candidate is in the one frame: two forms, nothing from elsewhere, dark or light."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core import mail
from django.utils import translation

import assay.server
from assay.messages import Language
from assay.server.accounts import letters as account_letters
from assay.server.accounts.models import OutgoingMail
from assay.server.appeals import letters as appeal_letters
from assay.server.appeals.models import Appeal, AppealKind, AppealState
from assay.server.enrolment import letters as enrolment_letters
from assay.server.enrolment.models import IdentityCheck, Order, Payment
from assay.server.exams.models import Sitting
from assay.server.mail import Button, Letter, Quote, framed
from assay.server.submissions import correction
from assay.server.submissions.mail import send_result
from assay.server.submissions.models import Regrade, Submission

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WORDS = "5 < 6 & 100 %\n<b>dark</b>"
# What allauth tells of its occasions, all in one.
OCCASION = {
    "code": "3F4K-9KQ2",
    "password_reset_url": "http://testserver/accounts/password/reset/key/1-abc/",
    "signup_url": "http://testserver/accounts/signup/",
    "ip": "192.0.2.7",
    "to_email": "new@example.org",
    "from_email": "old@example.org",
    "deleted_email": "old@example.org",
    "provider": "Example Campus",
}


@pytest.fixture
def reader(request):
    """Alice, who reads English, or Bob, who reads Chinese."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def every_mail(reader, register, finished, now):
    """Write and send every kind of mail to one reader; by kind."""
    passed, failed = finished(reader, 5), finished(reader, 1)

    def sent(write):
        mail.outbox.clear()
        write()
        for waiting in OutgoingMail.objects.all():
            account_letters.send(waiting.pk, now)
        (one,) = mail.outbox
        return one

    return {
        kind: sent(write)
        for kind, write in (
            *_of_the_account(reader, now),
            *_of_the_enrolment(reader, register(reader), now),
            ("passed", lambda: send_result(passed.pk, now)),
            ("failed", lambda: send_result(failed.pk, now)),
            *_about_the_result(passed, now),
        )
    }


def _of_the_account(reader, now):
    for kind in account_letters.KINDS:

        def write(kind=kind):
            known = OCCASION | {"user": reader}
            account_letters.write(f"account/email/{kind}", reader.email, known, now)

        yield kind, write if kind != "unknown_account" else lambda: _to_nobody(reader, now)
    yield "farewell", lambda: account_letters.farewell(reader, "192.0.2.7", now)


def _to_nobody(reader, now):
    """Write to an address without an account, in the language of the page."""
    with translation.override(reader.locale):
        account_letters.write("account/email/unknown_account", reader.email, OCCASION, now)


def _of_the_enrolment(reader, registration, now):
    registration.voided_at, registration.void_reason = now, WORDS
    registration.save()
    order = Order.objects.create(
        candidate=reader, exam="small", fee=10000, due=10000, currency="USD", created_at=now
    )
    times = {"created_at": now, "expires_at": now + HOUR, "paid_at": now}
    payment = Payment.objects.create(order=order, amount=10000, refunded=5000, **times)
    check = IdentityCheck.objects.create(
        registration=registration, name=reader.name, submitted_at=now, reason=WORDS
    )
    about = {
        enrolment_letters._registration: registration,
        enrolment_letters._payment: payment,
        enrolment_letters._check: check,
    }
    for kind, (subject, _) in enrolment_letters.KINDS.items():
        row = about[subject].pk
        yield kind, lambda kind=kind, row=row: enrolment_letters.send(kind, row)


def _about_the_result(sitting, now):
    sitting = Sitting.objects.get(pk=sitting.pk)
    regrade = Regrade(submission=Submission.objects.filter(task__sitting=sitting).first(), points=3)
    done = correction.Correction(
        sitting=sitting,
        changed=(regrade,),
        total_before=80.0,
        total=100.0,
        passed_before=False,
        passed=True,
    )
    yield "corrected", lambda: correction.tell(done, WORDS, now)
    for kind in AppealKind:
        appeal = Appeal(sitting=sitting, kind=kind, slots=["Category1"], text=WORDS, answer=WORDS)
        yield f"filed {kind}", lambda appeal=appeal: appeal_letters.filed(appeal, now)
        for state in (AppealState.GRANTED, AppealState.REFUSED):
            answered = Appeal(
                sitting=sitting, kind=kind, slots=["Category1"], answer=WORDS, state=state
            )
            for changes in (None, done) if kind != AppealKind.ANNULMENT else (None,):
                yield (
                    f"{state} {kind} {changes is not None}",
                    lambda answered=answered, changes=changes: appeal_letters.answered(
                        answered, changes, now
                    ),
                )


class Page(HTMLParser):
    """What a mail's HTML has in it."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.buttons, self.words = [], [], [], []
        self.language, self.sheet, self._in_style, self._of_link = "", "", False, False
        self.shown = []  # the words of links
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.tags.append((tag, known))
        self._in_style = tag == "style"
        self._of_link = tag == "a"
        if tag == "html":
            self.language = known["lang"]
        if tag == "a":
            self.links.append(known["href"])
            if known.get("class") == "button":
                self.buttons.append(known["href"])

    def handle_endtag(self, tag):
        if tag == "style":
            self._in_style = False
        if tag == "a":
            self._of_link = False

    def handle_data(self, data):
        if self._in_style:
            self.sheet += data
            return
        self.words.append(data)
        if self._of_link:
            self.shown.append(data)


@pytest.mark.parametrize("reader", ["alice", "bob"], indirect=True)
def test_every_mail_is_in_the_frame(every_mail, reader, settings):
    settings_of = {"sender": settings.ISSUER_NAME, "site": settings.URL}
    amiss = []
    for kind, one in every_mail.items():
        ((html, mimetype),) = one.alternatives
        page = Page(html)
        said = "".join(page.words)
        heading = [tag for tag, _ in page.tags].count("h1")
        is_whole = (
            mimetype == "text/html"
            and one.to == [reader.email]
            and heading == 1
            and one.body.endswith("\n\n{sender}\n{site}\n".format(**settings_of))
            and page.links[-1] == settings.URL
            and settings.ISSUER_NAME in said
            and page.language == ("zh-hans" if reader.language == Language.CHINESE else "en")
            and (kind == "unknown_account" or reader.name in one.body.partition("\n")[0])
            and (kind == "unknown_account" or reader.name in said)
        )
        is_quiet = (
            not {tag for tag, _ in page.tags} & {"img", "script", "link", "iframe", "object", "b"}
            and not {key for _, each in page.tags for key in each} & {"src", "background", "style"}
            and not re.search(r"url\(|@import|@font-face", page.sheet)
        )
        is_for_the_dark = (
            "@media (prefers-color-scheme: dark)" in page.sheet
            and (
                "meta",
                {"name": "color-scheme", "content": "light dark"},
            )
            in page.tags
        )
        # Who cannot or will not press a link reads where it leads, in either form.
        is_readable = all(
            link in page.shown and link in one.body.splitlines() for link in page.links
        )
        same = all(
            " ".join(line.split()) in " ".join(said.split())
            for line in one.body.split("\n\n{sender}".format(**settings_of))[0].splitlines()
            if kind not in {"passed", "failed", "receipt"} and not line.endswith((":", "："))
        )
        checks = {
            "whole": is_whole,
            "quiet": is_quiet,
            "for the dark": is_for_the_dark,
            "readable": is_readable,
            "the same in both forms": same,
        }
        amiss += [f"{kind} is not {what}" for what, holds in checks.items() if not holds]

    assert amiss == []


@pytest.mark.parametrize("reader", ["bob"], indirect=True)
def test_every_mail_is_in_the_readers_language(every_mail):
    english = {
        kind: found
        for kind, one in every_mail.items()
        if (found := re.findall(r"\b(?:the|you|your|is|was|of)\b", one.subject + one.body))
    }

    assert english == {}


def test_no_mail_goes_past_the_frame():
    """Django's ways to write a mail are used in one place; staff get plain words from another."""
    root = Path(assay.server.__file__).parent
    users = {
        (path.relative_to(root).as_posix(), alias.name)
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.core.mail")
        for alias in node.names
    }

    assert users == {
        ("mail.py", "EmailMultiAlternatives"),
        ("submissions/mail.py", "EmailMultiAlternatives"),  # names what it returns
        ("accounts/tasks.py", "mail_admins"),
    }


def test_what_people_wrote_keeps_its_lines_and_is_no_markup():
    with translation.override("en"):
        one = framed(
            Letter(
                subject="A <i>subject</i>",
                parts=(
                    "A paragraph:",
                    Quote(WORDS),
                    Button(label="Go on", address="http://testserver/?a=1&b=2"),
                ),
            ),
            name="",
        )

    assert one.text.startswith(f"A paragraph:\n\n{WORDS}\n\nGo on:\nhttp://testserver/?a=1&b=2\n\n")
    assert "5 &lt; 6 &amp; 100 %<br>&lt;b&gt;dark&lt;/b&gt;" in one.html
    assert "A &lt;i&gt;subject&lt;/i&gt;" in one.html
    assert Page(one.html).buttons == ["http://testserver/?a=1&b=2"]
