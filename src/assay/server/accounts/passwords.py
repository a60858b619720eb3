"""What a password must be: Django's rules, said in few words and in every language of ours."""

from __future__ import annotations

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.utils.translation import gettext as _

_LENGTH = 10  # characters


class LongEnough(MinimumLengthValidator):
    """It has some length."""

    def __init__(self) -> None:
        super().__init__(min_length=_LENGTH)

    def get_error_message(self) -> str:
        """Say what is wrong."""
        return _("That is too short: use %(least)d characters or more.") % {"least": _LENGTH}

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("%(least)d characters or more; a few words in a row are good.") % {
            "least": _LENGTH
        }


class Unlike(UserAttributeSimilarityValidator):
    """It is not the person's name or address."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("email", "name"))

    def get_error_message(self) -> str:
        """Say what is wrong."""
        return _("That is too much like your name or address.")

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("Not like your name or address.")


class Uncommon(CommonPasswordValidator):
    """It is not one of the 20,000 that everybody tries first."""

    def get_error_message(self) -> str:
        """Say what is wrong."""
        return _("Many people use that one, so it is tried first.")

    def get_help_text(self) -> str:
        """Say nothing: who chooses a good one never meets this rule."""
        return ""


class NotANumber(NumericPasswordValidator):
    """It is not a number only."""

    def get_error_message(self) -> str:
        """Say what is wrong."""
        return _("That is only a number.")

    def get_help_text(self) -> str:
        """Say nothing: who chooses a good one never meets this rule."""
        return ""
