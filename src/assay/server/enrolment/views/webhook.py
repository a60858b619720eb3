"""Where Stripe tells what has happened."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from assay.server.enrolment import checkout
from assay.server.enrolment.errors import PaymentNotSetUp
from assay.server.enrolment.services import payments

logger = logging.getLogger(__name__)


@csrf_exempt  # a program calls; its signature shows who it is
@require_POST
def stripe_event(request: HttpRequest) -> HttpResponse:
    """Take in an event; anything but 2xx makes Stripe send it again."""
    try:
        event = checkout.signed_event(request.body, request.headers.get("Stripe-Signature"))
    except PaymentNotSetUp:
        return HttpResponse("payment is not set up", status=HTTPStatus.SERVICE_UNAVAILABLE)
    except ValueError as refused:
        logger.warning("An event in Stripe's name was refused: %s", refused)
        return HttpResponse("refused", status=HTTPStatus.BAD_REQUEST)
    is_new = payments.take_in(event, timezone.now())
    return HttpResponse("taken in" if is_new else "known")
