"""People and what they have at a server of the tests, so that every page has something to show.

All of it comes through the services that the pages use. This module is imported by the
server's own Django (see `seed` in test_every_page.py), where `main` prints what the tests
have to know: the addresses there are, parameters for them, sessions.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.utils import translation
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)
from PIL import Image

from addresses import routes
from assay.errors import Refusal
from assay.grading import GradeOutcome
from assay.grading.refusals import LambdaLayer
from assay.items.bundle import build_bundle
from assay.items.store import save_inputs, save_labels
from assay.server.accounts import devices
from assay.server.accounts import views as account_pages
from assay.server.accounts.models import User
from assay.server.accounts.services import create_token
from assay.server.appeals import services as appeals
from assay.server.enrolment.models import Order, Payment, Reminder, StripeEvent
from assay.server.enrolment.services import (
    failed_refunds,
    identity,
    orders,
    registrar,
    vouchers,
)
from assay.server.exams.bank import bank
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.services import (
    announcements,
    clock,
    preparation,
    registrations,
    sittings,
)
from assay.server.pages import views as pages
from assay.server.staff.records import site
from assay.server.staff.roles import Role, give
from assay.server.storage import store
from assay.server.submissions.grader import NoRunner
from assay.server.submissions.models import Submission
from assay.server.submissions.services import closing, grading, receiving, regrading
from assay.server.submissions.uploads import ReceivedUpload
from small_bank import EXAM, line_model

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PASSWORD = "correct horse battery staple"
HOUR = 3600.0  # seconds
Verdict = int | Refusal | None  # None: it cannot be graded, by our fault
WORDS = (
    "My third submission for this category was refused, although the same file was graded "
    "two minutes before.\nI expected 5/5, as on my own validation set."
)


def main() -> None:
    """Make everybody, all at once; print what there is as JSON."""
    with transaction.atomic():
        world = World(datetime.now(UTC))
        world.fill()
    known = {
        "routes": sorted(set(routes())),
        "cookie": settings.SESSION_COOKIE_NAME,
        "sessions": world.sessions,
        "places": world.places,
        "errors": {language: _errors(language) for language in ("en", "zh-hans")},
    }
    print(json.dumps(known, default=str))


class World:
    """Everybody, by a word for what they are here for."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.sessions: dict[str, str] = {}  # person → session
        self.places: dict[str, dict[str, Any]] = {  # person → parameters of addresses
            "stranger": {
                "exam": EXAM,
                "number": "00000000-0000-4000-8000-000000000000",
                "provider_id": "campus",
            }
        }
        self.people: dict[str, User] = {}
        self._drawing = _drawn()

    def fill(self) -> None:
        """Make everybody and everything."""
        self._staff()
        self._accounts()
        self._orders()
        self._identity()
        self._before_the_exam()
        self._during_the_exam()
        self._after_the_exam()
        self._at_the_desk()
        self._records()

    def person(self, word: str, **fields: Any) -> User:
        """Return somebody; who is new has a session, and need not type the password for an hour."""
        if word in self.people:
            return self.people[word]
        fields = {"name": f"{word.title()} Example", "language": "en"} | fields
        user = User.objects.create_user(
            f"{word}@seeded.example.org", joined_at=self.now - 30 * DAY, **fields
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        browser = Client()
        browser.force_login(user)
        session = browser.session
        # As allauth notes that somebody has just typed the password once more.
        session["account_authentication_methods_user"] = str(user.pk)
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time() + HOUR, "reauthenticated": True}
        ]
        session.save()
        self.sessions[word] = str(session.session_key)
        self.people[word] = user
        self.places[word] = {"exam": EXAM, "slot": "Category1", "pk": 0}
        return user

    def _staff(self) -> None:
        chen = self.person("chen", name="Chen", is_staff=True, is_superuser=True)
        give(self.person("auditor"), Role.AUDITOR, by=chen, now=self.now)
        self.person("roleless", is_staff=True)

    def _accounts(self) -> None:
        self.person("newcomer")
        careful = self.person(
            "careful",
            name="Dr. Karlotta Katharina von Sorgfalt-Überlang",
            password=PASSWORD,
        )
        TOTP.activate(careful, "ABCDEFGHIJKLMNOP")
        RecoveryCodes.activate(careful)
        passkey = Authenticator.objects.create(
            user=careful, type="webauthn", data={"name": "Phone", "credential": _passkey()}
        )
        # Whose passkey no browser knows must not be asked for it.
        TOTP.activate(self.person("protected", password=PASSWORD), "ABCDEFGHIJKLMNOP")
        create_token(careful, self.now, "assay on a laptop")
        grant = devices.begin("assay on a laptop", self.now)
        self.places["careful"] |= {"pk": passkey.pk, "code": grant.user_code}
        # Dana comes from the provider of OpenID Connect, and has no account here yet.
        session = SessionStore()
        session["socialaccount_sociallogin"] = SocialLogin(
            user=User(email="dana@campus.example", name="Dana Example", language="en"),
            account=SocialAccount(provider="campus", uid="4711", extra_data={}),
            provider=get_adapter().get_provider(RequestFactory().get("/"), "campus"),
        ).serialize()
        session.save()
        self.sessions["dana"], self.places["dana"] = str(session.session_key), {}
        forgetful = self.person("forgetful")
        self.places["stranger"] |= {
            "uidb36": user_pk_to_url_str(forgetful),
            "key": default_token_generator.make_token(forgetful),
        }
        self.places["passed by"] = self.places["stranger"] | {"key": "an-old-one"}

    # -- orders and identity ----------------------------------------------------------------

    def _order(self, word: str, exam: str, **options: Any) -> Order:
        order = orders.place(self.person(word), exam, self.now, **options)
        self.places[word] |= {"order_id": order.pk, "exam": exam}
        if order.registration is not None:
            self.places[word] |= {"registration_id": order.registration.pk}
        return order

    def _payment(self, order: Order, state: str, **fields: Any) -> Payment:
        return order.payments.create(
            state=state,
            amount=order.due,
            session=f"cs_test_{order.pk.hex}",
            intent=f"pi_{order.pk.hex}",
            created_at=self.now,
            expires_at=self.now + DAY,
            **fields,
        )

    def _orders(self) -> None:
        batch = vouchers.create_batch(
            name="Class of 2026, Example School of Applied Machine Learning",
            count=12,
            per_cent=40,
            uses=3,
            expires_at=self.now + 90 * DAY,
            by=self.people["chen"],
            now=self.now,
        )
        codes = list(batch.vouchers.all())
        vouchers.block(codes[-1].pk, by=self.people["chen"], now=self.now)
        self.places["chen"] |= {"batch_id": batch.pk}
        self._order("unpaid", "paid")
        self._order("cheaper", "paid", voucher=codes[0].code)
        self._payment(self._order("bank", "paid"), "processing")
        orders.cancel(self._order("cancelled", "paid").pk, self.now)
        paid = self._order("paid", "paid")
        self._payment(paid, "paid", paid_at=self.now)
        orders.complete(paid, self.now)
        assert paid.registration is not None
        self.places["paid"] |= {"registration_id": paid.registration.pk}
        back = self._order("refunded", "paid")
        self._payment(back, "refunded", paid_at=self.now, refunded=back.due)
        back.state, back.closed_at, back.refunded_at = "refunded", self.now, self.now
        back.save()
        for word in ("bounced", "settled"):
            order = self._order(word, "paid")
            payment = self._payment(order, "refunded", paid_at=self.now, refunded=order.due)
            order.state, order.closed_at, order.refunded_at = "refunded", self.now, self.now
            order.save()
            failed = payment.failed_refunds.create(
                number=f"re_{word}", amount=order.due, reason="expired_card", failed_at=self.now
            )
        how, by = "By bank transfer; the payer has confirmed it.", self.people["chen"]
        failed_refunds.settle(failed.pk, order.pk, by=by, how=how, now=self.now)

    def _identity(self) -> None:
        for word in ("asked", "shown", "declined"):
            right = self._order(word, "guarded").registration
            assert right is not None
            if word == "asked":
                continue
            pictures = {"document": _picture(), "photo": _picture()}
            check = identity.submit(self.people[word], right.pk, **pictures, now=self.now)
            self.places[word] |= {"check_id": check.pk, "kind": "photo"}
            if word == "declined":
                reason = "The photo is too dark. Take it by daylight, without glasses."
                identity.refuse(check.pk, reason=reason, by=self.people["chen"], now=self.now)

    # -- exams ------------------------------------------------------------------------------

    def _registered(self, word: str, at: datetime, **options: Any) -> Registration:
        right = registrations.register(self.person(word), EXAM, at, **options)
        right.pledged_at = at
        right.save()
        self.places[word] |= {"registration_id": right.pk}
        return right

    def _ready(self, word: str, at: datetime, **options: Any) -> Sitting:
        sitting = sittings.open_sitting(self._registered(word, at, **options), at)
        self.places[word] |= {"sitting_id": sitting.pk}
        for task in sitting.tasks.all():
            preparation.finish(task.pk, self._drawing, at)
        return Sitting.objects.get(pk=sitting.pk)

    def _running(self, word: str, at: datetime, **options: Any) -> Sitting:
        return sittings.start(self._ready(word, at, **options).pk, at).sitting

    def _submitted(
        self, word: str, verdict: Verdict, at: datetime, slot: str = "Category1"
    ) -> Submission:
        """Have somebody hand in a file that nobody has handed in before, and have it judged."""
        submission = receiving.receive(self.places[word]["sitting_id"], slot, _upload(at), at)
        self.places[word] |= {"submission_id": submission.pk}
        while submission.state == "queued":
            claimed = grading.claim(submission.pk, at)
            assert claimed is not None
            _judge(claimed, verdict, at)
            submission.refresh_from_db()
        return submission

    def _closed(self, word: str, points: tuple[int, int], at: datetime) -> Sitting:
        """Have somebody sit the whole exam, up to the result."""
        sitting = self._running(word, at)
        self._submitted(word, min(points), at + MINUTE)
        self._submitted(word, points[1], at + 2 * MINUTE, "Category2")
        self._submitted(word, points[0], at + 3 * MINUTE)
        sittings.end(sitting.pk, at + 10 * MINUTE)
        closing.close_if_due(sitting.pk, at + 11 * MINUTE)
        return Sitting.objects.get(pk=sitting.pk)

    def _before_the_exam(self) -> None:
        right = self._registered("registered", self.now)
        right.pledged_at = None
        right.save()
        self._ready("ready", self.now, time_factor=1.5, pause_minutes=20)
        waiting = sittings.open_sitting(self._registered("preparing", self.now), self.now)
        self.places["preparing"] |= {"sitting_id": waiting.pk}
        with connection.cursor() as cursor:  # nobody shall draw them while they are looked at
            jobs = list(waiting.tasks.values_list("job_id", flat=True))
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [jobs])
        self._ready("lapsed", self.now - 60 * DAY)

    def _during_the_exam(self) -> None:
        at = self.now - 10 * MINUTE
        self._running("running", at)
        refusal = LambdaLayer(layer="lambda_1")
        for minute, verdict in enumerate((1, refusal, 4)):
            self._submitted("running", verdict, at + minute * MINUTE)
        self._running("paused", at, pause_minutes=50)
        clock.pause(self.places["paused"]["sitting_id"], self.now)
        faulty = self._running("faulty", at)
        self._submitted("faulty", 5, at, "Category2")
        self._submitted("faulty", None, at + MINUTE)
        sittings.end(faulty.pk, self.now)  # and stays open until staff have looked at it

    def _after_the_exam(self) -> None:
        chen, past = self.people["chen"], self.now - 2 * DAY
        passed = self._closed("passed", (5, 5), past)
        self.places["passed"] |= {
            "number": passed.credential.pk,
            "kid": passed.credential.key.kid,
        }
        for number, points in enumerate([(5, 5), (4, 5), (3, 2), (5, 1), (2, 0), (5, 4)] * 2):
            self._closed(f"crowd{number}", points, past + number * MINUTE)
        self._closed("failed", (3, 4), past)
        for word in ("appealing", "answered"):
            self._closed(word, (2, 5), past)
            self._appeal(word)
        appeals.answer(
            self.places["answered"]["appeal_id"],
            granted=True,
            reason="The third decimal was cut off by the old grading code.\nIt is mended.",
            by=chen,
            now=self.now,
        )
        for word in ("voided", "annulled", "lifted"):
            sitting = self._closed(word, (5, 5), past)
            self.places[word] |= {"number": sitting.credential.pk}
            reason = "The same file was submitted by another candidate."
            registrar.void(sitting.registration_id, by=chen, reason=reason, now=self.now)
        for word in ("annulled", "lifted"):
            sitting_id = self.places[word]["sitting_id"]
            appeal = appeals.file(self.people[word], sitting_id, slots=[], text=WORDS, now=self.now)
            self.places[word] |= {"appeal_id": appeal.pk}
        appeals.answer(
            self.places["lifted"]["appeal_id"],
            granted=True,
            reason="Both files came from the notebook of the course.",
            by=chen,
            now=self.now,
        )

    def _appeal(self, word: str) -> None:
        """File an appeal, and have its submissions graded again: they earn more."""
        appeal = appeals.file(
            self.people[word],
            self.places[word]["sitting_id"],
            slots=["Category1"],
            text=WORDS,
            now=self.now,
        )
        self.places[word] |= {"appeal_id": appeal.pk}
        for each in appeals.score(appeal.pk, by=self.people["chen"], now=self.now):
            regrading.begin(each.pk, self.now)
            found = GradeOutcome(points=(each.points_before or 0) + 1, value=0.2)
            regrading.complete(each.pk, found, self.now)

    def _at_the_desk(self) -> None:
        chen = self.people["chen"]
        texts = {
            "text_en": "The description of Category1 speaks of 200 samples; there are 2,000.",
            "text_zh": "类别一的说明中写的是 200 个样本，实际为 2,000 个。",
        }
        # For exams that no test sits: others look at their pages on the same server.
        for exam in ("paid", "guarded"):
            written = announcements.write(**texts, hours=2, exam=exam, by=chen, now=self.now)
        announcements.withdraw(written.pk, self.now)

    def _records(self) -> None:
        """Name one row of each kind that the admin shows."""
        Reminder.objects.create(
            registration_id=self.places["ready"]["registration_id"], days=7, sent_at=self.now
        )
        StripeEvent.objects.create(
            id="evt_1", kind="checkout.session.completed", received_at=self.now
        )
        for model in site._registry:
            row = model._default_manager.order_by("-pk").first()
            assert row is not None, model
            label = f"{model._meta.app_label}/{model._meta.model_name}"
            self.places[label] = {"app_label": model._meta.app_label, "object_id": row.pk}


def _drawn() -> preparation.Drawing:
    """Draw the item once, as the server does."""
    item = bank().items["regression/line"]
    variant = item.draw(7)
    plain, key = build_bundle(item, variant), b"k" * 32
    sealed = preparation.seal(plain, key)
    splits = {"hidden": variant.hidden, "sealed": variant.sealed}
    return preparation.Drawing(
        plain_sha256=hashlib.sha256(plain).hexdigest(),
        sealed_sha256=store().put(sealed),
        sealed_size=len(sealed),
        key=key,
        splits={
            f"{name}.{part}": store().put(save(split))
            for name, split in splits.items()
            for part, save in (("inputs", save_inputs), ("labels", save_labels))
        },
    )


_counted = itertools.count(1)


def _upload(at: datetime) -> ReceivedUpload:
    content = line_model(2 + next(_counted) / 1e6)
    with tempfile.NamedTemporaryFile(suffix=".h5", delete=False) as file:
        file.write(content)
    return ReceivedUpload(
        path=Path(file.name),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        arrived_at=at,
        file_name="my_best_model_of_all_with_augmentation_and_dropout_v17_final.h5",
    )


def _judge(submission: Submission, verdict: Verdict, at: datetime) -> None:
    attempt = submission.pk, submission.attempt
    if verdict is None:
        grading.fault(
            *attempt, NoRunner(), at, reason="OSError: [Errno 28] No space left on device"
        )
    elif isinstance(verdict, int):
        outcome = GradeOutcome(points=verdict, value=2.0 / (1 + verdict))
        grading.complete(*attempt, outcome, at)
    else:
        grading.complete(*attempt, verdict, at)


def _passkey() -> dict[str, Any]:
    """Return a passkey as a browser reports that it was made: of a key that nobody has."""
    number, flag = bytes(16), AuthenticatorData.FLAG
    key = ES256.from_cryptography_key(generate_private_key(SECP256R1()).public_key())
    held = AttestedCredentialData.create(bytes(16), number, key)
    made = AuthenticatorData.create(bytes(32), flag.UP | flag.AT, 0, held)
    response = RegistrationResponse(
        raw_id=number,
        response=AuthenticatorAttestationResponse(
            client_data=CollectedClientData.create("webauthn.create", bytes(16), settings.URL),
            attestation_object=AttestationObject.create("none", made, {}),
        ),
    )
    return dict(response)


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.effect_mandelbrot((640, 480), (-2, -1, 1, 1), 20).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


def _errors(language: str) -> dict[int, str]:
    """Return the pages of errors that a server that works does not show: by their handlers."""
    request = RequestFactory().get("/nowhere/")
    request.user = AnonymousUser()
    with translation.override(language):
        answers = (
            pages.bad_request(request, ValueError()),
            account_pages.too_many_requests(request),
            pages.server_error(request),
        )
    return {answer.status_code: answer.content.decode() for answer in answers}
