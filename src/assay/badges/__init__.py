"""Build, sign and verify certificates: Open Badges 3.0 as signed JSON Web Tokens.

Pure: no web framework, no network. What must be fetched is fetched by a
function that the caller passes in.

How far a certificate is to be trusted
--------------------------------------
A certificate says "the issuer at `iss` states this". What can be checked is
that the server at that address really signed these very words:

1. The token names its issuer (`iss`, an URL) and its key (`kid`, an URL). Both
   must have the same origin: same scheme, host and port. So whoever can publish
   a key for an issuer is whoever runs that issuer's server. A token that names a
   key elsewhere is refused (`ForeignKey`).
2. The key is fetched from there and must be the very key that `kid` names: the
   last part of the URL is the key's RFC 7638 thumbprint. The copy of the key
   inside the token (`jwk`) is there for other verifiers; alone it proves
   nothing, since a forger would put their own there. It must equal the real one.
3. The signature must be RS256 and nothing else, which keeps out `none` and the
   trick of using the public key as a secret (HS256).
4. The registered claims must agree with the credential that they wrap, and now
   must lie between `validFrom` and `validUntil`.

What remains for a person is to look at the issuer's address and decide whether
that is a body they trust: anyone may run a server and certify whom they like.
An address that starts with http:// instead of https:// is only as trustworthy
as the network in between (`Verified.fetched_securely`).

Without a network, `held_key` checks against a key that was obtained before.
"""

from assay.badges.credential import (
    CONTEXT,
    Achievement,
    Holder,
    Issuer,
    Mark,
    Outcome,
    Slot,
    achievement_json,
    add_months,
    build_credential,
    hash_email,
    issuer_json,
)
from assay.badges.document import Document, open_document, wrap
from assay.badges.failures import (
    Altered,
    BadSignature,
    Distrust,
    ForeignKey,
    IssuerUnreachable,
    KeyFileExposed,
    Malformed,
    UnknownKey,
    UnusableKey,
    WrongAlgorithm,
    printable,
)
from assay.badges.keys import (
    KeyFinder,
    PublicKey,
    SigningKey,
    held_key,
    load_or_create_key,
    origin_of,
    published_key,
)
from assay.badges.structure import violations
from assay.badges.token import sign
from assay.badges.verification import verify
from assay.badges.verified import Expired, NotYetValid, OutOfTime, Verified, VerifiedMark

__all__ = [
    "CONTEXT",
    "Achievement",
    "Altered",
    "BadSignature",
    "Distrust",
    "Document",
    "Expired",
    "ForeignKey",
    "Holder",
    "Issuer",
    "IssuerUnreachable",
    "KeyFileExposed",
    "KeyFinder",
    "Malformed",
    "Mark",
    "NotYetValid",
    "OutOfTime",
    "Outcome",
    "PublicKey",
    "SigningKey",
    "Slot",
    "UnknownKey",
    "UnusableKey",
    "Verified",
    "VerifiedMark",
    "WrongAlgorithm",
    "achievement_json",
    "add_months",
    "build_credential",
    "hash_email",
    "held_key",
    "issuer_json",
    "load_or_create_key",
    "open_document",
    "origin_of",
    "printable",
    "published_key",
    "sign",
    "verify",
    "violations",
    "wrap",
]
