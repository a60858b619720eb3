"""Signing a program in: the device authorization grant of RFC 8628."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from ninja import Form, Router, Status
from pydantic import StringConstraints

from assay import wire
from assay.server.accounts import devices, limits
from assay.server.api.problems import language_of, problem

router = Router()

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
_Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


@router.post("/device/code", response=wire.DeviceCodes, auth=None, operation_id="device_code")
def code(request: HttpRequest, name: Form[_Name] = "") -> wire.DeviceCodes:
    """A pair of codes: one for the program, one for its user to type in a browser.

    `name` is what the program calls itself, so that its user knows it again.
    """
    now = timezone.now()
    limits.spend("device_code", limits.client_address(request), limits.DEVICE_CODE, now)
    codes = devices.begin("".join(c for c in name if c.isprintable()), now)
    page = settings.URL + reverse("accounts:device")
    return wire.DeviceCodes(
        device_code=codes.device_code,
        user_code=codes.user_code,
        verification_uri=page,
        verification_uri_complete=f"{page}?{urlencode({'code': codes.user_code})}",
        expires_in=codes.expires_in,
        interval=codes.interval,
    )


@router.post(
    "/device/token",
    response={HTTPStatus.OK: wire.DeviceToken, HTTPStatus.BAD_REQUEST: wire.DeviceProblem},
    auth=None,
    operation_id="device_token",
)
def token(
    request: HttpRequest, device_code: Form[str], grant_type: Form[str] = GRANT_TYPE
) -> wire.DeviceToken | Status[wire.DeviceProblem]:
    """The token, once the user has allowed it; until then, why not."""
    now = timezone.now()
    limits.spend("device_poll", limits.client_address(request), limits.DEVICE_POLL, now)
    try:
        if grant_type != GRANT_TYPE:
            raise devices.UnknownGrant(received=grant_type[:100], expected=GRANT_TYPE)
        given = devices.collect(device_code, now)
    except devices.GrantError as error:
        said = problem(error, language_of(request))
        return Status(
            HTTPStatus.BAD_REQUEST,
            wire.DeviceProblem(
                **said.model_dump(), error=error.oauth, error_description=said.message
            ),
        )
    return wire.DeviceToken(access_token=given, token_type="Bearer")  # noqa: S106 - its kind
