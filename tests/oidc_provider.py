"""A small provider of OpenID Connect on the loopback interface, for tests.

It does what a real one does: discovery, JWKS, the code flow with PKCE, ID tokens signed
with RS256, userinfo. Nobody has to prove anything: whoever asks is `claims`. At a browser
it may show a page that asks whether to go on (`asks`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

import loopback

CLIENT_ID = "assay"
CLIENT_SECRET = "the-client's-secret"
_QUESTION = """<!doctype html><html lang="en"><title>Campus</title><link rel="icon" href="data:,">
<h1>Example Campus</h1><p>Tell the exam server who you are?</p>
<p><a href="?{query}&amp;answer=yes">Yes</a> <a href="?{query}&amp;answer=no">No</a></p></html>
"""


@dataclass
class Provider:
    """What the provider knows."""

    issuer: str = ""
    claims: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "4711",
            "email": "Dana@campus.example",
            "email_verified": True,
            "name": "Dana Example",
        }
    )
    redirect_uris: tuple[str, ...] = ()
    refuses: bool = False  # the person says no
    asks: bool = False  # the person is shown a page first
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the person goes next."""
        assert query["client_id"] == CLIENT_ID
        assert query["response_type"] == "code"
        assert "openid" in query["scope"].split()
        assert query["redirect_uri"] in self.redirect_uris
        answer = {"state": query["state"]}
        if self.refuses:
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe(16)
            self.codes[answer["code"]] = query
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Return tokens for a code, once, to the client that asked for it."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("client_secret") != CLIENT_SECRET:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, **self.claims}
        if "nonce" in asked:
            claims["nonce"] = asked["nonce"]
        access = secrets.token_urlsafe(16)
        self.tokens.add(access)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key),
        }


class _Handler(loopback.Handler):
    provider: Provider

    def get(self) -> None:
        provider, parts = self.provider, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path:
            case "/.well-known/openid-configuration":
                self._send(
                    {
                        "issuer": provider.issuer,
                        "authorization_endpoint": f"{provider.issuer}/authorize",
                        "token_endpoint": f"{provider.issuer}/token",
                        "userinfo_endpoint": f"{provider.issuer}/userinfo",
                        "jwks_uri": f"{provider.issuer}/jwks",
                        "response_types_supported": ["code"],
                        "subject_types_supported": ["public"],
                        "id_token_signing_alg_values_supported": ["RS256"],
                        "token_endpoint_auth_methods_supported": ["client_secret_post"],
                        "code_challenge_methods_supported": ["S256"],
                    }
                )
            case "/jwks":
                self._send({"keys": [provider.key.as_dict(private=False)]})
            case "/authorize" if provider.asks and "answer" not in query:
                self._page(_QUESTION.format(query=escape(parts.query)))
            case "/authorize":
                provider.refuses = provider.refuses or query.pop("answer", "") == "no"
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "/userinfo":
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                self._send(provider.claims, 200 if token in provider.tokens else 401)
            case _:
                self._send({"error": "not_found"}, 404)

    def post(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        answer = self.provider.token(form)
        self._send(answer or {"error": "invalid_grant"}, 200 if answer else 400)

    def _page(self, text: str) -> None:
        self.reply(200, text.encode(), "text/html; charset=utf-8")

    def _send(self, content: dict[str, Any], status: int = 200) -> None:
        self.reply(status, json.dumps(content).encode(), "application/json")


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """Serve `provider` on the loopback interface."""
    handler = type("Handler", (_Handler,), {"provider": provider})
    with loopback.serving(handler) as provider.issuer:
        yield provider
