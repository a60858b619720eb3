"""The binary frames: what a child may say, and what is no answer."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.grading.sandbox import frames
from assay.grading.sandbox.faults import BrokenFrame
from assay.grading.sandbox.frames import HEADER, Kind

names = st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True)
values = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(categories=["L", "N", "P"]), max_size=frames.MAX_TEXT),
)


class TestHeader:
    @pytest.mark.parametrize("kind", list(Kind))
    def test_it_says_what_follows(self, kind):
        assert frames.parse_header(frames.header(kind, 123)) == (kind, 123)

    @pytest.mark.parametrize("at", range(8))
    def test_a_header_with_one_wrong_byte_is_refused(self, at):
        data = bytearray(frames.header(Kind.READY, 0))
        data[at] ^= 0x80

        with pytest.raises(BrokenFrame):
            frames.parse_header(bytes(data))

    @given(st.binary(min_size=HEADER.size, max_size=HEADER.size))
    def test_any_bytes_are_a_header_or_a_broken_frame(self, data):
        try:
            kind, length = frames.parse_header(data)
        except BrokenFrame:
            return

        assert frames.header(kind, length) == data


class TestReason:
    @given(names, st.dictionaries(names, values, max_size=frames.MAX_PARAMETERS))
    def test_it_comes_out_as_it_went_in(self, code, params):
        reason = frames.decode_reason(frames.encode_reason(code, params))

        assert reason.code == code
        assert reason.params == params

    @given(st.binary(max_size=200))
    def test_any_bytes_are_a_reason_or_a_broken_frame(self, data):
        try:
            reason = frames.decode_reason(data)
        except BrokenFrame:
            return

        assert frames.encode_reason(reason.code, reason.params) == data

    def test_the_longest_reason_is_within_the_bound(self):
        params = {f"{'n' * 62}{i:02}": "\N{GRINNING FACE}" * 1000 for i in range(30)}

        payload = frames.encode_reason("c" * 64, params)

        assert len(payload) <= frames.MAX_LENGTH[Kind.REFUSED]
        assert len(frames.decode_reason(payload).params) == frames.MAX_PARAMETERS

    def test_a_name_with_control_characters_arrives_without_them(self):
        params = {"layer": "dense\x1b[2J\u202e\x00"}

        reason = frames.decode_reason(frames.encode_reason("lambda_layer", params))

        assert reason.params == {"layer": "dense\ufffd[2J\ufffd\ufffd"}

    def test_control_characters_from_a_forger_are_refused(self):
        forged = b"\x04code\x01\x05layer\x03" + struct.pack("<H", 4) + b"\x1b[2J"

        with pytest.raises(BrokenFrame) as caught:
            frames.decode_reason(forged)

        assert "printable" in caught.value.detail

    def test_numpys_numbers_arrive_as_numbers(self):
        params = {"parameters": np.int64(12), "share": np.float32(0.5)}

        reason = frames.decode_reason(frames.encode_reason("code", params))

        assert reason.params == {"parameters": 12, "share": 0.5}

    def test_a_number_beyond_64_bits_becomes_the_largest(self):
        reason = frames.decode_reason(frames.encode_reason("code", {"n": 10**30}))

        assert reason.params == {"n": 2**63 - 1}

    @pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
    def test_a_number_that_is_not_finite_arrives_as_text(self, number):
        reason = frames.decode_reason(frames.encode_reason("code", {"n": number}))

        assert reason.params == {"n": str(number)}

    def test_a_parameter_that_comes_twice_is_refused(self):
        twice = b"\x04code\x02" + b"\x01n\x00" * 2

        with pytest.raises(BrokenFrame) as caught:
            frames.decode_reason(twice)

        assert "twice" in caught.value.detail

    def test_bytes_after_the_last_parameter_are_refused(self):
        with pytest.raises(BrokenFrame) as caught:
            frames.decode_reason(frames.encode_reason("code", {}) + b"\x00")

        assert "after" in caught.value.detail

    @pytest.mark.parametrize("code", [b"", b"Code", b"a b", b"\xc3\xa9", b"../x"])
    def test_a_code_that_is_no_name_is_refused(self, code):
        with pytest.raises(BrokenFrame):
            frames.decode_code(bytes([len(code)]) + code)


class TestReport:
    @given(st.lists(values, max_size=50))
    def test_it_comes_out_as_it_went_in(self, report):
        assert frames.decode_report(frames.encode_report(report)) == report

    def test_a_report_that_is_too_long_is_cut_off(self):
        payload = frames.encode_report([1] * (frames.MAX_VALUES + 5))

        assert len(frames.decode_report(payload)) == frames.MAX_VALUES

    @given(st.binary(max_size=200))
    def test_any_bytes_are_a_report_or_a_broken_frame(self, data):
        try:
            report = frames.decode_report(data)
        except BrokenFrame:
            return

        assert frames.encode_report(report) == data


class TestDetail:
    def test_a_traceback_keeps_its_lines(self):
        text = 'Traceback:\n  File "x.py", line 1\nValueError: ü'

        assert frames.decode_detail(frames.encode_detail(text)) == text

    @given(st.text(max_size=100))
    def test_any_text_can_be_told(self, text):
        assert len(frames.decode_detail(frames.encode_detail(text))) == len(text)
