"""Every error of the API is a problem, in the reader's language."""

from __future__ import annotations

import logging
import re
from uuid import uuid4

import pytest
from django.db import OperationalError

from assay import wire
from assay.errors import AssayError, Conflict, NotAllowed, NotFound, PlatformFault, UsageError
from assay.messages import Language
from assay.server.accounts.models import ApiToken
from assay.server.api import problems, registrations
from assay.server.exams.errors import UnknownSlot


@pytest.fixture
def api(alice, sign_in):
    return sign_in(alice)


def problem(answer):
    assert answer["Content-Type"].startswith("application/json")
    return wire.Problem(**answer.json())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAllowed(), 403),
        (NotFound(what="sitting"), 404),
        (Conflict(), 409),
        (UsageError(), 422),
        (PlatformFault(), 503),
        (AssayError(), 500),
    ],
)
def test_each_kind_of_error_has_its_status(error, status):
    assert problems.answer(error, Language.ENGLISH)[0] == status


def test_a_problem_carries_code_message_remedy_and_parameters():
    error = UnknownSlot(slot="Category9", known="Category1")

    shown = problems.problem(error, Language.ENGLISH)

    assert shown.code == "unknown_category"
    assert shown.message == "There is no category Category9 in this exam, which has: Category1."
    assert shown.remedy
    assert shown.params == {"slot": "Category9", "known": "Category1"}


def test_an_unknown_address(api):
    answer = api.get("/api/nonsense")

    assert answer.status_code == 404
    assert problem(answer).code == "unknown_address"


def test_a_wrong_method(api):
    answer = api.post("/api/me")

    assert answer.status_code == 405
    assert problem(answer).code == "wrong_method"


def test_a_malformed_identifier(api):
    answer = api.get("/api/sittings/42")

    assert answer.status_code == 422
    assert problem(answer).code == "invalid_request"
    assert "sitting_id" in problem(answer).message


def test_a_wait_that_is_too_long(api):
    answer = api.get(f"/api/submissions/{uuid4()}?wait=3600")

    assert answer.status_code == 422
    assert "wait" in problem(answer).message


def test_a_token_that_nobody_gave_out(alice, stranger):
    stranger.headers.append((b"authorization", b"Bearer assay_guess"))

    answer = stranger.get("/api/me")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert problem(answer).code == "unauthenticated"


def test_a_revoked_token(api, now):
    ApiToken.objects.update(revoked_at=now)

    assert api.get("/api/me").status_code == 401


def test_a_token_of_a_user_who_was_shut_out(api, alice):
    alice.is_active = False
    alice.save()

    assert api.get("/api/me").status_code == 401


def test_our_own_mistake(api, monkeypatch, caplog):
    def broken(user):
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(registrations.shapes, "person", broken)
    with caplog.at_level(logging.ERROR):
        answer = api.get("/api/me")

    assert answer.status_code == 500
    assert problem(answer).code == "unexpected"
    assert b"secret words" not in answer.content
    assert "secret words" in caplog.text


def test_a_database_that_does_not_answer(api, monkeypatch):
    def away(user):
        raise OperationalError("connection refused")

    monkeypatch.setattr(registrations.shapes, "person", away)
    answer = api.get("/api/me")

    assert answer.status_code == 503
    assert problem(answer).code == "database_away"


def test_an_error_page_outside_the_api_is_a_page(client, db):
    assert client.get("/nonsense")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("sent", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.CHINESE),
        ("de-DE,en;q=0.5", Language.ENGLISH),
        ("fr", Language.ENGLISH),
    ],
)
def test_the_reader_chooses_the_language(sent, language):
    assert problems.reader_language(sent) is language


def test_a_reader_who_says_nothing_gets_the_servers_language(settings):
    settings.LANGUAGE = Language.CHINESE

    assert problems.reader_language(None) is Language.CHINESE


def test_titles_are_in_the_readers_language(register, alice, sign_in):
    register(alice)

    (shown,) = sign_in(alice, "zh-CN").get("/api/registrations").json()

    assert shown["exam"]["title"] == "小考试"


def test_the_schema_describes_every_route(stranger, db):
    schema = stranger.get("/api/openapi.json").json()

    assert schema["info"]["title"] == "Assay"
    assert (
        "application/octet-stream"
        in (
            schema["paths"]["/api/sittings/{sitting_id}/tasks/{slot}/submissions"]["post"][
                "requestBody"
            ]["content"]
        )
    )


def test_the_page_of_the_api_says_what_its_schema_says(client, db):
    schema = client.get("/api/openapi.json").json()
    page = client.get("/api/docs").content.decode()

    described = set(schema["components"]["schemas"])
    for path, methods in schema["paths"].items():
        for method, found in methods.items():
            assert f"<h3><code>{method.upper()} {path}</code></h3>" in page
            described.add(found["operationId"])
    for name in described:
        assert f'<section class="card" id="{name}">' in page
    pointed_to = set(re.findall(r'href="#(\w+)"', page)) - {"content"}
    assert {"Sitting", "Registration", "Problem"} <= pointed_to <= described
    assert "<code>[<a" in page  # of an array
    assert "<code>string (date-time) | null</code>" in page


def test_the_page_of_the_api_says_what_needs_a_token(client, db):
    page = client.get("/api/docs").content.decode()
    sections = {part.split("</code>")[0]: part for part in page.split("<h3><code>")[1:]}

    assert "It needs no token." in sections["GET /api/health"]
    assert "It needs no token." not in sections["GET /api/me"]


def test_nobody_keeps_an_answer(api):
    for address in ("/api/me", "/api/nonsense"):
        assert api.get(address)["Cache-Control"] == "no-store"
