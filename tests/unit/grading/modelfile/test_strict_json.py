"""JSON from files that nobody vouches for."""

from __future__ import annotations

import pytest

from assay.grading import refusals
from assay.grading.modelfile import strict_json
from assay.grading.modelfile.strict_json import parse


def test_it_reads_an_object():
    assert parse(b'{"a": [1, 2.5, null, "x]{"]}', part="config") == {"a": [1, 2.5, None, "x]{"]}


def test_brackets_in_texts_do_not_count_as_depth():
    text = '{"a": "' + "[" * 5000 + '\\""}'

    assert parse(text, part="config")["a"].startswith("[[")


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b'"text"', b"\xff\xfe{}", b'{"a": }'])
def test_it_refuses_what_is_no_json_object(text):
    with pytest.raises(refusals.DamagedFile):
        parse(text, part="config")


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"a": 1, "a": 2}',
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
    ids=["deep lists", "deep objects", "a key twice", "a huge number"],
)
def test_it_refuses_traps(text):
    with pytest.raises(refusals.SuspiciousFile):
        parse(text, part="config")


def test_it_refuses_json_larger_than_any_model(monkeypatch):
    monkeypatch.setattr(strict_json, "LARGEST", 10)

    with pytest.raises(refusals.SuspiciousFile):
        parse(b'{"a": "0123456789"}', part="config")
