"""Every error under /api/ is a Problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def problems(get_response: Callable[..., Any]) -> Callable[..., Any]:
    return get_response
