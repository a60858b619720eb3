"""How the forms of this app are drawn: every field with its label, help and errors."""

from __future__ import annotations

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
