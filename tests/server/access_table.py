"""Who may open what: the one table of all addresses of pages and of the API.

`test_access.py` walks the server's addresses and compares; an address without a row
fails. The rows of the pages under /staff/, with a role's rights each, are the table of
`staff/test_staff_access.py`, which holds them against the same walk; those under /admin/
are walked by `staff/test_staff_records.py`.

A row is the methods that do something there, and whose it is:

EVERYBODY   a stranger, too, and everybody gets the same.
SIGNED_IN   a stranger is sent to sign in (the API: 401). Everybody sees their own.
OWNER       besides that, another candidate finds nothing (404), and so do staff: what
            they may see of it they see on their own pages, where it is written down.
MIDWAY      a step that one comes to from another one (signing in with a second factor, say),
            or an address that only leads to another; nobody gets a page directly.
"""

from __future__ import annotations

from enum import Enum, auto


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
