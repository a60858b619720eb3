"""What can be wrong around an appeal.

NotFound
└── AppealNotFound
NotAllowed
├── ResultNotFinal
└── AppealTermOver
Conflict
├── AppealFiled, AppealAnswered
└── AppealNotScored, ProposalsOpen
UsageError
├── NoSlotChosen
├── NoAppealText
└── AppealTooLong
"""

from __future__ import annotations

from assay.errors import Conflict, NotAllowed, NotFound, UsageError
from assay.messages import N_


class AppealNotFound(NotFound):
    """There is no such appeal."""

    message = N_("There is no such appeal.")


class ResultNotFinal(NotAllowed):
    """One can only appeal against a result that is final."""

    code = "result_not_final"
    message = N_("There is no final result yet, so there is nothing to appeal against.")
    remedy = N_("Wait for the mail with your result.")


class AppealTermOver(NotAllowed):
    """The term for appeals is over."""

    code = "appeal_term_over"
    message = N_("Appeals were possible until {until}.")
    remedy = N_("Write to your certifying body if something kept you from appealing in time.")


class AppealFiled(Conflict):
    """There is one appeal against a result, and one against an annulment."""

    code = "appeal_filed"
    message = N_("You have filed this appeal already.")
    remedy = N_("The page of the appeal shows how it stands.")


class AppealAnswered(Conflict):
    """An appeal is answered once."""

    code = "appeal_answered"
    message = N_("This appeal has been answered already.")
    remedy = N_("Look at its page again.")


class AppealNotScored(Conflict):
    """Nobody answers an appeal before its submissions were graded once more."""

    code = "appeal_not_scored"
    message = N_("The submissions of this appeal have not all been graded once more yet.")
    remedy = N_("Grade them again, wait until that is done, then answer.")


class ProposalsOpen(Conflict):
    """A refusal must not leave a verdict that differs undecided."""

    code = "proposals_open"
    message = N_("Grading again has led to other verdicts, so the appeal cannot just be refused.")
    remedy = N_("Grant it, or first set these verdicts aside with a reason.")


class NoSlotChosen(UsageError):
    """An appeal is about one or more slots."""

    code = "no_slot_chosen"
    message = N_("An appeal is about at least one category of the exam, but none was chosen.")
    remedy = N_("Tick what the appeal is about.")


class NoAppealText(UsageError):
    """An appeal says what is wrong."""

    code = "no_appeal_text"
    message = N_("An appeal says what you think is wrong, but the text is empty.")
    remedy = N_("Write what happened and what you expected.")


class AppealTooLong(UsageError):
    """There is a limit to what anybody reads."""

    code = "appeal_too_long"
    message = N_("The text has {received} characters; up to {most} are possible.")
    remedy = N_("Keep to what matters for the marks.")
