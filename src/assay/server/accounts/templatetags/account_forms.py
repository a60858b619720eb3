"""How the forms of this app are drawn: every field with its label, help and errors."""

from __future__ import annotations

import json as json_format
from typing import Any

from django import template
from django.forms import BaseForm
from django.utils.translation import gettext_lazy as _

register = template.Library()

# allauth's fields in our words; a field that is ours has its own label.
_LABELS = {
    "code": _("Code"),
    "email": _("E-mail address"),
    "login": _("E-mail address"),
    "oldpassword": _("Present password"),
    "passwordless": _("Sign in without a password, too"),
    "remember": _("Stay signed in on this device"),
}
_NAME = _("Name of the passkey")
_HELP = {
    "passwordless": _("Your device then asks for your finger, face or PIN."),
}


@register.inclusion_tag("accounts/_fields.html")
def fields(form: BaseForm) -> dict[str, Any]:
    """Draw all fields of `form`, without its `<form>` and buttons."""
    for name, field in form.fields.items():
        field.label = _LABELS.get(name, field.label or (_NAME if name == "name" else None))
        field.help_text = _HELP.get(name, field.help_text)
        # A placeholder repeats the label in grey and is gone when one types.
        field.widget.attrs.pop("placeholder", None)
    return {"form": form}


@register.filter
def json(value: Any) -> str:
    """Return `value` as JSON, for an attribute that a script reads."""
    return json_format.dumps(value)
