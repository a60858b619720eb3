"""`assay inspect`, `assay predict` and `assay grade`: what they show, and their exit codes."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from assay.grading.modelfile.writing import h5_file, keras_file, layer, sequential
from assay.items import load_bank
from assay.items.bundle import manifest

ITEM = "regression/curve"


def line(units=1, activation="linear", name="answer"):
    dense = layer("Dense", name, units=units, activation=activation)
    arrays = {"kernel": np.full((1, units), 2.0), "bias": np.ones(units)}
    return h5_file(sequential([dense], (1,)), {name: arrays})


@pytest.fixture
def model(home):
    (home / "mymodel.h5").write_bytes(line())
    return home / "mymodel.h5"


class TestInspect:
    def test_it_shows_what_the_file_holds(self, shell, model):
        shell("inspect", "mymodel.h5")

        for part in ("Keras HDF5", "keras 3", "answer", "Dense", "(1,)", "float32", "graded"):
            assert part in shell.out
        assert "--item ITEM" in shell.err

    def test_it_checks_the_file_against_an_item(self, shell, model):
        shell("inspect", "mymodel.h5", "--item", ITEM)

        assert f"fits the task {ITEM}" in shell.out

    def test_it_knows_the_task_of_the_files_folder(self, shell, home):
        (home / "Category1").mkdir()
        task = json.dumps(manifest(load_bank().item(ITEM)))
        (home / "Category1" / "item.json").write_text(task)
        (home / "Category1" / "mymodel.h5").write_bytes(line())

        shell("inspect", "Category1/mymodel.h5")

        assert f"fits the task {ITEM}" in shell.out

    def test_it_tells_every_reason_with_its_remedy(self, shell, home):
        wide = layer("Dense", "wide", units=3, activation="softmax")
        arrays = {"kernel": np.ones((2, 3)), "bias": np.ones(3)}
        (home / "wrong.h5").write_bytes(h5_file(sequential([wide], (2,)), {"wide": arrays}))

        shell("inspect", "wrong.h5", "--item", ITEM, code=7)

        assert "inputs of shape (1,), but the model takes (2,)" in shell.err
        assert "output of shape (1,) for each sample, but the model gives (3,)" in shell.err
        assert shell.err.count("→") == 2

    def test_a_lambda_is_named_with_what_to_use_instead(self, shell, home):
        lambda_ = layer("Lambda", "times_400", function=["x", None, None])
        (home / "lambda.h5").write_bytes(h5_file(sequential([lambda_], (1,)), {}))

        shell("inspect", "lambda.h5", code=7)

        assert "times_400" in shell.err
        assert "Rescaling(400.0)" in shell.err

    def test_json_holds_all_of_it(self, shell, model):
        shell("inspect", "mymodel.h5", "--item", ITEM, "--json")

        report = json.loads(shell.out)
        assert report["kind"] == "keras-h5"
        assert report["parameters"] == 2
        assert report["layers"] == [
            {"name": "answer", "class": "Dense", "shape": [1], "parameters": 2}
        ]
        assert report["inputs"][0]["shape"] == [1]
        assert report["item"] == ITEM
        assert report["problems"] == []

    def test_json_holds_the_reasons_too(self, shell, home):
        (home / "three.h5").write_bytes(line(units=3))

        shell("inspect", "three.h5", "--item", ITEM, "--json", code=7)

        [problem] = json.loads(shell.out)["problems"]
        assert problem["code"] == "wrong_output_shape"
        assert problem["params"]["layer"] == "answer"
        assert problem["remedy"]

    @pytest.mark.parametrize("name", ["nothing.h5", "."])
    def test_what_is_no_file_is_said(self, shell, name):
        shell("inspect", name, code=2)

        assert "A model file was expected" in shell.err


class TestPredict:
    def test_it_writes_the_predictions(self, shell, model, home):
        np.save(home / "x.npy", np.array([[1.0], [2.0]]))

        shell("predict", "mymodel.h5", "--inputs", "x.npy", "--output", "y.npy")

        assert np.load(home / "y.npy").tolist() == [[3.0], [5.0]]
        assert "(2, 1)" in shell.out

    def test_no_task_judges_the_model(self, shell, home):
        (home / "odd.h5").write_bytes(line(units=2, activation="softmax"))
        np.save(home / "x.npy", np.array([[1.0], [np.nan]]))

        shell("predict", "odd.h5", "--inputs", "x.npy", "--output", "y.npy")

        assert np.isnan(np.load(home / "y.npy")[1]).all()

    def test_several_inputs_come_by_name(self, shell, home):
        inputs = [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 1], "name": name}}
            | {"name": name, "inbound_nodes": []}
            for name in ("small", "large")
        ]

        def history(name):
            tensor = {"shape": [None, 1], "dtype": "float32", "keras_history": [name, 0, 0]}
            return {"class_name": "__keras_tensor__", "config": tensor}

        minus = layer("Subtract", "minus") | {
            "name": "minus",
            "inbound_nodes": [{"args": [[history("large"), history("small")]], "kwargs": {}}],
        }
        config = {
            "name": "functional",
            "layers": [*inputs, minus],
            "input_layers": [["small", 0, 0], ["large", 0, 0]],
            "output_layers": [["minus", 0, 0]],
        }
        model = {"class_name": "Functional", "config": config}
        (home / "two.keras").write_bytes(keras_file(model, {}))
        np.savez(home / "x.npz", large=np.array([[5.0]]), small=np.array([[2.0]]))

        shell("predict", "two.keras", "--inputs", "x.npz", "--output", "y.npy")

        assert np.load(home / "y.npy").tolist() == [[3.0]]

    @pytest.mark.parametrize(
        "array", [np.array(1.0), np.array(["a"]), np.empty((0, 1)), np.array([{}])]
    )
    def test_inputs_that_are_no_numbers_are_refused(self, shell, model, home, array):
        np.save(home / "x.npy", array, allow_pickle=True)

        shell("predict", "mymodel.h5", "--inputs", "x.npy", "--output", "y.npy", code=2)

        assert "cannot be used as inputs" in shell.err
        assert not (home / "y.npy").exists()

    def test_inputs_that_are_another_archive_are_refused(self, shell, model, home):
        (home / "x.npz").write_bytes(keras_file(sequential([], (1,)), {}))

        shell("predict", "mymodel.h5", "--inputs", "x.npz", "--output", "y.npy", code=2)


class TestGrade:
    def test_the_same_seed_gives_the_same_verdict(self, shell, model):
        verdict = shell.json("grade", "mymodel.h5", "--item", ITEM, "--seed", "3")
        again = shell.json("grade", "mymodel.h5", "--item", ITEM, "--seed", "3")

        assert verdict["verdict"]["refusal"] is None
        assert 0 <= verdict["verdict"]["points"] <= 5
        assert verdict["metric"] == "r2"
        assert again == verdict

    def test_a_refusal_is_a_verdict_too(self, shell, home):
        (home / "three.h5").write_bytes(line(units=3))

        shell("grade", "three.h5", "--item", ITEM, "--json", code=7)

        verdict = json.loads(shell.out)["verdict"]
        assert verdict["points"] is None
        assert verdict["refusal"]["code"] == "wrong_output_shape"

    def test_an_item_that_does_not_exist_is_said(self, shell, model):
        shell("grade", "mymodel.h5", "--item", "classic/none", code=10)

        assert "classic/none" in shell.err


def test_it_starts_without_anything_heavy(model, home):
    np.save(home / "x.npy", np.array([[1.0], [2.0]]))
    words = ["predict", "mymodel.h5", "--inputs", "x.npy", "--output", "y.npy"]

    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "assay.cli", *words],
        check=True,
        cwd=home,
        capture_output=True,
        text=True,
    )

    # What makes a start take seconds; how long it takes is for `make bench` to say.
    imported = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "numpy" in imported
    assert not imported & {"tensorflow", "keras", "django", "pandas", "sklearn", "matplotlib"}
