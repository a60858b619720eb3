"""What staff can get wrong on the command line.

NotFound
└── NoSuchSubmission
UsageError
├── NoAccount, NoSuchRole
└── NoSuchLanguage, TimeFactorTooSmall
"""

from __future__ import annotations

from assay.errors import NotFound, UsageError
from assay.messages import N_


class NoSuchSubmission(NotFound):
    """Nobody has handed it in."""

    code = "no_such_submission"
    message = N_("There is no submission {submission}.")
    remedy = N_("See what was not graded by the server's fault with: assay staff list")


class NoAccount(UsageError):
    """A role is given to an account, and there is none."""

    code = "no_account"
    message = N_("{email} has no account.")
    remedy = N_("Correct the address, or have the person sign up in the browser first.")


class NoSuchRole(UsageError):
    """Staff have four roles, and this is none of them."""

    code = "no_such_role"
    message = N_("There is no role {received} of staff.")
    remedy = N_("Name one of: {roles}")


class NoSuchLanguage(UsageError):
    """Mail is written in two languages."""

    code = "no_such_language"
    message = N_("Mail cannot be written in the language {received}.")
    remedy = N_("Name one of: {languages}")


class TimeFactorTooSmall(UsageError):
    """An accommodation never takes time away."""

    code = "time_factor_too_small"
    message = N_("The time factor must be 1 or more; received {received}.")
    remedy = N_("For a quarter more time, say: --time-factor 1.25")
