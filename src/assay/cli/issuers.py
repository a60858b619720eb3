"""Fetches certificates and public keys from the servers that issued them."""

from __future__ import annotations

import json
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urljoin

import httpx
from pydantic import ValidationError

import assay
from assay import badges
from assay.cli.accounts import is_loopback
from assay.cli.told import Told
from assay.errors import CredentialError
from assay.messages import N_, Language
from assay.wire import Problem

_CERTIFICATE = "application/vc+jwt, application/jwt;q=0.9, application/json;q=0.8"
_TIMEOUT = 15.0  # seconds without a byte
_MOST_BYTES = 1_000_000  # of an answer
_MOST_HOPS = 5  # redirections
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


class NoCertificateThere(CredentialError):
    """The address shows no certificate."""

    code = "credential_not_there"
    message = N_("There is no certificate at {url} ({detail}).")
    remedy = N_("Check the address for missing characters, or ask its holder for the .jwt file.")


class ShownElsewhere(CredentialError):
    """A page shows a certificate that another server issued."""

    code = "credential_shown_elsewhere"
    message = N_("{url} shows a certificate that it did not issue: its issuer is {issuer}.")
    remedy = N_(
        "If you trust that issuer, save the .jwt file and check the file: assay verify FILE"
    )


class ToldDistrust(Told, CredentialError):
    """What the issuer's server says of a certificate, such as that it was revoked."""


class Issuers:
    """A line to the servers that have issued certificates. They are asked, not trusted."""

    def __init__(self, language: Language) -> None:
        """Take note of the language in which servers answer."""
        self._language = language

    def certificate(self, url: str) -> str:
        """Return the certificate that the page at `url` shows.

        Redirections are followed on the same server only.

        Raises:
            NoCertificateThere: It shows none.
            ToldDistrust: The server says what is wrong with it.
            IssuerUnreachable: It does not answer.
        """
        for _ in range(_MOST_HOPS):
            answer = self._get(url, _CERTIFICATE)
            if answer.is_redirect:
                target = urljoin(url, answer.headers.get("location", ""))
                if badges.origin_of(target) != badges.origin_of(url):
                    raise _nothing_at(url, f"→ {target}")
                url = target
                continue
            _raise_for(answer, url)
            return answer.text
        raise _nothing_at(url, "→ →")

    def key(self, url: str) -> object:
        """Return the JSON at the address of a key; None if there is none. Follows no redirection.

        Raises:
            IssuerUnreachable: It does not answer.
        """
        answer = self._get(url, "application/json")
        if answer.status_code in _GONE:
            return None
        if not answer.is_success:
            raise badges.IssuerUnreachable(url=_shown(url), detail=f"status {answer.status_code}")
        try:
            value: object = json.loads(answer.text)
        except (ValueError, RecursionError):
            return answer.text  # which is no key, as the reader of keys will say
        return value

    @staticmethod
    def same(url: str, issuer: str) -> None:
        """Make sure that the server at `url` is the issuer of what it shows.

        Raises:
            ShownElsewhere: It is not.
        """
        if badges.origin_of(url) != badges.origin_of(issuer):
            raise ShownElsewhere(url=_shown(url), issuer=_shown(issuer))

    def _get(self, url: str, accept: str) -> httpx.Response:
        headers = {
            "Accept": accept,
            "Accept-Language": str(self._language),
            "User-Agent": f"assay/{assay.__version__}",
        }
        if badges.origin_of(url) is None:
            raise _nothing_at(url, "URL")
        try:
            with (
                httpx.Client(
                    headers=headers,
                    timeout=_TIMEOUT,
                    # A proxy for the outside world must not stand before the machine itself.
                    trust_env=not is_loopback(url),
                ) as client,
                client.stream("GET", url) as answer,
            ):
                content = b""
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > _MOST_BYTES:
                        raise _nothing_at(url, f"> {_MOST_BYTES} bytes")
                return httpx.Response(
                    answer.status_code,
                    headers={
                        name: answer.headers[name]
                        for name in ("content-type", "location")
                        if name in answer.headers
                    },
                    content=content,
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            detail = badges.printable(str(error)) or type(error).__name__
            raise badges.IssuerUnreachable(url=_shown(url), detail=detail) from error


def _raise_for(answer: httpx.Response, url: str) -> None:
    """Raise what is wrong with an answer that should have been a certificate."""
    if answer.is_server_error:
        raise badges.IssuerUnreachable(url=_shown(url), detail=f"status {answer.status_code}")
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.is_success and kind != "text/html":
        return
    if not answer.is_success:
        with suppress(ValidationError):
            problem = Problem.model_validate_json(answer.content)
            words = {"message": badges.printable(problem.message)}
            words["remedy"] = badges.printable(problem.remedy)
            raise ToldDistrust(problem.model_copy(update=words))
    raise _nothing_at(url, kind if answer.is_success else f"status {answer.status_code}")


def _shown(url: str) -> str:
    return badges.printable(url)


def _nothing_at(url: str, detail: str) -> NoCertificateThere:
    return NoCertificateThere(url=_shown(url), detail=badges.printable(detail))
