"""Who may open what: the one table of all addresses of pages and of the API.

`test_access.py` walks the server's addresses and compares; an address without a row
fails. `staff/test_staff_access.py` walks the rows of the staff's pages.

A row is the methods that do something there, and whose it is:

EVERYBODY   a stranger, too, and everybody gets the same.
SIGNED_IN   a stranger is sent to sign in (the API: 401). Everybody sees their own.
OWNER       besides that, another candidate finds nothing (404), and so do staff: what
            they may see of it they see on their own pages, where it is written down.
roles       of the staff's pages: a stranger is sent to sign in, a candidate finds nothing (404),
            staff without one of the roles are told so (403). Superusers have all roles.
MIDWAY      a step that one comes to from another one (signing in with a second factor, say),
            or an address that only leads to another; nobody gets a page directly.
"""

from __future__ import annotations

from enum import Enum, auto

from addresses import RECORDS
from assay.server.staff.roles import Role


class Whose(Enum):
    """Whom an address is for."""

    EVERYBODY = auto()
    SIGNED_IN = auto()
    OWNER = auto()
    MIDWAY = auto()


EVERYBODY, SIGNED_IN, OWNER, MIDWAY = Whose

PAGES: dict[str, tuple[str, Whose]] = {
    "": ("GET", EVERYBODY),
    "api/": ("GET", MIDWAY),  # has a name for `reverse`, and no page
    "api/docs": ("GET", EVERYBODY),
    "api/openapi.json": ("GET", EVERYBODY),
    # Certificates are there to be shown.
    ".well-known/jwks.json": ("GET", EVERYBODY),
    "achievements/<slug:exam>": ("GET", EVERYBODY),
    "issuer": ("GET", EVERYBODY),
    "keys/<str:kid>": ("GET", EVERYBODY),
    "verify/": ("GET POST", EVERYBODY),
    "verify/<uuid:number>": ("GET", EVERYBODY),
    "verify/<uuid:number>.json": ("GET", EVERYBODY),
    "verify/<uuid:number>.jwt": ("GET", EVERYBODY),
    # An account.
    "me/": ("GET POST", SIGNED_IN),
    "me/data.zip": ("GET", SIGNED_IN),
    "me/delete/": ("GET POST", SIGNED_IN),
    "me/programs/<int:token_id>/revoke/": ("POST", OWNER),
    "device/": ("GET POST", SIGNED_IN),
    "accounts/login/": ("GET POST", EVERYBODY),
    "accounts/logout/": ("GET POST", EVERYBODY),
    "accounts/signup/": ("GET POST", EVERYBODY),
    "accounts/inactive/": ("GET", EVERYBODY),
    "accounts/confirm-email/": ("GET POST", MIDWAY),
    "accounts/email/": ("GET POST", SIGNED_IN),
    "accounts/reauthenticate/": ("GET POST", SIGNED_IN),
    "accounts/sessions/": ("GET POST", SIGNED_IN),
    "accounts/password/change/": ("GET POST", SIGNED_IN),
    "accounts/password/set/": ("GET POST", SIGNED_IN),
    "accounts/password/reset/": ("GET POST", EVERYBODY),
    "accounts/password/reset/done/": ("GET", EVERYBODY),
    "accounts/password/reset/key/done/": ("GET", EVERYBODY),
    "accounts/password/reset/key/<uidb36>-<key>/": ("GET POST", EVERYBODY),
    "accounts/login/code/confirm/": ("GET POST", MIDWAY),
    "accounts/2fa/": ("GET", SIGNED_IN),
    "accounts/2fa/authenticate/": ("GET POST", MIDWAY),
    "accounts/2fa/reauthenticate/": ("GET POST", SIGNED_IN),
    "accounts/2fa/recovery-codes/": ("GET", OWNER),
    "accounts/2fa/recovery-codes/download/": ("GET", OWNER),
    "accounts/2fa/recovery-codes/generate/": ("GET POST", SIGNED_IN),
    "accounts/2fa/totp/activate/": ("GET POST", SIGNED_IN),
    "accounts/2fa/totp/deactivate/": ("GET POST", OWNER),
    "accounts/2fa/webauthn/": ("GET", SIGNED_IN),
    "accounts/2fa/webauthn/add/": ("GET POST", SIGNED_IN),
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": ("GET POST", OWNER),
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": ("GET POST", OWNER),
    "accounts/2fa/webauthn/login/": ("GET POST", MIDWAY),
    "accounts/2fa/webauthn/reauthenticate/": ("GET POST", SIGNED_IN),
    "accounts/3rdparty/": ("GET POST", SIGNED_IN),
    "accounts/3rdparty/login/cancelled/": ("GET", EVERYBODY),
    "accounts/3rdparty/login/error/": ("GET", MIDWAY),
    "accounts/3rdparty/signup/": ("GET POST", MIDWAY),
    "accounts/oidc/<provider_id>/login/": ("GET POST", MIDWAY),
    "accounts/oidc/<provider_id>/login/callback/": ("GET", MIDWAY),
    "accounts/oidc/<slug:provider_id>/login/": ("GET POST", MIDWAY),
    "accounts/social/connections/": ("GET POST", MIDWAY),
    "accounts/social/login/cancelled/": ("GET", MIDWAY),
    "accounts/social/login/error/": ("GET", MIDWAY),
    "accounts/social/signup/": ("GET POST", MIDWAY),
    # Enrolment.
    "exams/": ("GET", EVERYBODY),
    "exams/<slug:exam>/": ("GET", EVERYBODY),
    "exams/<slug:exam>/register/": ("GET POST", SIGNED_IN),
    "registrations/": ("GET", SIGNED_IN),
    "enrolment/identity/<uuid:registration_id>/": ("GET POST", OWNER),
    "enrolment/orders/<uuid:order_id>/": ("GET", OWNER),
    "enrolment/orders/<uuid:order_id>/cancel/": ("POST", OWNER),
    "enrolment/orders/<uuid:order_id>/paid/": ("GET", OWNER),
    "enrolment/orders/<uuid:order_id>/pay/": ("POST", OWNER),
    "enrolment/orders/<uuid:order_id>/voucher/": ("POST", OWNER),
    "enrolment/stripe/webhook": ("POST", EVERYBODY),  # what is not signed by Stripe: 400
    # The exam.
    "appeals/": ("GET", EVERYBODY),
    "registrations/<uuid:registration_id>/": ("GET POST", OWNER),
    "registrations/<uuid:registration_id>/check/": ("GET", OWNER),
    "registrations/<uuid:registration_id>/check/echo/": ("POST", OWNER),
    "registrations/<uuid:registration_id>/prepare/": ("POST", OWNER),
    "sittings/<uuid:sitting_id>/": ("GET", OWNER),
    "sittings/<uuid:sitting_id>/appeal/": ("GET POST", OWNER),
    "sittings/<uuid:sitting_id>/end/": ("GET POST", OWNER),
    "sittings/<uuid:sitting_id>/live/": ("GET", OWNER),
    "sittings/<uuid:sitting_id>/pause/": ("POST", OWNER),
    "sittings/<uuid:sitting_id>/result/": ("GET", OWNER),
    "sittings/<uuid:sitting_id>/start/": ("POST", OWNER),
    "sittings/<uuid:sitting_id>/<str:slot>/": ("GET", OWNER),
    "sittings/<uuid:sitting_id>/<str:slot>/bundle/": ("GET", OWNER),
    "sittings/<uuid:sitting_id>/<str:slot>/cancel/<uuid:submission_id>/": ("POST", OWNER),
    "sittings/<uuid:sitting_id>/<str:slot>/live/": ("GET", OWNER),
    "sittings/<uuid:sitting_id>/<str:slot>/upload/": ("POST", OWNER),
}

# By method and path, as in the OpenAPI schema.
API: dict[str, Whose] = {
    "GET /api/health": EVERYBODY,
    "GET /api/me": SIGNED_IN,
    "GET /api/registrations": SIGNED_IN,
    "POST /api/device/code": EVERYBODY,
    "POST /api/device/token": EVERYBODY,
    "POST /api/registrations/{registration_id}/sitting": OWNER,
    "GET /api/sittings/{sitting_id}": OWNER,
    "POST /api/sittings/{sitting_id}/end": OWNER,
    "GET /api/sittings/{sitting_id}/result": OWNER,
    "POST /api/sittings/{sitting_id}/start": OWNER,
    "GET /api/sittings/{sitting_id}/submissions": OWNER,
    "GET /api/sittings/{sitting_id}/tasks/{slot}/bundle": OWNER,
    "POST /api/sittings/{sitting_id}/tasks/{slot}/submissions": OWNER,
    "GET /api/submissions/{submission_id}": OWNER,
    "POST /api/submissions/{submission_id}/cancel": OWNER,
}

REGISTRAR, CHECKER, EXAMINER, AUDITOR = Role
ANYBODY_OF_STAFF = set(Role)
BOOKKEEPERS = {REGISTRAR, AUDITOR}
EXAMINERS = {EXAMINER, AUDITOR}
WATCHERS = {REGISTRAR, EXAMINER, AUDITOR}
NOBODY: set[Role] = set()

STAFF: dict[str, tuple[str, set[Role]]] = {
    "staff/": ("GET", ANYBODY_OF_STAFF),
    "staff/audit/": ("GET", {AUDITOR}),
    "staff/identity/": ("GET", {CHECKER}),
    "staff/identity/<uuid:check_id>/": ("POST", {CHECKER}),
    "staff/identity/<uuid:check_id>/<slug:kind>/": ("GET", {CHECKER}),
    "staff/sittings/": ("GET", WATCHERS),
    "staff/sittings/stop/": ("POST", {EXAMINER}),
    "staff/sittings/resume/": ("POST", {EXAMINER}),
    "staff/sittings/<uuid:sitting_id>/time/": ("POST", {EXAMINER}),
    "staff/registrations/": ("GET", WATCHERS),
    "staff/registrations/new/": ("GET", {REGISTRAR}),
    "staff/registrations/make/": ("POST", {REGISTRAR}),
    "staff/registrations/<uuid:registration_id>/": ("GET", WATCHERS),
    "staff/registrations/<uuid:registration_id>/validity/": ("POST", {REGISTRAR}),
    "staff/registrations/<uuid:registration_id>/accommodations/": ("POST", {REGISTRAR}),
    "staff/registrations/<uuid:registration_id>/void/": ("POST", {EXAMINER}),
    "staff/vouchers/": ("GET", BOOKKEEPERS),
    "staff/vouchers/new/": ("GET", {REGISTRAR}),
    "staff/vouchers/make/": ("POST", {REGISTRAR}),
    "staff/vouchers/find/": ("POST", {REGISTRAR}),
    "staff/vouchers/<int:batch_id>/": ("GET", BOOKKEEPERS),
    "staff/vouchers/<int:batch_id>/export/": ("GET", {REGISTRAR}),
    "staff/vouchers/<int:batch_id>/off/": ("POST", {REGISTRAR}),
    "staff/orders/": ("GET", BOOKKEEPERS),
    "staff/orders/<uuid:order_id>/": ("GET", BOOKKEEPERS),
    "staff/orders/<uuid:order_id>/refund/": ("POST", {REGISTRAR}),
    "staff/orders/<uuid:order_id>/settle/": ("POST", {REGISTRAR}),
    "staff/announcements/": ("GET", {EXAMINER, AUDITOR}),
    "staff/announcements/write/": ("POST", {EXAMINER}),
    "staff/announcements/<int:announcement_id>/withdraw/": ("POST", {EXAMINER}),
    "staff/submissions/": ("GET", EXAMINERS),
    "staff/submissions/<uuid:submission_id>/": ("GET", EXAMINERS),
    "staff/submissions/<uuid:submission_id>/file/": ("GET", {EXAMINER}),
    "staff/submissions/<uuid:submission_id>/regrade/": ("POST", {EXAMINER}),
    "staff/sittings/<uuid:sitting_id>/": ("GET", EXAMINERS),
    "staff/sittings/<uuid:sitting_id>/regrade/": ("POST", {EXAMINER}),
    "staff/sittings/<uuid:sitting_id>/decide/": ("POST", {EXAMINER}),
    "staff/regrades/": ("GET", EXAMINERS),
    "staff/regrades/item/": ("POST", {EXAMINER}),
    "staff/appeals/": ("GET", EXAMINERS),
    "staff/appeals/<uuid:appeal_id>/": ("GET", EXAMINERS),
    "staff/appeals/<uuid:appeal_id>/score/": ("POST", {EXAMINER}),
    "staff/appeals/<uuid:appeal_id>/answer/": ("POST", {EXAMINER}),
    "staff/statistics/": ("GET", EXAMINERS),
    "staff/statistics/<str:exam>/": ("GET", EXAMINERS),
    "staff/statistics/<str:exam>/exam.csv": ("GET", EXAMINERS),
    "staff/statistics/<str:exam>/items.csv": ("GET", EXAMINERS),
    # Records.
    "admin/": ("GET", {AUDITOR}),
    "admin/<app_label>/": ("GET", {AUDITOR}),
    "admin/jsi18n/": ("GET", {AUDITOR}),
}
for _kept in RECORDS:
    STAFF |= {
        f"admin/{_kept}/": ("GET", {AUDITOR}),
        f"admin/{_kept}/<path:object_id>/": ("GET", {AUDITOR}),
        f"admin/{_kept}/<path:object_id>/change/": ("GET", {AUDITOR}),
        f"admin/{_kept}/<path:object_id>/history/": ("GET", {AUDITOR}),
        f"admin/{_kept}/add/": ("GET", NOBODY),
        f"admin/{_kept}/<path:object_id>/delete/": ("GET", NOBODY),
    }
