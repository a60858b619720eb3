"""Django's admin: who gets in, and that nothing goes round the services there."""

from __future__ import annotations

import re

import pytest
from django.urls import get_resolver

from assay.server.accounts.models import ApiToken, User
from assay.server.accounts.services import create_token
from assay.server.staff.models import AuditEntry
from assay.server.staff.records import site
from assay.server.staff.roles import Role, actions_of

pytestmark = pytest.mark.django_db


def addresses(key):
    """All addresses of the site, for the row with a key."""
    routes = [str(each.pattern) for each in site.get_urls() if not hasattr(each, "url_patterns")]
    for model in site._registry:
        prefix = f"{model._meta.app_label}/{model._meta.model_name}/"
        inner = next(e for e in site.get_urls() if str(e.pattern) == prefix)
        routes += [prefix + str(each.pattern) for each in inner.url_patterns]
    found = [re.sub(r"<path:\w+>", str(key), route) for route in routes]
    return ["/admin/" + re.sub(r"\^?\(\?P<app_label>.*", "staff/", route) for route in found]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in(browse, alice, method):
    for address in addresses(alice.pk):
        answer = getattr(browse(), method)(address)

        assert answer.status_code == 302, address
        assert answer["location"].startswith("/accounts/login/")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_candidate_finds_nothing(browse, alice, bob, method):
    browser = browse(bob)

    assert {getattr(browser, method)(each).status_code for each in addresses(alice.pk)} == {404}


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.EXAMINER, Role.IDENTITY_CHECKER])
def test_other_roles_are_kept_out(browse, staff, alice, role):
    browser = browse(staff(role))

    assert {browser.get(each).status_code for each in addresses(alice.pk)} == {403}


def test_an_auditor_reads_and_changes_nothing(browse, staff, alice):
    browser = browse(staff(Role.AUDITOR))
    create_token(alice, alice.joined_at)

    for address in addresses(alice.pk):
        assert browser.get(address).status_code < 500, address
    for model in ("accounts/user", "accounts/apitoken", "staff/auditentry"):
        shown = browser.get(f"/admin/{model}/").content.decode()
        assert 'class="addlink"' not in shown
        assert "_selected_action" not in shown
    for act in ("change", "delete"):
        assert browser.post(f"/admin/accounts/user/{alice.pk}/{act}/").status_code == 403
    assert browser.post("/admin/accounts/user/add/").status_code == 403


def test_each_look_is_written_down(browse, staff, alice):
    browse(staff(Role.AUDITOR)).get(f"/admin/accounts/user/{alice.pk}/change/")

    assert AuditEntry.objects.get(action="page.look").subject == (
        f"page /admin/accounts/user/{alice.pk}/change/"
    )


def test_the_audit_log_cannot_be_changed_even_by_superusers(browse, staff, now):
    browser = browse(staff(Role.AUDITOR, is_superuser=True))
    entry = AuditEntry.objects.get(action="role.give")

    shown = browser.get(f"/admin/staff/auditentry/{entry.pk}/change/").content.decode()

    assert "role.give" in shown
    assert 'name="_save"' not in shown
    for act in ("change", "delete"):
        assert browser.post(f"/admin/staff/auditentry/{entry.pk}/{act}/").status_code == 403


def test_no_secret_is_shown(browse, staff, alice, now):
    create_token(alice, now)
    token = ApiToken.objects.get()

    shown = browse(staff(is_superuser=True)).get(f"/admin/accounts/apitoken/{token.pk}/change/")

    assert token.digest not in shown.content.decode()


def test_a_superuser_gives_and_takes_roles(browse, staff, alice, clock):
    browser = browse(staff(is_superuser=True))
    address = f"/admin/accounts/user/{alice.pk}/change/"
    assert 'value="examiner"' in browser.get(address).content.decode()

    browser.post(address, {"is_active": "on", "roles": ["examiner", "auditor"]})
    assert actions_of(User.objects.get(pk=alice.pk))
    browser.post(address, {"roles": ["auditor"]})

    changed = User.objects.get(pk=alice.pk)
    assert (changed.is_staff, changed.is_active) == (True, False)
    assert [entry.action for entry in AuditEntry.objects.exclude(action="page.look")[:4]] == [
        "user.close",
        "role.take",
        "role.give",
        "role.give",
    ]


def test_accounts_are_found_by_role(browse, staff, alice):
    staff(Role.EXAMINER)
    browser = browse(staff(Role.AUDITOR))

    found = browser.get("/admin/accounts/user/?role=examiner").content.decode()

    assert "chen-examiner@example.org" in found
    assert "alice@example.org" not in found
    assert "alice@example.org" in browser.get("/admin/accounts/user/?role=x").content.decode()


def test_nobody_changes_their_own_account_here(browse, staff):
    chen = staff(is_superuser=True)

    answer = browse(chen).post(f"/admin/accounts/user/{chen.pk}/change/", {"roles": ["auditor"]})

    assert answer.status_code == 403


def test_signing_in_is_not_the_admins_business(client):
    assert client.get("/admin/login/").status_code == 404
    names = get_resolver().reverse_dict.keys()
    assert "login" not in {name for name in names if isinstance(name, str)}


def test_it_speaks_both_languages(browse, staff):
    chinese = browse(staff(Role.AUDITOR), "zh-CN").get("/admin/").content.decode()

    assert 'lang="zh-hans"' in chinese
