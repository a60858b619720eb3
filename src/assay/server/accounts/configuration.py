"""Settings of signing in: django-allauth, passwords, sessions, providers of OpenID Connect.

ASSAY_OIDC lists the providers by which people may sign in, as JSON or as the path of
a file with it:

    [{"id": "google", "name": "Google", "issuer": "https://accounts.google.com",
      "client_id": "…", "client_secret": "…"}]

`id` is part of the address that the provider must know as redirect URI:
`ASSAY_URL/accounts/oidc/ID/login/callback/`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

_ID = re.compile(r"[a-z][a-z0-9-]{0,30}")
_KEYS = ("id", "name", "issuer", "client_id", "client_secret")


def sign_in(environment: Mapping[str, str], *, url: str, issuer_name: str) -> dict[str, Any]:
    """Return the settings of signing in.

    Args:
        environment: ASSAY_OIDC and ASSAY_PROXIES are read from it.
        url: The server's public address.
        issuer_name: The certifying body, as authenticator apps show it.
    """
    encrypted = url.startswith("https:")
    proxies = environment.get("ASSAY_PROXIES") or ("1" if encrypted else "0")
    if not proxies.isascii() or not proxies.isdigit():
        raise ImproperlyConfigured(f"ASSAY_PROXIES is a number of proxies, not {proxies!r}.")
    return {
        "LOGIN_URL": "/accounts/login/",
        "LOGIN_REDIRECT_URL": "/me/",
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"assay.server.accounts.passwords.{name}"}
            for name in ("Unlike", "LongEnough", "Uncommon", "NotANumber")
        ],
        "SESSION_COOKIE_AGE": int(timedelta(days=14).total_seconds()),
        "SESSION_COOKIE_NAME": "assay_session",
        # What the number of tries is counted by; see `accounts.limits.client_address`.
        "ALLAUTH_TRUSTED_PROXY_COUNT": int(proxies),
        "ACCOUNT_ADAPTER": "assay.server.accounts.adapter.Accounts",
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_USER_DISPLAY": lambda user: user.name or user.email,
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*", "password2*"],
        "ACCOUNT_SIGNUP_FORM_CLASS": "assay.server.accounts.forms.PersonForm",
        # By a code that is typed in: it works when mail is read on another device, and the
        # page that one came for is not lost.
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED": True,
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS": 5,
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT": 30 * 60,
        "ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE": True,
        "ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND": True,
        "ACCOUNT_CHANGE_EMAIL": True,  # one address per person
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": True,  # nobody learns on a page who has an account
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
        "ACCOUNT_LOGIN_ON_PASSWORD_RESET": True,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "/",
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https" if encrypted else "http",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_ADAPTER": "assay.server.accounts.adapter.SecondFactors",
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        # Browsers allow passkeys without TLS on the machine itself.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not encrypted,
        "MFA_TOTP_ISSUER": issuer_name,
        "MFA_FORMS": {
            "authenticate": "assay.server.accounts.codes.SignInForm",
            "reauthenticate": "assay.server.accounts.codes.IsItYouForm",
        },
        "MFA_TOTP_TOLERANCE": 1,  # a clock may be half a minute off
        "SOCIALACCOUNT_ADAPTER": "assay.server.accounts.adapter.Providers",
        "SOCIALACCOUNT_AUTO_SIGNUP": False,  # the name must be that of the identity document
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,  # an account is connected by its owner only
        "SOCIALACCOUNT_PROVIDERS": {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "APPS": providers(environment.get("ASSAY_OIDC", "")),
            }
        },
        "SOCIALACCOUNT_REQUESTS_TIMEOUT": 10,
    }


def providers(setting: str) -> list[dict[str, Any]]:
    """Return the providers of OpenID Connect, as allauth wants them.

    Args:
        setting: JSON, the path of a file with JSON, or nothing.

    Raises:
        ImproperlyConfigured: It is neither, or an entry lacks something. Secrets are
            not repeated.
    """
    if not setting.strip():
        return []
    try:
        text = setting if setting.lstrip().startswith("[") else Path(setting).read_text("utf-8")
        entries = json.loads(text)
    except (OSError, ValueError) as error:
        reason = type(error).__name__
        raise ImproperlyConfigured(
            f"ASSAY_OIDC is neither a JSON list nor the path of a file with one ({reason})."
        ) from None
    if not isinstance(entries, list):
        raise ImproperlyConfigured("ASSAY_OIDC is a list of providers.")
    return [_provider(number, entry) for number, entry in enumerate(entries, 1)]


def _provider(number: int, entry: Any) -> dict[str, Any]:
    given = entry if isinstance(entry, dict) else {}
    missing = [key for key in _KEYS if not isinstance(given.get(key), str) or not given[key]]
    if missing:
        raise ImproperlyConfigured(f"ASSAY_OIDC: provider {number} lacks {', '.join(missing)}.")
    if unknown := sorted(set(given) - set(_KEYS)):
        raise ImproperlyConfigured(f"ASSAY_OIDC: provider {number} has {', '.join(unknown)}.")
    if not _ID.fullmatch(given["id"]):
        raise ImproperlyConfigured(f"ASSAY_OIDC: the id of provider {number} is a word, a-z.")
    return {
        "provider_id": given["id"],
        "name": given["name"],
        "client_id": given["client_id"],
        "secret": given["client_secret"],
        "settings": {"server_url": given["issuer"].rstrip("/")},
    }
