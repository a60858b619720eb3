"""RSA keys: making and keeping the one that signs, finding the one that verifies.

References:
    RFC 7517 (JSON Web Key), RFC 7518 section 6.3 (RSA), RFC 7638 (thumbprint).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.util import base64_to_int

from assay.badges.failures import (
    ForeignKey,
    KeyFileExposed,
    UnknownKey,
    UnusableKey,
)

ALGORITHM = "RS256"
SIGNING_BITS = 3072  # of a new key: 128 bits of security, beyond 2030 by NIST SP 800-57
LEAST_BITS = 2048  # of a key that is trusted
_MOST_BITS = 8192  # beyond, checking a signature becomes work that a stranger can give us
_DEFAULT_PORTS = {"http": 80, "https": 443}

Jwk = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """A public RSA key that is fit for RS256."""

    kid: str  # RFC 7638 thumbprint, SHA-256, base64url
    n: str  # modulus, base64url
    e: str  # exponent, base64url

    @classmethod
    def from_jwk(cls, jwk: object) -> PublicKey:
        """Read a public key.

        Args:
            jwk: A parsed JSON Web Key. Its own `kid` is ignored; a key is known by
                its thumbprint.

        Raises:
            UnusableKey: If it is not a public RSA key of sufficient length.
        """
        unusable = UnusableKey(bits=LEAST_BITS)
        if not isinstance(jwk, Mapping) or jwk.get("kty") != "RSA":
            raise unusable
        n, e = jwk.get("n"), jwk.get("e")
        if not isinstance(n, str) or not isinstance(e, str) or len(n) > _MOST_BITS // 6 + 2:
            raise unusable
        if "d" in jwk or jwk.get("use", "sig") != "sig" or jwk.get("alg", ALGORITHM) != ALGORITHM:
            raise unusable
        try:
            if not LEAST_BITS <= base64_to_int(n).bit_length() <= _MOST_BITS:
                raise unusable
            return cls(kid=_import(n, e).thumbprint(), n=n, e=e)
        except (JoseError, ValueError, TypeError, ArithmeticError) as error:
            raise unusable from error

    @property
    def jwk(self) -> Jwk:
        """The key as it stands in a token's header: what is needed and no more."""
        return {"kty": "RSA", "n": self.n, "e": self.e}

    @property
    def published_jwk(self) -> Jwk:
        """The key as it is published, with its name and its purpose."""
        return self.jwk | {"kid": self.kid, "alg": ALGORITHM, "use": "sig"}

    @property
    def native(self) -> RSAKey:
        """The key as the JOSE library takes it."""
        return _import(self.n, self.e)


def _import(n: str, e: str) -> RSAKey:
    return RSAKey.import_key({"kty": "RSA", "n": n, "e": e})


class SigningKey:
    """A private RSA key that signs certificates."""

    def __init__(self, native: RSAKey) -> None:
        self.native = native
        self.public = PublicKey.from_jwk(native.as_dict(private=False))

    def __repr__(self) -> str:
        """Name the key without giving anything of it away."""
        return f"SigningKey({self.public.kid})"

    @classmethod
    def create(cls, bits: int = SIGNING_BITS) -> SigningKey:
        """Make a new key of `bits` bits from the system's source of randomness."""
        return cls(RSAKey.generate_key(bits))

    @classmethod
    def from_pem(cls, pem: bytes) -> SigningKey:
        """Read a private key in PEM form.

        Raises:
            UnusableKey: If it is not a private RSA key of sufficient length.
        """
        try:
            native = RSAKey.import_key(pem)
        except (JoseError, ValueError, TypeError) as error:
            raise UnusableKey(bits=LEAST_BITS) from error
        if not isinstance(native.raw_value, rsa.RSAPrivateKey):
            raise UnusableKey(bits=LEAST_BITS)
        return cls(native)

    def to_pem(self) -> bytes:
        """Return the private key as unencrypted PKCS #8. Never log or send it."""
        return self.native.as_pem(private=True)


def load_or_create_key(
    path: Path, create: Callable[[], SigningKey] = SigningKey.create
) -> SigningKey:
    """Return the key that is kept at `path`, making it first if there is none.

    Several processes may call this at the same time on the same path: one key
    comes to be, and all of them get it.

    Args:
        path: Where the key is kept, as PEM, readable by its owner only (mode 600).
        create: Makes a key.

    Raises:
        KeyFileExposed: If others can read the file.
        UnusableKey: If the file holds no private RSA key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(create().to_pem())
                file.flush()
                os.fsync(file.fileno())
            # A link appears whole or not at all, and never over another's key.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise KeyFileExposed(path=str(path), mode=f"{mode:03o}")
    return SigningKey.from_pem(path.read_bytes())


def origin_of(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an http or https URL; None of anything else.

    User information, and whatever a lenient parser could read differently, makes it
    no URL: two programs must not disagree on whose address it is.
    """
    if any(character <= " " or character == "\\" for character in url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    return parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme]


class KeyFinder(Protocol):
    """Finds the key that a token names, or refuses."""

    def __call__(self, *, issuer: str, key_url: str) -> PublicKey:
        """Return the key at `key_url` if it is one of `issuer`'s.

        Raises:
            ForeignKey: If the address of the key is not the issuer's.
            UnknownKey: If there is no such key.
            IssuerUnreachable: If it could not be found out.
        """


def _thumbprint_in(key_url: str) -> str:
    return urlsplit(key_url).path.rsplit("/", 1)[-1]


def held_key(*keys: PublicKey) -> KeyFinder:
    """Find the key among `keys`, which are trusted already: no network is needed.

    The address in the token is not looked at, only which key it names.
    """
    by_kid = {key.kid: key for key in keys}

    def find(*, issuer: str, key_url: str) -> PublicKey:
        kid = _thumbprint_in(key_url)
        if kid not in by_kid:
            raise UnknownKey(issuer=issuer, kid=kid)
        return by_kid[kid]

    return find


def published_key(fetch: Callable[[str], object]) -> KeyFinder:
    """Find the key where the issuer publishes it.

    Args:
        fetch: Gets the JSON at an address. Must not follow a redirection to another
            origin. Returns None if the server says that there is no such thing,
            and raises `IssuerUnreachable` if it says nothing.
    """

    def find(*, issuer: str, key_url: str) -> PublicKey:
        origin = origin_of(issuer)
        if origin is None or origin_of(key_url) != origin:
            raise ForeignKey(issuer=issuer, key_url=key_url)
        kid = _thumbprint_in(key_url)
        jwk = fetch(key_url)
        if jwk is None:
            raise UnknownKey(issuer=issuer, kid=kid)
        key = PublicKey.from_jwk(jwk)
        if key.kid != kid:
            raise UnknownKey(issuer=issuer, kid=kid)
        return key

    return find
