"""The pages that no journey passes: axe looks at them, they fit, and nothing is amiss."""

from __future__ import annotations

import pytest
import way
from visitor import CHINESE, ENGLISH, PHONE

from small_bank import EXAM

ACCOUNT = {
    "/me/": "me",
    "/me/delete/": "delete",
    "/device/": "device",
    "/accounts/email/": "email",
    "/accounts/password/change/": "password-change",
    "/accounts/2fa/": "second-factor",
    "/accounts/sessions/": "sessions",
    "/accounts/3rdparty/": "connections",
    "/accounts/logout/": "logout",
    "/registrations/": "no-exams",
}
PUBLIC = {
    "/issuer": "issuer",
    f"/achievements/{EXAM}": "achievement",
    "/verify/00000000-0000-4000-8000-000000000000": "no-such-certificate",
    "/accounts/password/reset/": "reset",
    "/accounts/password/reset/done/": "reset-sent",
    "/accounts/password/reset/key/1-a-1/": "reset-bad-link",
    "/nowhere/": "not-found",
}
STAFF = {
    "/staff/": "overview",
    "/staff/audit/": "audit",
    "/staff/identity/": "identity",
    "/staff/sittings/": "live",
    "/staff/registrations/": "registrations",
    "/staff/registrations/new/": "new-registration",
    "/staff/vouchers/": "vouchers",
    "/staff/vouchers/new/": "new-vouchers",
    "/staff/orders/": "orders",
    "/staff/announcements/": "announcements",
    "/staff/submissions/": "submissions",
    "/staff/regrades/": "regrades",
    "/staff/appeals/": "appeals",
    "/staff/statistics/": "statistics",
}
PROMOTE = """
from assay.server.accounts.models import User
User.objects.filter(email="{address}").update(is_staff=True, is_superuser=True)
"""
READERS = {
    "english-desk": {"locale": ENGLISH},
    "chinese-phone-dark": {"locale": CHINESE, "size": PHONE, "is_dark": True},
}
DESK_FIRST = ["english-desk", pytest.param("chinese-phone-dark", marks=pytest.mark.slow)]
PHONE_FIRST = ["chinese-phone-dark", pytest.param("english-desk", marks=pytest.mark.slow)]


def look_at(visitor, pages):
    """Look at pages; one that is not there is no fault of the browser's."""
    for path, name in pages.items():
        visitor.go(path)
        visitor.look(name)
    visitor.forgives("the server responded with a status of 404")


@pytest.mark.parametrize("reader", DESK_FIRST)
def test_pages_of_an_account_and_for_everybody(visit, mail, reader):
    person = {"name": "Alice Example", "address": f"pages-{reader}@example.org"}
    with visit(f"pages-{reader}", **READERS[reader]) as alice:
        look_at(alice, PUBLIC)
        alice.go("/accounts/signup/")
        way.sign_up(alice, mail, **person)
        alice.sees("/me/$")
        look_at(alice, ACCOUNT)


@pytest.mark.parametrize("reader", PHONE_FIRST)
def test_pages_of_the_staff(visit, mail, server, reader):
    person = {"name": "Chen", "address": f"chen-{reader}@example.org"}
    with visit(f"staff-{reader}", **READERS[reader]) as chen:
        chen.go("/accounts/signup/")
        way.sign_up(chen, mail, **person)
        chen.sees("/me/$")
        server.manage("shell", "-c", PROMOTE.format(**person))
        look_at(chen, STAFF)
