"""Answers that programs read, and which form of an answer a reader prefers."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from assay.errors import AssayError
from assay.server.language import active_language
from assay.wire import Problem

HTML = "text/html"
JSON = "application/json"
JWT = "application/vc+jwt"  # W3C, "Securing Verifiable Credentials using JOSE and COSE"
JSON_TYPES = (JSON, "application/ld+json", "application/vc+ld+json", "application/vc")
JWT_TYPES = (JWT, "application/vc-ld+jwt", "application/jwt")


def preferred(request: HttpRequest, *offered: str) -> str:
    """Return the form that the request's `Accept` prefers; the first one if it does not say."""
    return request.get_preferred_type(offered) or offered[0]


def document(content: dict[str, Any] | str, content_type: str, *, max_age: int = 0) -> HttpResponse:
    """Return a document that anybody may read, also pages of other servers.

    Args:
        content: JSON, or a text.
        content_type: What to call it.
        max_age: Seconds that it may be kept; 0: ask again each time.
    """
    text = content if isinstance(content, str) else _dump(content)
    answer = HttpResponse(text, content_type=content_type)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = f"public, max-age={max_age}" if max_age else "no-cache"
    return answer


def problem(error: AssayError, status: int) -> HttpResponse:
    """Return what is wrong, for programs and in the reader's language."""
    rendered = error.render(active_language())
    body = Problem(
        code=error.code, message=rendered.message, remedy=rendered.remedy, params=error.params
    )
    answer = document(body.model_dump(mode="json"), JSON)
    answer.status_code = status
    return answer


def _dump(value: dict[str, Any]) -> str:
    # Indented: people look at it, too.
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
