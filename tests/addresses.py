"""All addresses of the server, as tables of tests name them. Needs Django to be set up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

# What Django's admin keeps; the world of the browser's tests has one row of each.
RECORDS = (
    "accounts/apitoken",
    "accounts/user",
    "credentials/credential",
    "credentials/issuerkey",
    "enrolment/identitycheck",
    "enrolment/reminder",
    "enrolment/stripeevent",
    "staff/auditentry",
)


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Yield all routes of the server, `<name>` or `<type:name>` for each parameter."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", str(each.pattern)).strip("^$")
        if isinstance(each, URLPattern):
            yield route.replace("^", "").replace("$", "")
        else:
            yield from routes(each, route)


def fill(route: str, parameters: dict[str, object]) -> str:
    """Put parameters into a route."""
    return "/" + re.sub(r"[<{](?:\w+:)?(\w+)[>}]", lambda found: str(parameters[found[1]]), route)
