"""Why a certificate is not valid: one class for each reason.

CredentialError
├── Malformed         it cannot be read as a certificate
├── WrongAlgorithm    it is not signed the one way that is trusted
├── ForeignKey        its key is not at its issuer's address
├── UnknownKey        its issuer has no such key
├── UnusableKey       the key is no RSA key, or too short
├── BadSignature      the signature does not fit the contents
├── Altered           what can be read is not what was signed
└── OutOfTime         the signature is right (in `verified`: it carries what is said)
    ├── Expired       but it is too late
    └── NotYetValid   but it is too early

Unreachable
└── IssuerUnreachable the issuer's server does not answer, so nothing is known

UsageError
└── KeyFileExposed    a private key that others could have read is not used
"""

from __future__ import annotations

from assay.errors import CredentialError, Unreachable, UsageError
from assay.messages import N_

_MOST_SHOWN = 300  # characters of anything that a stranger wrote


def printable(text: str) -> str:
    """Return what a stranger wrote so that a terminal or a page can show it safely.

    Control characters could rewrite a terminal; marks of direction could turn a name
    around. Both are shown as a replacement character.
    """
    shown = text[:_MOST_SHOWN]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)


class Distrust(CredentialError):
    """A certificate that is not what it says; the base of all reasons why.

    Its parameters come out of the certificate, so they are made harmless.
    """

    def __init__(self, **params: str | float | None) -> None:
        super().__init__(
            **{
                name: printable(value) if isinstance(value, str) else value
                for name, value in params.items()
            }
        )


class Malformed(Distrust):
    """It cannot be read as a certificate."""

    code = "credential_malformed"
    message = N_("A signed certificate was expected; this cannot be read as one ({detail}).")
    remedy = N_(
        "Use the address of the certificate's page, or the .jwt or .json file "
        "that was downloaded there, unchanged."
    )


class WrongAlgorithm(Distrust):
    """It is not signed the one way that is trusted."""

    code = "credential_algorithm"
    message = N_("Certificates are signed with RS256; this one says {algorithm}.")
    remedy = N_("Do not trust it. Ask for the address of the certificate's page.")


class ForeignKey(Distrust):
    """Its key is not at its issuer's address."""

    code = "credential_foreign_key"
    message = N_(
        "The certificate says that {issuer} issued it, but names a key at {key_url}, "
        "which is not the issuer's address."
    )
    remedy = N_("Do not trust it. Anybody could have published that key.")


class UnknownKey(Distrust):
    """Its issuer has no such key."""

    code = "credential_unknown_key"
    message = N_("The issuer {issuer} has no key {kid}.")
    remedy = N_("Do not trust it, unless the issuer confirms that this key was theirs.")


class UnusableKey(Distrust):
    """The key is no RSA key, or too short."""

    code = "credential_unusable_key"
    message = N_("A public RSA key of at least {bits} bits was expected as a JWK.")
    remedy = N_("Get the key from the issuer's server, under /.well-known/jwks.json.")


class BadSignature(Distrust):
    """The signature does not fit the contents."""

    code = "credential_signature"
    message = N_(
        "The signature does not fit the contents: they were changed, or {issuer} never signed them."
    )
    remedy = N_("Do not trust it. Ask for the address of the certificate's page.")


class Altered(Distrust):
    """What can be read is not what was signed."""

    code = "credential_altered"
    message = N_("The certificate was changed: its {field} is not what was signed.")
    remedy = N_("Do not trust it. Ask for the address of the certificate's page.")


class IssuerUnreachable(Unreachable):
    """The issuer's server does not answer, so nothing is known."""

    code = "issuer_unreachable"
    message = N_("{url} does not answer ({detail}), so the certificate could not be checked.")
    remedy = N_(
        "Try again later, or check it offline with the issuer's key: "
        "assay verify FILE --key JWK_FILE"
    )


class KeyFileExposed(UsageError):
    """A private key that others could have read is not used."""

    code = "key_file_exposed"
    message = N_("The signing key {path} can be read by others (mode {mode}).")
    remedy = N_("If nobody else had access to it: chmod 600 {path}. Otherwise replace it.")
