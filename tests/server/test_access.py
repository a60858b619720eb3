"""Every page of a person belongs to that person: all addresses against one table.

Alice has a certificate, and another exam that is running. A stranger, Bob, who is
another candidate, and Chen of the staff, in each role, try every address of hers.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from http.cookies import SimpleCookie
from types import ModuleType

import pytest
from access_table import API, PAGES, STAFF, Whose
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, path

from addresses import fill, routes
from api_client import Api
from assay.server.accounts.models import ApiToken, User
from assay.server.accounts.services import create_token
from assay.server.api import api
from assay.server.enrolment.services import orders
from assay.server.exams.services import preparation, sittings
from assay.server.staff.roles import Role, give
from assay.server.submissions.services import closing
from assay.server.urls import urlpatterns

PASSWORD = "correct horse battery staple"
pytestmark = pytest.mark.django_db

HOW = "Say in tests/server/access_table.py who may open it: {}"
IN, SIGN_IN, HIDDEN, FORBIDDEN = "in", "sign in", "nothing there", "forbidden"


def operations():
    """Yield method and path of all operations of the API."""
    for address, methods in api.get_openapi_schema()["paths"].items():
        for method in methods:
            yield f"{method.upper()} {address}"


def of_api(operation):
    """Return the route of an operation: Django's way to write its path."""
    return operation.partition(" /")[2].replace("{", "<").replace("}", ">")


def rows():
    """Return all routes that the table has a row for."""
    return set(PAGES) | set(STAFF) | {of_api(operation) for operation in API}


def test_every_page_has_a_row():
    found, known = set(routes()), rows()

    assert found - known == set(), HOW.format(sorted(found - known))
    assert known - found == set(), f"These are gone: {sorted(known - found)}"


def test_no_page_has_two_rows():
    assert set(PAGES) & set(STAFF) == set()


def test_a_page_that_is_added_without_a_row_is_noticed():
    more = ModuleType("more")
    more.urlpatterns = [*urlpatterns, path("brand/<int:new>/", lambda request: None)]

    assert set(routes(get_resolver(more))) - rows() == {"brand/<int:new>/"}


def test_every_operation_of_the_api_has_a_row():
    found = set(operations())

    assert found - set(API) == set(), HOW.format(sorted(found - set(API)))
    assert set(API) - found == set(), f"These are gone: {sorted(set(API) - found)}"


@pytest.fixture
def bundles(blobs, monkeypatch):
    """Have bundles be archives with a description, as pages show it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("task.en.md", "# Title")
    plain = archive.getvalue()
    digest = hashlib.sha256(plain).hexdigest()
    real = preparation.finish

    def finish(task_id, drawing, at):
        sealed = preparation.seal(plain, drawing.key)
        parts = {"plain_sha256": digest, "sealed_sha256": blobs.put(sealed)}
        return real(task_id, replace(drawing, **parts, sealed_size=len(sealed)), at)

    monkeypatch.setattr(preparation, "finish", finish)
    for module in ("console.descriptions", "submissions.certainty"):
        monkeypatch.setattr(f"assay.server.{module}.store", lambda: blobs)


@pytest.fixture
def world(alice, bundles, prepare, running_sitting, mark, submit, clock, settings, now):
    """What there is of Alice's: her parameters of addresses."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "sk_test_1", ["whsec_1"]
    settings.STRIPE_API = "http://127.0.0.1:9"  # nobody is to be asked
    passed = running_sitting(alice, "small")
    for slot in ("Category1", "Category2"):
        mark(passed, slot, points=5)
    sittings.end(passed.pk, now)
    closing.close_if_due(passed.pk, now)
    passed.refresh_from_db()
    order = orders.place(alice, "rehearsal", now)
    running = prepare(sittings.open_sitting(order.registration, now), now)
    sittings.start(running.pk, now)
    submission = submit(running, "Category1")
    create_token(alice, now)
    return {
        "exam": "small",
        "kid": passed.credential.key.kid,
        "number": passed.credential.pk,
        "order_id": order.pk,
        "pk": 0,  # no passkey
        "registration_id": order.registration.pk,
        "sitting_id": running.pk,
        "slot": "Category1",
        "submission_id": submission.pk,
        "token_id": ApiToken.objects.get(user=alice).pk,
        "provider_id": "campus",
        "uidb36": "1",
        "key": "set-password",
    }


class Person:
    """Somebody with a browser and a program."""

    def __init__(self, user, sign_in):
        self.user = user
        self.cookies = SimpleCookie()
        self.program = sign_in(user) if user is not None else Api(None)
        if user is not None:
            user.set_password(PASSWORD)
            user.save()
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            browser = Client()
            answer = browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

            assert answer.headers["Location"] == "/me/"

            # Pages of second factors ask once more.
            browser.post("/accounts/reauthenticate/", {"password": PASSWORD})

            self.cookies = browser.cookies

    def browse(self, method, address):
        """Ask for a page as a browser does."""
        browser = Client()
        browser.cookies = SimpleCookie(self.cookies.output(header="", sep=";"))
        return getattr(browser, method.lower())(address)


def reading(answer):
    """Say what an answer means for who asked."""
    assert answer.status_code < 500, answer.content

    place = answer.headers.get("Location", "")
    if answer.status_code == 401 or place.startswith("/accounts/login/"):
        return SIGN_IN
    return {404: HIDDEN, 403: FORBIDDEN}.get(answer.status_code, IN)


def expected(whose, who):
    """Return what the table promises."""
    if whose is Whose.EVERYBODY:
        return IN
    if who == "stranger":
        return SIGN_IN
    return IN if whose is Whose.SIGNED_IN or who == "alice" else HIDDEN


@pytest.fixture
def person(alice, bob, now, sign_in):
    """Somebody: a stranger, alice, bob, or staff in a role."""

    def act(who):
        if who == "stranger":
            return Person(None, sign_in)
        if who in {"alice", "bob"}:
            return Person({"alice": alice, "bob": bob}[who], sign_in)
        chen = User.objects.create_user(
            "chen@example.org", name="Chen", language="en", joined_at=now
        )
        give(chen, Role(who), by=None, now=now)
        return Person(chen, sign_in)

    return act


PEOPLE = ["stranger", "alice", "bob", *(role.value for role in Role)]


def give_second_factors(user, *, with_passkey):
    """Give somebody second factors who has signed in without; return the passkey's number."""
    TOTP.activate(user, "ABCDEFGHIJKLMNOP")
    RecoveryCodes.activate(user)
    if not with_passkey:  # this one could not be used, and some pages want to
        return 0
    data = {"name": "Phone", "credential": {}}
    return Authenticator.objects.create(user=user, type="webauthn", data=data).pk


@contextmanager
def undone():
    """Undo what a request does."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_open_for_whom_the_table_says(world, alice, person, who):
    somebody = person(who)
    wrong = {}
    for route, (methods, whose) in PAGES.items():
        for method in methods.split():
            with undone():
                if "/2fa/" in route:
                    world["pk"] = give_second_factors(alice, with_passkey="<int:pk>" in route)
                answer = somebody.browse(method, fill(route, world))
                if whose is Whose.MIDWAY:
                    if answer.status_code == 200:
                        wrong[method, route] = "a page"
                elif (got := reading(answer)) != (promised := expected(whose, who)):
                    wrong[method, route] = f"{got} ({answer.status_code}), not {promised}"

    assert wrong == {}


@pytest.mark.parametrize("who", PEOPLE)
def test_operations_are_done_for_whom_the_table_says(world, person, upload, who):
    program = person(who).program
    wrong = {}
    for operation, whose in API.items():
        method, path = operation.split()
        address = fill(path.lstrip("/"), world)
        with undone():
            if method == "GET":
                answer = program.get(address)
            else:
                answer = program.post(address, upload() if "/tasks/" in path else None)
        if (got := reading(answer)) != (promised := expected(whose, who)):
            wrong[operation] = f"{got} ({answer.status_code}), not {promised}"

    assert wrong == {}


@pytest.mark.parametrize("who", ["stranger", "bob", Role.EXAMINER.value])
def test_no_method_opens_what_is_anothers(world, person, who):
    somebody = person(who)
    wrong = {}
    for route, (_methods, whose) in PAGES.items():
        if whose is Whose.OWNER:
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
                with undone():
                    answer = somebody.browse(method, fill(route, world))
                if answer.status_code != 405 and reading(answer) not in {HIDDEN, SIGN_IN}:
                    wrong[method, route] = answer.status_code

    assert wrong == {}
