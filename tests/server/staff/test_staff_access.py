"""Who of the staff may open what: every address under /staff/ and /admin/ against the one table."""

from __future__ import annotations

import pytest
from access_table import NOBODY, STAFF

from addresses import fill
from assay.server.staff.roles import Role

pytestmark = pytest.mark.django_db

SOME = "00000000-0000-0000-0000-000000000007"
THERE = {  # nothing of it is there: who may is told so, and who may not learns nothing
    "app_label": "staff",
    "batch_id": 7,
    "announcement_id": 7,
    "exam": "small",
    "kind": "photo",
    "object_id": SOME,
    **dict.fromkeys(
        ("check_id", "sitting_id", "registration_id", "submission_id", "appeal_id", "order_id"),
        SOME,
    ),
}


def ask(browser, route, method):
    return getattr(browser, method.lower())(fill(route, THERE))


@pytest.mark.parametrize("route", STAFF)
def test_a_stranger_is_sent_to_sign_in(browse, route):
    answer = ask(browse(), route, STAFF[route][0])

    assert answer.status_code == 302
    assert answer["location"].startswith("/accounts/login/")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_candidate_finds_nothing(browse, alice, method):
    browser = browse(alice)

    found = {route: ask(browser, route, method).status_code for route in STAFF}
    assert found == dict.fromkeys(STAFF, 404)


def test_staff_without_a_role_may_nothing(browse, staff):
    browser = browse(staff())

    found = {route: ask(browser, route, method).status_code for route, (method, _) in STAFF.items()}
    assert found == dict.fromkeys(STAFF, 403)


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_table_says(browse, staff, role):
    browser = browse(staff(role))

    may = {
        route: ask(browser, route, method).status_code != 403
        for route, (method, _roles) in STAFF.items()
    }

    assert may == {route: role in roles for route, (_method, roles) in STAFF.items()}


def test_a_superuser_may_all_that_anybody_may(browse, staff):
    browser = browse(staff(is_superuser=True))

    may = {
        route: ask(browser, route, method).status_code != 403
        for route, (method, _roles) in STAFF.items()
    }

    assert may == {route: roles != NOBODY for route, (_method, roles) in STAFF.items()}


def test_the_wrong_method_does_nothing(browse, staff):
    browser = browse(staff(Role.EXAMINER))

    assert ask(browser, "staff/sittings/stop/", "GET").status_code == 405
