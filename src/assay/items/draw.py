"""Draw a variant in a process of its own: `python -m assay.items.draw KEY --seed S --out FOLDER`.

Item code is heavy (renderers, catalogues, tables), and it is content, not platform: the
server runs it here and reads the files. Nothing is left behind if it fails.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from assay.errors import BankError
from assay.items.bundle import build_bundle
from assay.items.loader import Item, Scan, scan_bank
from assay.items.samples import check_variant
from assay.items.store import save_inputs, save_labels
from assay.items.variant import Variant
from assay.messages import Language

BUNDLE = "bundle.zip"
REPORT = "draw.json"  # written last: a folder that has it is complete


def variant_files(item: Item, variant: Variant) -> dict[str, bytes]:
    """Return the files of a variant by name: the public bundle and the secret splits.

    Args:
        item: The item.
        variant: Drawn from it and found right by `check_variant`.
    """
    return {
        BUNDLE: build_bundle(item, variant),
        "hidden.inputs.npz": save_inputs(variant.hidden),
        "hidden.labels.npz": save_labels(variant.hidden),
        "sealed.inputs.npz": save_inputs(variant.sealed),
        "sealed.labels.npz": save_labels(variant.sealed),
    }


def digests(files: dict[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file as hexadecimal digits."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}


def draw_into(scan: Scan, key: str, seed: int, out: Path) -> int:
    """Write the files and `draw.json` (item, sha256 of each file); say on stderr what is wrong.

    Args:
        scan: Of the bank; what is wrong with other items does not matter.
        key: The item's.
        seed: An integer from 0.
        out: A folder, made if need be.

    Returns:
        An exit code; if it is not 0, nothing was written.
    """
    try:
        item = scan.item(key)
        variant = item.draw(seed)
        for problem in check_variant(item, variant):
            raise problem  # no such variant may reach a candidate
    except BankError as error:
        return _refuse(error)
    files = variant_files(item, variant)
    out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (out / name).write_bytes(data)
    report = {"item": item.key, "uuid": str(item.spec.uuid), "sha256": digests(files)}
    (out / REPORT).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def _refuse(error: BankError) -> int:
    rendered = error.render(Language.closest(os.environ.get("ASSAY_LANGUAGE")))
    print(f"{rendered.message}\n{rendered.remedy}", file=sys.stderr)  # noqa: T201
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw one variant; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m assay.items.draw", description=__doc__)
    parser.add_argument("item", metavar="ITEM_KEY", help="category/name")
    parser.add_argument("--seed", type=int, required=True, help="an integer from 0")
    parser.add_argument("--out", type=Path, required=True, help="folder, made if need be")
    parser.add_argument("--bank", type=Path, help="the bank's folder; default: ASSAY_BANK")
    options = parser.parse_args(arguments)
    try:
        scan = scan_bank(options.bank)
    except BankError as error:
        return _refuse(error)
    return draw_into(scan, options.item, options.seed, options.out)


if __name__ == "__main__":
    raise SystemExit(main())
