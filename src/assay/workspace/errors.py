"""What can be wrong with a candidate's exam folder.

UsageError
├── NotAWorkspace        there is no exam folder here
├── FolderTaken          a folder that holds something else
├── NewerWorkspace       written by a newer Assay
├── DamagedWorkspace     its workspace.json cannot be read
├── OtherSitting         it belongs to another sitting
├── OtherServer          it belongs to another server
├── NoSuchSlot           this exam has no such category
├── WhichSlot            outside of a category's folder the number must be given
├── NoModelFile          there is no model to submit yet
└── ModelFileTooLarge    larger than the task takes

AssayError
├── BundleDamaged        a sealed bundle that does not open, or holds what it must not
└── EnvironmentFailed    the Python environment could not be made
    └── EnvironmentBroken   it was made, but a package cannot be imported
"""

from __future__ import annotations

from assay.errors import AssayError, UsageError
from assay.messages import N_


class NotAWorkspace(UsageError):
    """There is no exam folder here."""

    code = "not_a_workspace"
    message = N_("{folder} is not inside an exam folder.")
    remedy = N_("Change into the folder that `assay start` made, or make one: assay start")


class FolderTaken(UsageError):
    """The folder holds something else."""

    code = "folder_taken"
    message = N_("{folder} already holds other files; an exam folder must begin empty.")
    remedy = N_("Name a new folder: assay start FOLDER")


class NewerWorkspace(UsageError):
    """The folder was made by a newer Assay."""

    code = "newer_workspace"
    message = N_(
        "{folder} has format version {received}, but this version of Assay reads it up to "
        "{expected}."
    )
    remedy = N_("Upgrade first: pip install --upgrade assay")


class DamagedWorkspace(UsageError):
    """The folder's record cannot be read."""

    code = "damaged_workspace"
    message = N_("{file} cannot be read: {reason}.")
    remedy = N_(
        "Your work is untouched. Make a folder anew beside it and copy your starter.py files "
        "over: assay start NEW_FOLDER"
    )


class OtherSitting(UsageError):
    """The folder belongs to another sitting."""

    code = "other_sitting"
    message = N_("{folder} belongs to another sitting: {exam}, sitting {sitting}.")
    remedy = N_("Name a new folder for this exam: assay start NEW_FOLDER")


class OtherServer(UsageError):
    """The folder belongs to another server."""

    code = "other_server"
    message = N_("{folder} belongs to the exam server {server}, but {other} was asked for.")
    remedy = N_("Unset ASSAY_SERVER, or change into the other exam's folder.")


class NoSuchSlot(UsageError):
    """The exam has no such category."""

    code = "no_such_slot"
    message = N_("This exam has no category “{received}”; it has {expected}.")
    remedy = N_("See your categories with: assay status")


class WhichSlot(UsageError):
    """Outside of a category's folder the number must be given."""

    code = "which_slot"
    message = N_("Which category? You are not inside one of the folders {expected}.")
    remedy = N_("Give its number, such as: assay {command} 1")


class NoModelFile(UsageError):
    """There is no model to submit yet."""

    code = "no_model_file"
    message = N_("There is no model file in {folder}; looked for: {looked_for}.")
    remedy = N_("Run the category's starter.py; it saves mymodel.h5 beside it. Then submit again.")


class ModelFileTooLarge(UsageError):
    """The file is larger than the task takes."""

    code = "file_too_large"
    message = N_("{file} has {size} bytes; this task takes at most {limit}. Nothing was sent.")
    remedy = N_(
        "Use fewer or smaller layers, or save without the optimizer: "
        'model.save("mymodel.h5", include_optimizer=False)'
    )


class BundleDamaged(AssayError):
    """A sealed bundle that does not open, or holds what it must not."""

    code = "bundle_damaged"
    message = N_("The task bundle of {slot} is damaged, or was changed on its way.")
    remedy = N_("It can be fetched again at any time; your work is untouched. Type: assay start")


class EnvironmentFailed(AssayError):
    """The Python environment could not be made."""

    code = "environment_failed"
    message = N_(
        "The Python environment could not be made: {tool} ended with exit code {exit_code}."
    )
    remedy = N_(
        "The reason is above. What is installed already is kept; to go on, type: assay start. "
        "To use a Python environment of your own instead: assay start --no-env"
    )


class EnvironmentBroken(EnvironmentFailed):
    """Everything is installed, but a package cannot be imported."""

    code = "environment_broken"
    message = N_("The Python environment was made, but in it `{module}` does not work: {detail}")
    remedy = N_(
        "Look up that message, mend its cause, and type: assay start. "
        "To use a Python environment of your own instead: assay start --no-env"
    )
