"""Who may open which staff page: every address under /staff/ against one table."""

from __future__ import annotations

from uuid import UUID

import pytest

from assay.server.staff import urls
from assay.server.staff.roles import Role

pytestmark = pytest.mark.django_db

SOME = UUID(int=7)
EVERYBODY = set(Role)
BOOKKEEPERS = {Role.REGISTRAR, Role.AUDITOR}
EXAMINERS = {Role.EXAMINER, Role.AUDITOR}
WATCHERS = {Role.REGISTRAR, Role.EXAMINER, Role.AUDITOR}

# Name of the address: method, roles that may.
TABLE = {
    "overview": ("get", EVERYBODY),
    "audit": ("get", {Role.AUDITOR}),
    "identity": ("get", {Role.IDENTITY_CHECKER}),
    "decide": ("post", {Role.IDENTITY_CHECKER}),
    "picture": ("get", {Role.IDENTITY_CHECKER}),
    "live": ("get", WATCHERS),
    "stop": ("post", {Role.EXAMINER}),
    "resume": ("post", {Role.EXAMINER}),
    "add-time": ("post", {Role.EXAMINER}),
    "registrations": ("get", WATCHERS),
    "new-registration": ("get", {Role.REGISTRAR}),
    "make-registration": ("post", {Role.REGISTRAR}),
    "registration": ("get", WATCHERS),
    "extend": ("post", {Role.REGISTRAR}),
    "accommodate": ("post", {Role.REGISTRAR}),
    "void": ("post", {Role.EXAMINER}),
    "vouchers": ("get", BOOKKEEPERS),
    "new-vouchers": ("get", {Role.REGISTRAR}),
    "make-vouchers": ("post", {Role.REGISTRAR}),
    "find-voucher": ("post", {Role.REGISTRAR}),
    "batch": ("get", BOOKKEEPERS),
    "export-vouchers": ("get", {Role.REGISTRAR}),
    "voucher-off": ("post", {Role.REGISTRAR}),
    "orders": ("get", BOOKKEEPERS),
    "order": ("get", BOOKKEEPERS),
    "refund": ("post", {Role.REGISTRAR}),
    "announcements": ("get", {Role.EXAMINER, Role.AUDITOR}),
    "announce": ("post", {Role.EXAMINER}),
    "withdraw-announcement": ("post", {Role.EXAMINER}),
    "submissions": ("get", EXAMINERS),
    "submission": ("get", EXAMINERS),
    "submission-file": ("get", {Role.EXAMINER}),
    "regrade-submission": ("post", {Role.EXAMINER}),
    "sitting": ("get", EXAMINERS),
    "regrade-slot": ("post", {Role.EXAMINER}),
    "decide-regrades": ("post", {Role.EXAMINER}),
    "regrades": ("get", EXAMINERS),
    "regrade-item": ("post", {Role.EXAMINER}),
    "appeals": ("get", EXAMINERS),
    "appeal": ("get", EXAMINERS),
    "score-appeal": ("post", {Role.EXAMINER}),
    "answer-appeal": ("post", {Role.EXAMINER}),
    "statistics": ("get", EXAMINERS),
    "exam-statistics": ("get", EXAMINERS),
    "exam-csv": ("get", EXAMINERS),
    "items-csv": ("get", EXAMINERS),
}


def ask(browser, name, method):
    route = next(str(each.pattern) for each in urls.urlpatterns if each.name == name)
    for part in ("batch_id", "announcement_id"):
        route = route.replace(f"<int:{part}>", "7")
    for part in (
        "check_id",
        "sitting_id",
        "registration_id",
        "submission_id",
        "appeal_id",
        "order_id",
    ):
        route = route.replace(f"<uuid:{part}>", str(SOME))
    return getattr(browser, method)(
        "/" + route.replace("<slug:kind>", "photo").replace("<str:exam>", "small")
    )


def test_the_table_names_every_address():
    assert {each.name for each in urls.urlpatterns} == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_a_stranger_is_sent_to_sign_in(browse, name):
    answer = ask(browse(), name, TABLE[name][0])

    assert answer.status_code == 302
    assert answer["location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", TABLE)
def test_a_candidate_finds_nothing(browse, alice, name):
    browser = browse(alice)

    assert {ask(browser, name, method).status_code for method in ("get", "post")} == {404}


@pytest.mark.parametrize("name", TABLE)
def test_staff_without_a_role_may_nothing(browse, staff, name):
    assert ask(browse(staff()), name, TABLE[name][0]).status_code == 403


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_table_says(browse, staff, role):
    browser = browse(staff(role))

    may = {
        name: ask(browser, name, method).status_code != 403
        for name, (method, _roles) in TABLE.items()
    }

    assert may == {name: role in roles for name, (_method, roles) in TABLE.items()}


def test_a_superuser_may_everything(browse, staff):
    browser = browse(staff(is_superuser=True))

    assert 403 not in {
        ask(browser, name, method).status_code for name, (method, _) in TABLE.items()
    }


def test_the_wrong_method_does_nothing(browse, staff):
    browser = browse(staff(Role.EXAMINER))

    assert ask(browser, "stop", "get").status_code == 405
