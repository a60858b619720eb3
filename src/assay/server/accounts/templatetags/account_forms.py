"""How the forms of this app are drawn: every field with its label, help and errors."""

from __future__ import annotations

import json as json_format
from typing import Any

from django import template
from django.forms import BaseForm

register = template.Library()


@register.inclusion_tag("accounts/_fields.html")
def fields(form: BaseForm) -> dict[str, Any]:
    """Draw all fields of `form`, without its `<form>` and buttons."""
    for field in form.fields.values():
        # A placeholder repeats the label in grey and is gone when one types.
        field.widget.attrs.pop("placeholder", None)
    return {"form": form}


@register.filter
def json(value: Any) -> str:
    """Return `value` as JSON, for an attribute that a script reads."""
    return json_format.dumps(value)
