"""Which pages there are to look at: all addresses of the server, and what each shows.

`test_every_page.py` walks the server's addresses; one without a row fails. A row is either
the looks at it, or why there is nothing to look at. People and what they have are in
`world.py`; a person's own parameters fill the address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from addresses import RECORDS

_KINDS = {"uuid", "slug", "str", "int", "path"}  # of parameters


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at a page."""

    who: str  # of the people in world.py
    of: str  # whose parameters fill the address
    query: str = ""
    press: str = ""  # a button, as a CSS selector: what its answer shows is looked at as well
    fields: tuple[tuple[str, str], ...] = ()  # filled in before that
    status: int = 200
    lands: str = ""  # where the address leads to, a regular expression

    def name(self, route: str) -> str:
        """Return what a picture of it is called."""
        words = re.findall(r"[a-z0-9-]+", f"{route} {self.query}")
        also = [self.of, "answer"] if self.press else [self.of]
        return "-".join([*(word for word in words if word not in _KINDS), *also]).replace("/", "-")


Row = list[Look] | str


def own(*people: str, **more: object) -> list[Look]:
    """People look at what is theirs."""
    return [Look(who=who, of=who, **more) for who in people]  # type: ignore[arg-type]


def staff(*people: str, **more: object) -> list[Look]:
    """Chen, who may do everything, looks at what belongs to some people."""
    return [Look(who="chen", of=of, **more) for of in people]  # type: ignore[arg-type]


def sent(
    *people: str, button: str = "main form button:not([type=button])", **more: object
) -> list[Look]:
    """People press a button on the page, and look at the answer."""
    return own(*people, press=button, **more)


ACT = "does something, then leads to a page"
FILE = "a file, or data for a program"
PART = "a part of a page, which is looked at whole"
LEADS_ON = "leads on to another page at once"
OLD_ADDRESS = "an older name, which leads to the present one"

NOTHING = "nothing can be added, changed or deleted there"

PAGES: dict[str, Row] = {
    "": [*own("stranger"), *own("running")],
    "api/": "no page",
    "api/docs": own("stranger"),
    "api/openapi.json": FILE,
    ".well-known/jwks.json": FILE,
    "achievements/<slug:exam>": own("stranger"),
    "issuer": own("stranger"),
    "keys/<str:kid>": FILE,
    "verify/": [*own("stranger"), *sent("stranger", button="main form button")],
    "verify/<uuid:number>": [
        Look(who="stranger", of="passed"),
        Look(who="stranger", of="voided"),
        Look(who="stranger", of="stranger", status=404),
    ],
    "verify/<uuid:number>.json": FILE,
    "verify/<uuid:number>.jwt": FILE,
    # An account.
    "me/": [*own("careful", "newcomer"), *sent("newcomer", fields=(("id_name", ""),))],
    "me/data.zip": FILE,
    "me/delete/": [*own("newcomer", "running"), *sent("newcomer")],
    "me/programs/<int:token_id>/revoke/": ACT,
    "device/": [
        *own("newcomer"),
        *sent("newcomer", fields=(("user_code", "BBBB-BBBB"),)),
        *sent("careful", query="?code={code}"),
    ],
    "accounts/login/": [*own("stranger"), *sent("stranger")],
    "accounts/logout/": own("newcomer"),
    "accounts/signup/": [*own("stranger"), *sent("stranger")],
    "accounts/inactive/": own("stranger"),
    "accounts/confirm-email/": "a step of signing up: `test_steps_of_signing_in`",
    "accounts/email/": own("newcomer"),
    "accounts/reauthenticate/": own("careful"),
    "accounts/sessions/": own("careful"),
    "accounts/password/change/": [*own("careful"), *sent("careful")],
    "accounts/password/set/": own("newcomer"),
    "accounts/password/reset/": [*own("stranger"), *sent("stranger")],
    "accounts/password/reset/done/": own("stranger"),
    "accounts/password/reset/key/done/": own("stranger"),
    "accounts/password/reset/key/<uidb36>-<key>/": [
        *own("stranger", lands="-set-password/$"),
        Look(who="stranger", of="passed by"),  # the letter is too old
    ],
    "accounts/login/code/confirm/": "nobody signs in by a code alone here",
    "accounts/2fa/": own("careful", "newcomer"),
    "accounts/2fa/authenticate/": "a step of signing in: `test_steps_of_signing_in`",
    "accounts/2fa/reauthenticate/": own("careful"),
    "accounts/2fa/recovery-codes/": own("careful"),
    "accounts/2fa/recovery-codes/download/": FILE,
    "accounts/2fa/recovery-codes/generate/": own("careful"),
    "accounts/2fa/totp/activate/": [*own("newcomer"), *sent("newcomer")],
    "accounts/2fa/totp/deactivate/": own("careful"),
    "accounts/2fa/webauthn/": own("careful", "newcomer"),
    "accounts/2fa/webauthn/add/": own("newcomer"),
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": own("careful"),
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": own("careful"),
    "accounts/2fa/webauthn/login/": ACT,
    "accounts/2fa/webauthn/reauthenticate/": own("careful"),
    "accounts/3rdparty/": own("newcomer"),
    "accounts/3rdparty/login/cancelled/": own("stranger"),
    "accounts/3rdparty/login/error/": own("stranger", status=401),
    "accounts/3rdparty/signup/": own("dana"),
    "accounts/oidc/<provider_id>/login/": LEADS_ON,
    "accounts/oidc/<provider_id>/login/callback/": LEADS_ON,
    # Who presses the button there is led on by a page: `test_signing_in.py`.
    "accounts/oidc/<slug:provider_id>/login/": own("stranger"),
    "accounts/social/connections/": OLD_ADDRESS,
    "accounts/social/login/cancelled/": OLD_ADDRESS,
    "accounts/social/login/error/": OLD_ADDRESS,
    "accounts/social/signup/": OLD_ADDRESS,
    # Enrolment.
    "exams/": own("stranger", "ready"),
    "exams/<slug:exam>/": own("stranger", "unpaid", "passed"),
    "exams/<slug:exam>/register/": [
        *own("newcomer"),
        Look(who="newcomer", of="unpaid"),
        Look(
            who="newcomer",
            of="unpaid",
            press="main form button:not([type=button])",
            fields=(("voucher", "AAAA-AAAA"),),
        ),
        *own("ready", lands="/exams/tiny/$"),
    ],
    "registrations/": own(
        "newcomer", "unpaid", "bank", "shown", "ready", "running", "passed", "voided"
    ),
    "enrolment/identity/<uuid:registration_id>/": [
        *own("asked", "shown", "declined", "paid"),
        *sent("asked"),
    ],
    "enrolment/orders/<uuid:order_id>/": [
        *own("unpaid", "cheaper", "bank", "cancelled", "paid", "refunded", "bounced", "asked"),
        *own("unpaid", query="?payment=cancelled"),
        *own("unpaid", "bank", "paid", query="?payment=done"),
        *sent("unpaid", button="main form[action$='/voucher/'] button"),
    ],
    "enrolment/orders/<uuid:order_id>/cancel/": ACT,
    "enrolment/orders/<uuid:order_id>/paid/": LEADS_ON,
    "enrolment/orders/<uuid:order_id>/pay/": ACT,
    "enrolment/orders/<uuid:order_id>/voucher/": ACT,
    "enrolment/stripe/webhook": FILE,
    # The exam.
    "appeals/": own("stranger"),
    "registrations/<uuid:registration_id>/": [
        *own("registered", "paid", "asked", "running"),
        *sent("registered"),
    ],
    "registrations/<uuid:registration_id>/check/": own("registered"),
    "registrations/<uuid:registration_id>/check/echo/": FILE,
    "registrations/<uuid:registration_id>/prepare/": ACT,
    "sittings/<uuid:sitting_id>/": own(
        "preparing", "ready", "running", "paused", "voided", "annulled", "lapsed"
    ),
    "sittings/<uuid:sitting_id>/appeal/": [
        *own("failed", "appealing", "answered", "voided", "annulled", "lifted"),
        *sent("failed", "voided"),
    ],
    "sittings/<uuid:sitting_id>/end/": own("running", "paused"),
    "sittings/<uuid:sitting_id>/live/": PART,
    "sittings/<uuid:sitting_id>/pause/": ACT,
    "sittings/<uuid:sitting_id>/result/": own("passed", "failed", "faulty", "answered", "lifted"),
    "sittings/<uuid:sitting_id>/start/": ACT,
    "sittings/<uuid:sitting_id>/<str:slot>/": own("running", "paused"),
    "sittings/<uuid:sitting_id>/<str:slot>/bundle/": FILE,
    "sittings/<uuid:sitting_id>/<str:slot>/cancel/<uuid:submission_id>/": ACT,
    "sittings/<uuid:sitting_id>/<str:slot>/live/": PART,
    "sittings/<uuid:sitting_id>/<str:slot>/upload/": ACT,
    # The desk.
    "staff/": [*own("chen"), *own("roleless", status=403), *own("newcomer", status=404)],
    "staff/audit/": own("chen"),
    "staff/identity/": own("chen"),
    "staff/identity/<uuid:check_id>/": ACT,
    "staff/identity/<uuid:check_id>/<slug:kind>/": FILE,
    "staff/sittings/": own("chen"),
    "staff/sittings/stop/": ACT,
    "staff/sittings/resume/": ACT,
    "staff/sittings/<uuid:sitting_id>/time/": ACT,
    "staff/registrations/": [
        *own("chen", "auditor"),
        *own("chen", query="?words=nothing-like-this"),
    ],
    "staff/registrations/new/": [*own("chen"), *sent("chen")],
    "staff/registrations/make/": ACT,
    "staff/registrations/<uuid:registration_id>/": staff(
        "ready", "running", "passed", "voided", "paid"
    ),
    "staff/registrations/<uuid:registration_id>/validity/": ACT,
    "staff/registrations/<uuid:registration_id>/accommodations/": ACT,
    "staff/registrations/<uuid:registration_id>/void/": ACT,
    "staff/vouchers/": own("chen", "auditor"),
    "staff/vouchers/new/": [*own("chen"), *sent("chen")],
    "staff/vouchers/make/": ACT,
    "staff/vouchers/find/": ACT,
    "staff/vouchers/<int:batch_id>/": own("chen"),
    "staff/vouchers/<int:batch_id>/export/": FILE,
    "staff/vouchers/<int:batch_id>/off/": ACT,
    "staff/orders/": [*own("chen"), *own("chen", query="?wanted=nothing-like-this")],
    "staff/orders/<uuid:order_id>/": staff("unpaid", "cheaper", "paid", "bounced", "settled"),
    "staff/orders/<uuid:order_id>/refund/": ACT,
    "staff/orders/<uuid:order_id>/settle/": ACT,
    "staff/announcements/": own("chen"),
    "staff/announcements/write/": ACT,
    "staff/announcements/<int:announcement_id>/withdraw/": ACT,
    "staff/submissions/": [*own("chen"), *own("chen", query="?words=nothing-like-this")],
    "staff/submissions/<uuid:submission_id>/": staff("running", "faulty", "answered"),
    "staff/submissions/<uuid:submission_id>/file/": FILE,
    "staff/submissions/<uuid:submission_id>/regrade/": ACT,
    "staff/sittings/<uuid:sitting_id>/": staff("running", "appealing"),
    "staff/sittings/<uuid:sitting_id>/regrade/": ACT,
    "staff/sittings/<uuid:sitting_id>/decide/": ACT,
    "staff/regrades/": own("chen"),
    "staff/regrades/item/": ACT,
    "staff/appeals/": own("chen"),
    "staff/appeals/<uuid:appeal_id>/": staff("appealing", "answered", "annulled", "lifted"),
    "staff/appeals/<uuid:appeal_id>/score/": ACT,
    "staff/appeals/<uuid:appeal_id>/answer/": ACT,
    "staff/statistics/": own("chen"),
    "staff/statistics/<str:exam>/": staff("passed"),
    "staff/statistics/<str:exam>/exam.csv": FILE,
    "staff/statistics/<str:exam>/items.csv": FILE,
    # Records.
    "admin/": own("auditor"),
    "admin/<app_label>/": [Look(who="auditor", of="accounts/user")],
    "admin/jsi18n/": FILE,
    # Pages for what is nowhere.
    "nowhere/": own("stranger", "newcomer", status=404),
}
NOT_THERE = {"nowhere/"}  # the only row without an address

for _model in RECORDS:
    _row = Look(who="auditor", of=_model)
    _whole = f"admin/{_model}/<path:object_id>/"
    PAGES |= {
        f"admin/{_model}/": own("auditor"),
        f"admin/{_model}/add/": NOTHING,
        _whole: LEADS_ON,
        f"{_whole}change/": [_row],
        f"{_whole}delete/": NOTHING,
        f"{_whole}history/": [_row],
    }
PAGES["admin/accounts/user/<path:object_id>/change/"] = [
    Look(who=who, of="accounts/user") for who in ("auditor", "chen")
]
