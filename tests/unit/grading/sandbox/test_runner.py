"""The runner: files and inputs go in, predictions come out, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from assay.errors import Refusal
from assay.grading import grade
from assay.grading.modelfile.writing import h5_file, keras_file, layer, sequential
from assay.grading.refusals import (
    EmptyFile,
    FileTooLarge,
    LambdaLayer,
    NotANumber,
    NotProbabilities,
    WrongNumberOfClasses,
)
from assay.grading.sandbox import (
    Cancelled,
    DeadlineExceeded,
    Enclosure,
    GradingFault,
    ParentLost,
    Runner,
    share,
)
from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec
from assay.items.spec import MetricName, MetricYaml
from assay.items.variant import Split
from assay.messages import Language

PICTURES = Contract(
    inputs=(InputSpec(name="picture", shape=(12, 12, 1), dtype="float32"),),
    output=OutputSpec(shape=(3,), kind=OutputKind.CLASS_PROBABILITIES),
)
LIMITS = Limits(
    file_bytes=50_000_000,
    parameters=10_000_000,
    multiply_adds=10_000_000_000,
    memory_bytes=1_000_000_000,
    seconds=20.0,
)
RNG = np.random.default_rng(1)
INPUTS = {"picture": RNG.random((500, 12, 12, 1), dtype=np.float32)}
WEIGHTS = RNG.normal(size=(144, 3)).astype(np.float32)


def classifier(weights=WEIGHTS, activation="softmax"):
    """Return the bytes of a model with one dense layer."""
    units = weights.shape[1]
    model = sequential(
        [
            layer("Flatten", "flatten"),
            layer("Dense", "answer", units=units, activation=activation),
        ],
        (12, 12, 1),
    )
    return keras_file(model, {"layers/dense": [weights, np.zeros(units)]})


def slow_model(side=64, filters=128):
    """Return a model that computes for many seconds on many samples."""
    layers = [
        layer("Conv2D", f"conv_{i}", filters=filters, kernel_size=[3, 3], padding="same")
        for i in range(3)
    ]
    pool = [layer("GlobalAveragePooling2D", "pool"), layer("Dense", "answer", units=3)]
    channels = [1, filters, filters, filters]
    arrays = {
        f"layers/conv2d{f'_{i}' if i else ''}": [
            np.zeros((3, 3, channels[i], filters)),
            np.zeros(filters),
        ]
        for i in range(3)
    }
    arrays["layers/dense"] = [np.zeros((filters, 3)), np.zeros(3)]
    return keras_file(sequential([*layers, *pool], (side, side, 1)), arrays)


SLOW = Contract(
    inputs=(InputSpec(name="picture", shape=(64, 64, 1), dtype="float32"),),
    output=OutputSpec(shape=(3,), kind=OutputKind.VALUE),
)
SLOW_INPUTS = {"picture": np.zeros((400, 64, 64, 1), dtype=np.float32)}


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        yield runner


@pytest.fixture
def model(tmp_path):
    return write(tmp_path, classifier())


def write(folder: Path, data: bytes, name: str = "mymodel.keras") -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


def expected(inputs=INPUTS, weights=WEIGHTS):
    logits = inputs["picture"].reshape(-1, 144).astype(np.float64) @ weights
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


class TestPredicting:
    def test_predictions_are_those_of_the_model(self, runner, model):
        predictions = runner.predict(model, INPUTS, PICTURES, LIMITS)

        assert predictions.dtype == np.float32
        assert predictions.shape == (500, 3)
        assert np.allclose(predictions, expected(), atol=1e-6)

    def test_inputs_need_not_be_contiguous_nor_of_the_contracts_type(self, runner, model):
        wide = np.repeat(INPUTS["picture"].astype(np.float64), 2, axis=1)

        predictions = runner.predict(model, {"picture": wide[:, ::2]}, PICTURES, LIMITS)

        assert np.allclose(predictions, expected(), atol=1e-6)

    def test_shared_inputs_are_handed_out_again_and_again(self, runner, model):
        kept = share(INPUTS)

        results = {runner.predict(model, kept, PICTURES, LIMITS).tobytes() for _ in range(3)}

        assert results == {runner.predict(model, INPUTS, PICTURES, LIMITS).tobytes()}
        assert np.array_equal(kept["picture"], INPUTS["picture"])
        with pytest.raises(ValueError, match="read-only"):
            kept["picture"][0] = 0

    def test_shared_inputs_of_another_type_are_converted(self, runner, model):
        kept = share({"picture": INPUTS["picture"].astype(np.float64)})

        predictions = runner.predict(model, kept, PICTURES, LIMITS)

        assert np.allclose(predictions, expected(), atol=1e-6)

    def test_one_sample_is_enough(self, runner, model):
        one = {"picture": INPUTS["picture"][:1]}

        predictions = runner.predict(model, one, PICTURES, LIMITS)

        assert np.allclose(predictions, expected(one), atol=1e-6)

    def test_several_inputs_are_told_apart(self, runner, tmp_path):
        onnx = pytest.importorskip("onnx")
        helper, tensor = onnx.helper, onnx.TensorProto
        nodes = [
            helper.make_node("Cast", ["count"], ["real"], to=tensor.FLOAT),
            helper.make_node("Sub", ["size", "real"], ["difference"]),
        ]
        graph = helper.make_graph(
            nodes,
            "difference",
            [
                helper.make_tensor_value_info("size", tensor.FLOAT, ["n", 1]),
                helper.make_tensor_value_info("count", tensor.INT32, ["n", 1]),
            ],
            [helper.make_tensor_value_info("difference", tensor.FLOAT, ["n", 1])],
        )
        proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        contract = Contract(
            inputs=(
                InputSpec(name="count", shape=(1,), dtype="int32"),
                InputSpec(name="size", shape=(1,), dtype="float32"),
            ),
            output=OutputSpec(shape=(1,), kind=OutputKind.VALUE),
        )
        file = write(tmp_path, proto.SerializeToString(), "mymodel.onnx")
        inputs = {"size": np.array([[1.5], [2.5]]), "count": np.array([[1], [2]])}

        predictions = runner.predict(file, inputs, contract, LIMITS)

        assert predictions.tolist() == [[0.5], [0.5]]

    def test_many_at_once_do_not_mix(self, runner, tmp_path):
        weights = [RNG.normal(size=(144, 3)).astype(np.float32) for _ in range(8)]
        files = [write(tmp_path, classifier(w), f"{i}.keras") for i, w in enumerate(weights)]

        with ThreadPoolExecutor(8) as pool:
            results = list(
                pool.map(lambda file: runner.predict(file, INPUTS, PICTURES, LIMITS), files * 3)
            )

        for result, w in zip(results, weights * 3, strict=True):
            assert np.allclose(result, expected(weights=w), atol=1e-6)

    def test_the_cold_start_in_a_plain_subprocess_gives_the_same_bytes(self, runner, model):
        with Runner(plain=True) as plain:
            unlocked = plain.predict(model, INPUTS, PICTURES, LIMITS)

        assert unlocked.tobytes() == runner.predict(model, INPUTS, PICTURES, LIMITS).tobytes()

    def test_a_file_that_is_not_there_is_an_error_of_whoever_asked(self, runner, tmp_path):
        with pytest.raises(FileNotFoundError):
            runner.predict(tmp_path / "none.h5", INPUTS, PICTURES, LIMITS)

    def test_a_pipe_is_not_waited_for(self, runner, tmp_path):
        os.mkfifo(tmp_path / "pipe")

        with pytest.raises(GradingFault):
            runner.predict(tmp_path / "pipe", INPUTS, PICTURES, LIMITS)


@pytest.mark.parametrize("plain", [False, True], ids=["locked", "plain"])
class TestRefusing:
    @pytest.fixture
    def refusal_of(self, runner, plain, tmp_path):
        def refusal_of(data: bytes, contract=PICTURES, limits=LIMITS, inputs=INPUTS) -> Refusal:
            file = write(tmp_path, data)
            with Runner(plain=True) as subprocesses:
                asked = subprocesses if plain else runner
                with pytest.raises(Refusal) as caught:
                    asked.predict(file, inputs, contract, limits)
            return caught.value

        return refusal_of

    def test_a_message_names_the_layer_and_the_numbers(self, refusal_of):
        refusal = refusal_of(classifier(np.zeros((144, 5))))

        assert type(refusal) is WrongNumberOfClasses
        assert refusal.params == {"classes": 3, "layer": "answer", "received": 5}
        assert "`answer` has 5 units" in refusal.render(Language.ENGLISH).message

    def test_a_lambda_is_refused_by_its_name(self, refusal_of):
        config = sequential([layer("Lambda", "times_400", function=["x", None, None])], (1,))

        refusal = refusal_of(h5_file(config, {}))

        assert type(refusal) is LambdaLayer
        assert refusal.params == {"layer": "times_400"}

    def test_an_empty_file_is_refused(self, refusal_of):
        assert type(refusal_of(b"")) is EmptyFile

    def test_a_file_over_the_limit_is_not_even_opened(self, refusal_of):
        refusal = refusal_of(classifier(), limits=replace(LIMITS, file_bytes=100))

        assert type(refusal) is FileTooLarge
        assert refusal.params["limit"] == 100

    def test_predictions_that_are_not_numbers_are_refused(self, refusal_of):
        weights = np.full((144, 3), np.nan)

        refusal = refusal_of(classifier(weights))

        assert type(refusal) is NotANumber
        assert refusal.params == {}

    def test_logits_are_refused_where_probabilities_are_asked_for(self, refusal_of):
        assert type(refusal_of(classifier(activation="linear"))) is NotProbabilities


class TestMemory:
    def test_the_inputs_are_not_charged_to_the_model(self, runner, model):
        many = {"picture": np.zeros((100_000, 12, 12, 1), dtype=np.float32)}  # 58 MB
        limits = replace(LIMITS, memory_bytes=50_000_000)

        predictions = runner.predict(model, many, PICTURES, limits)

        assert predictions.shape == (100_000, 3)

    def test_copies_of_the_file_are_not_charged_to_the_model(self, runner, tmp_path):
        wide = sequential([layer("Dense", "dense", units=10_000)], (1_000,))
        arrays = {"kernel": np.zeros((1_000, 10_000)), "bias": np.zeros(10_000)}
        file = write(tmp_path, h5_file(wide, {"dense": arrays}))  # 40 MB
        contract = Contract(
            inputs=(InputSpec(name="input", shape=(1_000,), dtype="float32"),),
            output=OutputSpec(shape=(10_000,), kind=OutputKind.VALUE),
        )
        limits = replace(LIMITS, parameters=20_000_000, memory_bytes=60_000_000)

        predictions = runner.predict(file, {"input": np.zeros((1, 1_000))}, contract, limits)

        assert not predictions.any()


@pytest.mark.parametrize("plain", [False, True], ids=["locked", "plain"])
class TestStopping:
    @pytest.fixture
    def some_runner(self, runner, plain):
        with Runner(plain=True) as subprocesses:
            yield subprocesses if plain else runner

    def test_a_model_that_takes_too_long_is_stopped(self, some_runner, tmp_path):
        file = write(tmp_path, slow_model())
        began = time.monotonic()

        with pytest.raises(DeadlineExceeded) as caught:
            some_runner.predict(file, SLOW_INPUTS, SLOW, replace(LIMITS, seconds=0.5))

        assert 0.5 <= time.monotonic() - began < 2.0
        assert caught.value.params == {"seconds": 0.5}

    def test_a_cancelled_model_is_stopped_at_once(self, some_runner, tmp_path):
        file = write(tmp_path, slow_model())
        cancel = threading.Event()
        threading.Timer(0.3, cancel.set).start()
        began = time.monotonic()

        with pytest.raises(Cancelled):
            some_runner.predict(file, SLOW_INPUTS, SLOW, LIMITS, cancel)

        assert time.monotonic() - began < 1.5

    def test_what_was_cancelled_before_does_not_start(self, some_runner, model):
        cancel = threading.Event()
        cancel.set()

        with pytest.raises(Cancelled):
            some_runner.predict(model, INPUTS, PICTURES, LIMITS, cancel)


def warm_parent_of(process: psutil.Process) -> psutil.Process:
    """Return the process that forks children, of the runner that `process` started last."""
    started = [p for p in process.children() if "sandbox.parent" in " ".join(p.cmdline())][-1]
    below = started.children()
    # In namespaces the first one only waits; the one below it has children of its own.
    return below[0] if below and below[0].children() else started


def is_over(process: psutil.Process, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture(params=list(Enclosure))
def enclosure(request):
    """Each enclosure that this system permits."""
    try:
        with Runner(enclosures=[request.param]):
            return request.param
    except ParentLost as reason:
        pytest.skip(f"this system has no {request.param}: {reason.detail}")


class TestDying:
    def test_a_dead_parent_is_a_fault_and_the_next_call_has_a_new_one(
        self, enclosure, model, tmp_path
    ):
        slow = write(tmp_path, slow_model(), "slow.keras")
        before = {p.pid for p in psutil.Process().children()}
        with Runner(enclosures=[enclosure]) as runner, ThreadPoolExecutor() as pool:
            [started] = [p for p in psutil.Process().children() if p.pid not in before]
            waiting = pool.submit(runner.predict, slow, SLOW_INPUTS, SLOW, LIMITS)
            time.sleep(0.3)
            family = [started, *started.children(recursive=True)]
            family[-2].kill()  # the one that forks; the last one is at work

            with pytest.raises(ParentLost):
                waiting.result(timeout=10)
            assert all(is_over(process) for process in family)
            predictions = runner.predict(model, INPUTS, PICTURES, LIMITS)

        assert np.allclose(predictions, expected(), atol=1e-6)

    @pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
    def test_nothing_outlives_the_grader(self, enclosure, tmp_path, death):
        write(tmp_path, slow_model())
        grader = subprocess.Popen(
            [
                sys.executable,
                "-c",
                textwrap.dedent(f"""
                    import sys
                    sys.path.insert(0, {str(Path(__file__).parent)!r})
                    from pathlib import Path
                    from test_runner import LIMITS, SLOW, SLOW_INPUTS, Enclosure, Runner
                    with Runner(enclosures=[Enclosure({str(enclosure)!r})]) as runner:
                        print("ready", flush=True)
                        runner.predict(
                            Path({str(tmp_path / "mymodel.keras")!r}), SLOW_INPUTS, SLOW, LIMITS
                        )
                """),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert grader.stdout is not None
        with grader.stdout:
            assert grader.stdout.readline() == "ready\n"
            time.sleep(0.5)
            family = psutil.Process(grader.pid).children(recursive=True)
            grader.send_signal(death)
            grader.wait()

            assert len(family) >= 2
            assert all(is_over(process) for process in family)

    def test_closing_ends_everything(self, enclosure, model):
        before = psutil.Process().children(recursive=True)
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        runner = Runner(enclosures=[enclosure])
        runner.start()
        runner.predict(model, INPUTS, PICTURES, LIMITS)

        runner.close()

        assert psutil.Process().children(recursive=True) == before
        assert len(list(Path("/proc/self/fd").iterdir())) == descriptors

    def test_a_closed_runner_can_be_used_again(self, enclosure, model):
        runner = Runner(enclosures=[enclosure])
        runner.close()
        with runner:
            predictions = runner.predict(model, INPUTS, PICTURES, LIMITS)

        assert predictions.shape == (500, 3)


class TestProtection:
    def test_a_locked_runner_protects(self, runner):
        protection = runner.self_test()

        assert protection.is_sandboxed
        assert protection.problem is None
        assert protection.unprivileged
        assert protection.came_through == ()

    def test_a_plain_runner_says_that_it_is_no_sandbox(self):
        with Runner(plain=True) as runner:
            protection = runner.self_test()

        assert not protection.is_sandboxed
        assert "without a sandbox" in str(protection.problem)

    def test_a_lock_that_leaks_is_noticed(self, runner):
        protection = replace(runner.self_test(), came_through=("fork", "kill"))

        assert not protection.is_sandboxed
        assert "fork, kill" in str(protection.problem)


class TestElsewhere:
    def test_systems_without_a_lock_need_nothing_of_linux(self, tmp_path):
        write(tmp_path, classifier())
        program = f"""
            import platform, psutil, pytest, subprocess, sys  # the tests' own needs of Linux
            from pathlib import Path
            platform.system = lambda: "Darwin"
            sys.modules |= {{"resource": None, "fcntl": None}}
            sys.path.insert(0, {str(Path(__file__).parent)!r})
            from test_runner import INPUTS, LIMITS, PICTURES, Runner
            with Runner() as runner:
                assert not runner.self_test().is_sandboxed
                file = Path({str(tmp_path / "mymodel.keras")!r})
                print(runner.predict(file, INPUTS, PICTURES, LIMITS).shape)
        """

        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)],
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.stdout == "(500, 3)\n", done.stderr


class TestEndurance:
    def test_hundreds_of_jobs_leave_nothing_in_the_parent(self, model):
        with Runner() as runner:
            parent = warm_parent_of(psutil.Process())
            runner.predict(model, INPUTS, PICTURES, LIMITS)
            before = parent.memory_info().rss
            for _ in range(200):
                runner.predict(model, INPUTS, PICTURES, LIMITS)

            assert parent.memory_info().rss - before < 5_000_000
            assert len(parent.children()) <= 2  # the spare child, and one that is leaving
            if os.geteuid() == 0:  # others may not look into it
                assert parent.num_fds() < 20


class TestGrading:
    def test_points_come_from_labels_that_stay_outside(self, runner, model):
        labels = expected().argmax(axis=1)
        labels[:50] = (labels[:50] + 1) % 3  # a tenth of them wrong
        metric = MetricYaml(name=MetricName.ACCURACY, cuts=[0.5, 0.6, 0.7, 0.8, 0.95])

        outcome = grade(
            runner,
            model,
            contract=PICTURES,
            limits=LIMITS,
            metric=metric,
            split=Split(inputs=INPUTS, labels=labels),
        )

        assert outcome.value == 0.9
        assert outcome.points == 4
