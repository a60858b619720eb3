"""What can be wrong with a bank, an item or a blueprint.

    BankError
    ├── NoBank, UnknownItem
    ├── UnreadableFile, NewerFormat, FieldMissing, FieldUnknown, FieldWrong ← FieldsDisagree
    ├── FileMissing, StrayFile, DuplicateUuid, UnknownPoolItem, EmptyPool
    ├── ItemNameWrong, ItemExists, LeftToDo
    ├── SourceWrong, ImportNotAllowed, TaskTextWrong, TaskTextSilent
    ├── DrawFailed, PublicFilesDiffer, ArrayWrong, NotDeterministic, SeedsAgree,
    │   SamplesOverlap, NearDuplicates, TrainingSamplesUnknown, BundleWrong
    ├── DataError: DataUndeclared, DataMissing, DataTampered
    ├── NoFramework, TrainerGone, EvidenceMissing, EvidenceStale, EvidenceThin, EvidenceWeak, ExcuseOutlived
    └── RecipeFailed ← RecipeHangs, RecipeRefused, StarterPasses, RecipeFallsShort, WrongRecipePasses

Every error names the `file` (relative to the bank), and, where they exist, the
`field`, what was `expected` and what was `received`.
"""

from __future__ import annotations

from typing import Self

from assay.errors import BankError, Refusal, Rendered
from assay.messages import N_, Language, Words, translate


class NoBank(BankError):
    """There is no bank where one was expected."""

    code = "no_bank"
    message = N_("An item bank was expected at {file}, but there is no such folder.")
    remedy = N_(
        "Name the folder that holds the items: ASSAY_BANK=FOLDER, "
        "or begin one: assay bank new CATEGORY NAME"
    )


class UnknownItem(BankError):
    """Somebody asks for an item that the bank does not have."""

    code = "unknown_item"
    message = N_("There is no item {received} in the bank {file}.")
    remedy = N_("See what there is with: assay bank list")


class UnreadableFile(BankError):
    """A file is not in the format that its name promises."""

    code = "unreadable_file"
    message = N_("{file} cannot be read as {expected}: {received}.")
    remedy = N_("Mend the file, then run: assay bank check")


class NewerFormat(BankError):
    """The file was written for a newer Assay."""

    code = "newer_format"
    message = N_(
        "{file} has {field} {received}, but this version of Assay reads it up to {expected}."
    )
    remedy = N_("Upgrade first: pip install --upgrade assay")


class FieldMissing(BankError):
    """A required field is not there."""

    code = "field_missing"
    message = N_("{file} lacks the field {field}.")
    remedy = N_("Add it; docs/authors/item-format.en.md says what it holds.")


class FieldUnknown(BankError):
    """There is a field that the format does not know."""

    code = "field_unknown"
    message = N_("{file} has the field {field}, which the format does not know.")
    remedy = N_(
        "Remove it, or look for a slip of the pen; docs/authors/item-format.en.md lists all fields."
    )


class FieldWrong(BankError):
    """A field has a value that it cannot have."""

    code = "field_wrong"
    message = N_("{file}, {field}: {expected}; received {received}.")
    remedy = N_("Correct the value; docs/authors/item-format.en.md says what it may be.")


class FieldsDisagree(FieldWrong):
    """Fields of a file have values that they cannot have together."""

    code = "fields_disagree"
    message = N_("{file}: {expected}.")
    remedy = N_("Bring its fields into line; docs/authors/item-format.en.md says what they mean.")


class FileMissing(BankError):
    """An item lacks one of its files."""

    code = "file_missing"
    message = N_("{file} is missing.")
    remedy = N_("Add it; docs/authors/item-format.en.md says what it is for.")


class StrayFile(BankError):
    """A file that no part of the format asks for."""

    code = "stray_file"
    message = N_("{file} is not a file of the item format.")
    remedy = N_("Remove it, or put what data.py reads into the item's folder assets/.")


class DuplicateUuid(BankError):
    """Two things carry the same identity."""

    code = "duplicate_uuid"
    message = N_("{file} has the uuid {received}, which {expected} has already.")
    remedy = N_(
        "Give the newer one a uuid of its own: python -c 'import uuid; print(uuid.uuid4())'"
    )


class UnknownPoolItem(BankError):
    """A blueprint draws from an item that the bank does not have."""

    code = "unknown_pool_item"
    message = N_(
        "{file}, {field}: the name of an item of the bank was expected, received {received}."
    )
    remedy = N_("Correct the name, or add the item; see: assay bank list")


class EmptyPool(BankError):
    """A blueprint's place has no item that it may draw."""

    code = "empty_pool"
    message = N_(
        "{file}, {field}: an item that needs no download was expected in the pool; it has {received}."
    )
    remedy = N_("Add an item with bundled or generated data, or set offline_only: false.")


class ItemNameWrong(BankError):
    """A new item cannot have this name."""

    code = "item_name_wrong"
    message = N_("An item's name has small letters, digits and _ only; received {received}.")
    remedy = N_("Such as: assay bank new text which_language")


class ItemExists(BankError):
    """A new item would take another one's place."""

    code = "item_exists"
    message = N_("There is an item {file} already.")
    remedy = N_("Choose another name, or remove the folder first.")


class LeftToDo(BankError):
    """An item is not finished."""

    code = "left_to_do"
    message = N_("{file} still says TODO, the first time in line {field}; lines: {received}.")
    remedy = N_("Do what they say, and remove them; only the starter has some for the candidate.")


class SourceWrong(BankError):
    """A starter or a recipe lacks something that it must have."""

    code = "source_wrong"
    message = N_("{file} must have: {expected}. Received: {received}.")
    remedy = N_("Look at the starter and the reference of another item of the bank.")


class ImportNotAllowed(BankError):
    """A starter or a recipe imports what a candidate may not have."""

    code = "import_not_allowed"
    message = N_("{file} imports {received}; a candidate's environment has only {expected}.")
    remedy = N_("Do without it.")


class TaskTextWrong(BankError):
    """The two texts of a task do not fit each other or the variant."""

    code = "task_text_wrong"
    message = N_("{file}, {field}: expected {expected}, received {received}.")
    remedy = N_("Bring both languages and the texts of data.py into line.")


class TaskTextSilent(BankError):
    """A task's text keeps back what a candidate must know."""

    code = "task_text_silent"
    message = N_("{file} does not name {expected}.")
    remedy = N_("Tell it in both languages as item.yaml has it, or correct item.yaml.")


class DrawFailed(BankError):
    """The item's own code fails."""

    code = "draw_failed"
    message = N_("{file} cannot draw a variant from the seed {field}: {received}.")
    remedy = N_("Mend variant(seed) so that it returns a Variant for every seed.")


class PublicFilesDiffer(BankError):
    """A variant brings other public files than the item declares."""

    code = "public_files_differ"
    message = N_("{file} declares the public files {expected}, but data.py draws {received}.")
    remedy = N_("Make `public_files` of item.yaml and `files` of the variant the same.")


class ArrayWrong(BankError):
    """An array of a split does not fit the contract."""

    code = "array_wrong"
    message = N_("{file}, {field}: expected {expected}, received {received}.")
    remedy = N_("Bring data.py and the contract of item.yaml into line.")


class NotDeterministic(BankError):
    """The same seed gave two different variants."""

    code = "not_deterministic"
    message = N_("{file}: the seed {field} gave two different {received} in two processes.")
    remedy = N_(
        "Take every random number from np.random.default_rng(seed), sort what comes from "
        "sets and folders, and write files without the time of day."
    )


class SeedsAgree(BankError):
    """Two seeds gave the same variant."""

    code = "seeds_agree"
    message = N_("{file}: the seeds {field} gave the same {received}.")
    remedy = N_("Draw the variant from the seed: np.random.default_rng(seed)")


class SamplesOverlap(BankError):
    """A sample occurs in two sets that must not share any."""

    code = "samples_overlap"
    message = N_("{file}: {received} samples occur in two of the sets: {field}.")
    remedy = N_("Split the data before anything else is done to them.")


class NearDuplicates(BankError):
    """Samples of two sets are almost the same."""

    code = "near_duplicates"
    message = N_("{file}: {received} samples are almost the same in two of the sets: {field}.")
    remedy = N_("Keep what is alike together in one set: group first, then split.")


class TrainingSamplesUnknown(BankError):
    """It cannot be checked whether the training data hold hidden samples."""

    code = "training_samples_unknown"
    message = N_(
        "{file}: the public files hold no array of the contract's input shape, "
        "so it cannot be checked that hidden samples are not among them."
    )
    remedy = N_("Give the training samples, in the form of the hidden ones, as Variant(train=...).")


class BundleWrong(BankError):
    """The public bundle holds something private, or lacks something."""

    code = "bundle_wrong"
    message = N_("{file}: the public bundle must hold {expected}, received {received}.")
    remedy = N_("A public file must not be, or be named as, a private one.")


class DataError(BankError):
    """A file that an item downloads cannot be used."""

    code = "data"


class DataUndeclared(DataError):
    """data.py asks for a file that item.yaml does not name."""

    code = "data_undeclared"
    message = N_("{file} declares the data files {expected}, but data.py asks for {received}.")
    remedy = N_("Name it under data.files, with its URL, size and SHA-256.")


class DataMissing(DataError):
    """A file is neither here nor to be had."""

    code = "data_missing"
    message = N_("The data file {file} is not here and cannot be fetched: {received}.")
    remedy = N_(
        "Get it from {url} and put it at {expected}, or name a folder or an address that has it: "
        "ASSAY_DATA_MIRROR"
    )


class DataTampered(DataError):
    """A file is not the one that the item was made with."""

    code = "data_tampered"
    message = N_(
        "{file} is not the file that the item was made with: "
        "the SHA-256 {expected} was expected, received {received}."
    )
    remedy = N_("Remove it, then get it anew from {url} or from a mirror that you trust.")


class NoFramework(BankError):
    """The Python that is to train recipes lacks what they import."""

    code = "no_framework"
    message = N_("{file} cannot train recipes: {received}.")
    remedy = N_("Name a Python with TensorFlow and pandas: --python FILE")


class TrainerGone(BankError):
    """The Python that trains recipes was ended by somebody else, such as a system out of memory."""

    code = "trainer_gone"
    message = N_("The Python that trains recipes was ended from outside.")
    remedy = N_(
        "Perhaps memory ran out: make room, then run the same command again. "
        "What was measured is kept."
    )


class EvidenceMissing(BankError):
    """An item does not prove that it is fair."""

    code = "evidence_missing"
    message = N_("{file} is missing: nothing shows yet that the item is fair.")
    remedy = N_("Measure it: assay bank calibrate {received}")


class ExcuseOutlived(BankError):
    """An item says why it has no evidence, and has some."""

    code = "excuse_outlived"
    message = N_("{file}: `unmeasured` says why there is no evidence, but there is {received}.")
    remedy = N_("Remove `unmeasured`: what was measured speaks for itself.")


class EvidenceStale(BankError):
    """The evidence belongs to another state of the item."""

    code = "evidence_stale"
    message = N_("{file} does not belong to the item as it is; changed since: {expected}.")
    remedy = N_("Measure what changed: assay bank calibrate {received}")


class EvidenceThin(BankError):
    """The recipes were measured on too few seeds to tell."""

    code = "evidence_thin"
    message = N_(
        "{file}: measurements of every recipe on at least {expected} seeds were expected, "
        "received {received}."
    )
    remedy = N_("Measure more; what is there already stays: assay bank calibrate {item}")


class EvidenceWeak(BankError):
    """The evidence says that the item is not fair."""

    code = "evidence_weak"
    message = N_("{file}: {field}: expected {expected}, received {received}.")
    remedy = N_(
        "Mend the variants, the recipes or the cuts; docs/authors/ says how to choose them."
    )

    def render(self, language: Language = Language.ENGLISH) -> Rendered:
        """Return message and remedy in `language`, the rule's name as well."""
        params = {**self.params, "field": translate(str(self.params["field"]), language)}
        return Rendered(
            message=translate(self.message, language, **params),
            remedy=translate(self.remedy, language, **params),
        )


class RecipeFailed(BankError):
    """A starter, a reference or a naive recipe does not run to its end."""

    code = "recipe_failed"
    message = N_("{file} (seed {field}): expected {expected}, received {received}.")
    remedy = N_("Keep the folder that it ran in, and look: assay bank check --train --keep FOLDER")

    def on(self, seed: int) -> Self:
        """Return the error with the seed of the variant that the program was run on."""
        return type(self)(**{**self.params, "field": str(seed)})


class RecipeHangs(RecipeFailed):
    """A program does not end, and was stopped."""

    code = "recipe_hangs"
    message = N_(
        "{file} (seed {field}): an end within {expected} s was expected, "
        "but it was still running and was stopped."
    )
    remedy = N_(
        "Look for a loop without an end, or train for fewer epochs; on a slow machine give it "
        "more time: --patience SECONDS"
    )


class RecipeRefused(BankError):
    """A recipe's model is not graded; `received` and `then` are the refusal's own words."""

    code = "recipe_refused"
    message = N_("{file} (seed {field}): its model is not graded. {received}")
    remedy = "{then}"  # the refusal's own

    @classmethod
    def of(cls, refusal: Refusal, *, file: str, seed: int) -> RecipeRefused:
        """Return the error for a refusal of the model that `file` trained on a seed."""
        return cls(
            file=file,
            field=str(seed),
            received=Words(refusal.message, **refusal.params),
            then=Words(refusal.remedy, **refusal.params),
        )


class StarterPasses(BankError):
    """The unfinished starter earns points."""

    code = "starter_passes"
    message = N_(
        "{file} (seed {field}) may earn at most {expected} points unfinished, received {received}."
    )
    remedy = N_("Leave more to the candidate, or make the cuts harder.")


class RecipeFallsShort(BankError):
    """The reference, or another competent recipe, does not earn all points."""

    code = "recipe_falls_short"
    message = N_("{file} (seed {field}) must earn {expected} points, received {received}.")
    remedy = N_("Improve the recipe, or make the variants more alike or the cuts easier.")


class WrongRecipePasses(BankError):
    """A naive recipe earns more points than it may."""

    code = "wrong_recipe_passes"
    message = N_("{file} (seed {field}) may earn at most {expected} points, received {received}.")
    remedy = N_("Make the task or its cuts harder.")
