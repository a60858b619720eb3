"""What a file's code could do if it ran all the same: every attempt and its outcome."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from assay.grading.refusals import OutOfMemory
from assay.grading.sandbox import (
    BrokenFrame,
    Cancelled,
    ChildCrashed,
    DeadlineExceeded,
    GradingFault,
    ReaderFailed,
    seccomp,
)
from hostile.attacks import PROBES
from hostile.house import INPUTS
from hostile.walls import SECRET

KILLED = {  # calls that no library makes in passing
    "become_root",
    "call_by_the_32_bit_door",
    "change_the_canarys_mode",
    "change_the_root",
    "kill_a_sibling_by_thread_id",
    "kill_everybody",
    "kill_its_group",
    "kill_the_parent",
    "leave_the_namespaces",
    "link_to_the_canary",
    "make_a_message_queue",
    "make_shared_memory",
    "mount_a_file_system",
    "read_the_parents_memory",
    "slow_the_parent_down",
    "trace_the_parent",
}
IN_OTHER_WORDS = {  # where a library turns the refusal into an error of its own
    "load_a_library": "cannot open shared object file: Permission denied",
    "load_a_module": "No module named",
    "look_up_a_name": "gaierror",
    "start_a_thread": "can't start new thread",
}
CRASHES = {  # before the inputs or after: how the child ended
    "abort": "killed by SIGABRT",
    "call_for_exit": "exited with 70",
    "change_the_library": "exited with 0",
    "crash": "killed by SIGSEGV",
    "exit_silently": "exited with 0",
    "give_half_and_exit": "exited with 0",
    "write_to_the_inputs": "killed by SIGSEGV",
}
BROKEN = {  # what was wrong with the frame
    "announce_four_gigabytes": "REFUSED of 4294967295 bytes",
    "answer_before_the_inputs": "DONE is out of turn",
    "close_the_pipe_and_live_on": "lives on",
    "flood": "unknown kind",
    "flood_with_honest_frames": "READY is out of turn",
    "give_a_wrong_shape": "predictions of 1792 bytes, 256 were asked for",
    "give_everything_and_more": "bytes after the answer",
    "give_gigabytes": "predictions of 4294967280 bytes",
    "give_none": "predictions of 4 bytes",
    "give_too_few": "predictions of 252 bytes",
    "give_too_many": "predictions of 260 bytes",
    "pickle_the_result": "not a header",
    "put_the_inputs_into_a_code": "a code that is out of turn",
    "put_the_inputs_into_a_report": "REPORT is out of turn",
    "put_the_inputs_into_words": "REFUSED is out of turn",
    "refuse_and_go_on_talking": "bytes after the answer",
    "refuse_with_a_reason_that_does_not_exist": "unknown code send_money",
    "refuse_without_the_parameters": "lambda_layer without layer",
}
ENDLESS = [
    "give_everything_and_wait",
    "give_half_and_wait",
    "ignore_every_signal_and_spin",
    "overflow_the_stack",
    "sleep",
    "sleep_on_the_inputs",
    "spin",
    "spin_on_the_inputs",
]
GREEDY = [
    "take_memory_bit_by_bit",
    "take_memory_by_numpy",
    "take_memory_in_one_piece",
    "take_memory_on_the_inputs",
]


class TestReachingOut:
    @pytest.mark.parametrize("name", sorted(PROBES))
    def test_no_attempt_comes_through(self, house, bait, name):
        with pytest.raises((ChildCrashed, ReaderFailed)) as held:
            house.attempt(name)

        if name in KILLED:
            assert held.value.detail == "it was killed by SIGSYS"
        else:
            assert IN_OTHER_WORDS.get(name, "PermissionError") in held.value.detail
        assert bait.is_untouched()
        assert not bait.has_visitors()

    def test_no_other_system_call_comes_through(self, bare_house):
        calls = seccomp.architecture().calls
        allowed = {calls.get(name) for name in seccomp.ALLOWED}
        # Protecting nothing and receiving nothing is no harm; the last two can
        # only be made by the kernel's own trampolines, and die by SIGILL.
        harmless = {calls["mprotect"], calls["recvmsg"], 335, 336}
        came_through = []
        for number in sorted(set(range(600)) - allowed - harmless):
            try:
                bare_house.attempt(f"call_{number}")
            except (ChildCrashed, ReaderFailed) as held:
                if held.detail != "it was killed by SIGSYS" and "Error: [Errno" not in held.detail:
                    came_through.append((number, held.detail))
            else:
                came_through.append((number, "came through"))

        assert came_through == []


class TestMisbehaving:
    @pytest.mark.parametrize("name", sorted(CRASHES))
    def test_a_child_that_dies_is_a_fault_to_be_tried_again(self, house, bait, name):
        with pytest.raises(ChildCrashed) as caught:
            house.predict(name, bait.canary)

        assert CRASHES[name] in caught.value.detail

    @pytest.mark.parametrize("name", sorted(BROKEN))
    def test_an_answer_that_deviates_is_no_answer(self, house, bait, name):
        with pytest.raises(BrokenFrame) as caught:
            house.predict(name, bait.canary, seconds=5.0)

        assert BROKEN[name] in caught.value.detail

    @pytest.mark.parametrize("name", ENDLESS)
    def test_what_does_not_end_is_ended(self, house, bait, name):
        began = time.monotonic()

        with pytest.raises(DeadlineExceeded):
            house.predict(name, bait.canary, seconds=0.5)

        assert time.monotonic() - began < 1.5

    @pytest.mark.parametrize("name", GREEDY)
    def test_memory_has_a_bound(self, house, bait, name):
        with pytest.raises(OutOfMemory) as caught:
            house.predict(name, bait.canary, seconds=20.0)

        assert caught.value.params == {"limit": 500}

    @pytest.mark.parametrize("name", ["give_words", "give_objects"])
    def test_what_is_no_array_of_numbers_is_a_fault(self, house, bait, name):
        with pytest.raises(ReaderFailed) as caught:
            house.predict(name, bait.canary)

        assert caught.value.detail == "on the inputs"


class TestLeaking:
    def test_words_before_the_inputs_reach_only_the_log(self, house, bait):
        with pytest.raises(ReaderFailed) as caught:
            house.predict("raise_an_error", bait.canary)

        assert "words of a hostile file" in caught.value.detail
        assert "hostile" not in str(caught.value)
        assert caught.value.params == {}

    @pytest.mark.parametrize(
        "name",
        [
            "put_the_inputs_into_a_code",
            "put_the_inputs_into_a_report",
            "put_the_inputs_into_a_traceback",
            "put_the_inputs_into_words",
        ],
    )
    def test_nothing_after_the_inputs_carries_them_out_not_even_to_the_log(self, house, bait, name):
        with pytest.raises(GradingFault) as caught:
            house.predict(name, bait.canary)

        assert not any(digit in str(caught.value) + caught.value.detail for digit in "0123456789")
        assert caught.value.params == {}

    def test_the_inputs_are_not_there_before_the_model_is_built(self, house, bait):
        with pytest.raises(ReaderFailed) as caught:
            house.predict("ask_for_the_inputs_too_early", bait.canary)

        assert "BlockingIOError" in caught.value.detail

    def test_a_search_finds_what_is_there(self, house, tmp_path):
        # Shows that the next test would notice.
        own = tmp_path / "own"
        own.write_bytes(b"x" * 100 + SECRET + b"x" * 100)

        with pytest.raises(ReaderFailed) as caught:
            house.predict("look_for_the_secret", own, seconds=10.0)

        assert "RuntimeError: found" in caught.value.detail

    def test_other_jobs_data_are_not_to_be_found(self, house, bait, tmp_path):
        alices = tmp_path / "alices"
        alices.write_bytes(b"x" * 100 + SECRET + b"x" * 100)
        stop = threading.Event()
        with ThreadPoolExecutor() as pool:
            alice = pool.submit(house.predict, "sleep", alices, seconds=30.0, cancel=stop)
            time.sleep(0.1)
            with pytest.raises(ReaderFailed) as beside:
                house.predict("look_for_the_secret", bait.canary, seconds=10.0)
            stop.set()
            with pytest.raises(Cancelled):
                alice.result()
        with pytest.raises(ReaderFailed) as after:
            house.predict("look_for_the_secret", bait.canary, seconds=10.0)

        assert "RuntimeError: not to be found" in beside.value.detail
        assert "RuntimeError: not to be found" in after.value.detail

    def test_what_one_child_changes_the_next_does_not_see(self, house, bait):
        with pytest.raises(ChildCrashed):
            house.predict("change_the_library", bait.canary)

        predictions = house.predict("an_honest_model", bait.canary)

        assert np.array_equal(predictions, 2 * INPUTS["input"])


class TestBeside:
    def test_a_good_submission_beside_four_hostile_ones_is_right_and_on_time(self, house, bait):
        hostile = [
            "spin",
            "take_memory_bit_by_bit",
            "flood_with_honest_frames",
            "spin_on_the_inputs",
        ]
        stop = threading.Event()

        def misbehave(name):
            while not stop.is_set():
                try:
                    house.predict(name, bait.canary, seconds=10.0, cancel=stop)
                except (GradingFault, Cancelled, OutOfMemory):
                    continue

        with ThreadPoolExecutor() as pool:
            for name in hostile:
                pool.submit(misbehave, name)
            time.sleep(0.2)
            try:
                began = time.monotonic()
                for _ in range(5):
                    predictions = house.predict("an_honest_model", bait.canary, seconds=10.0)
                    assert np.array_equal(predictions, 2 * INPUTS["input"])
                took = time.monotonic() - began
            finally:
                stop.set()

        assert took < 5.0

    def test_cancelling_kills_the_child_at_once(self, house, bait):
        cancel = threading.Event()
        threading.Timer(0.2, cancel.set).start()
        began = time.monotonic()

        with pytest.raises(Cancelled):
            house.predict("ignore_every_signal_and_spin", bait.canary, seconds=30.0, cancel=cancel)

        assert time.monotonic() - began < 1.0
        assert house.count_children() == 0

    def test_children_are_gone_when_they_have_answered(self, house, bait):
        for name in ("an_honest_model", "spin", "close_the_pipe_and_live_on", "crash"):
            try:
                house.predict(name, bait.canary, seconds=0.3)
            except GradingFault:
                continue

        assert house.count_children() == 0
