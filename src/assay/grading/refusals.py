"""Why a model file is not graded: one class for each reason.

A grading child names a reason by `code` and fills in parameters only before it
is given the hidden inputs; the words are the parent's, in the reader's language.
"""

from __future__ import annotations

from assay.errors import Refusal
from assay.messages import N_


class EmptyFile(Refusal):
    """There is nothing, or next to nothing, in the file."""

    code = "empty_file"
    message = N_("A model file was expected, but this file has only {size} bytes.")
    remedy = N_("Save the trained model with model.save(\"mymodel.h5\") and submit that file.")


class FileTooLarge(Refusal):
    """The file is over the task's limit."""

    code = "file_too_large"
    message = N_("The file has {size} bytes; this task takes at most {limit}.")
    remedy = N_(
        "Use fewer or smaller layers, or save without the optimizer: "
        "model.save(\"mymodel.h5\", include_optimizer=False)."
    )


REFUSALS: dict[str, type[Refusal]] = {
    cls.code: cls
    for cls in list(globals().values())
    if isinstance(cls, type) and issubclass(cls, Refusal) and cls is not Refusal
}
