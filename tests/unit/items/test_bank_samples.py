from __future__ import annotations

import pytest

from assay.items.samples import check_variant

CLASSES = {
    "shape": [3],
    "kind": "class probabilities",
    "meaning": {"en": "a class", "zh-CN": "类别"},
}


def problems_of(folder):
    item = folder.load()
    return check_variant(item, item.draw(1))


def only_field_of(folder):
    fields = {problem.params["field"] for problem in problems_of(folder)}
    assert len(fields) == 1, fields
    return fields.pop()


def test_a_faultless_variant_has_no_problems(folder):
    assert problems_of(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        (
            'hidden=Split(inputs={"x": hidden}',
            'hidden=Split(inputs={"y": hidden}',
            "hidden.inputs",
            "expected the inputs x, received y",
        ),
        (
            'sealed=Split(inputs={"x": sealed}',
            'sealed=Split(inputs={"x": sealed[:, 0]}',
            "sealed.inputs['x']",
            "(200, 1)",
        ),
        (
            'hidden=Split(inputs={"x": hidden}',
            'hidden=Split(inputs={"x": hidden[:150]}',
            "hidden.inputs['x']",
            "(200, 1)",
        ),
        (
            'hidden=Split(inputs={"x": hidden}',
            'hidden=Split(inputs={"x": hidden.astype("float64")}',
            "hidden.inputs['x']",
            "float32",
        ),
        (
            'hidden=Split(inputs={"x": hidden}',
            'hidden=Split(inputs={"x": hidden * np.float32(2)}',
            "hidden.inputs['x']",
            "values",
        ),
        (
            'hidden=Split(inputs={"x": hidden}',
            'hidden=Split(inputs={"x": hidden / np.float32("nan")}',
            "hidden.inputs['x']",
            "finite",
        ),
        ("labels=2 * hidden - 1", "labels=(2 * hidden - 1)[:, 0]", "hidden.labels", "(200, 1)"),
        ("labels=2 * hidden - 1", "labels=hidden.astype(int)", "hidden.labels", "floating"),
        (
            "labels=2 * hidden - 1",
            "labels=2 * hidden - 1, baseline=hidden",
            "hidden.baseline",
            "none",
        ),
    ],
)
def test_an_array_that_breaks_the_contract_is_named(folder, old, new, field, words):
    folder.replace(old, new)

    problems = problems_of(folder)

    assert {(problem.code, problem.params["field"]) for problem in problems} == {
        ("array_wrong", field)
    }
    assert words in str(problems[0])


def test_mae_ratio_needs_a_baseline(folder):
    folder.write_spec(metric={"name": "mae_ratio", "cuts": [5, 4, 3, 2, 1]})

    assert [problem.params["field"] for problem in problems_of(folder)] == [
        "hidden.baseline",
        "sealed.baseline",
    ]


@pytest.mark.parametrize(
    ("labels", "received"),
    [
        ("np.arange(200) % 4", "[0, 1, 2, 3]"),  # a class too many
        ("np.arange(200) % 2", "[0, 1]"),  # a class that never occurs
        ("np.arange(200) % 3 - 1", "[-1, 0, 1]"),
        ("np.arange(200)[:, None] % 3", "(200, 1)"),
        ("np.arange(200) % 3 * 1.0", "float64"),
    ],
)
def test_labels_of_classes_must_be_their_indices(folder, labels, received):
    contract = {"inputs": [{"name": "x", "shape": [1], "meaning": {"en": "x", "zh-CN": "x"}}]}
    folder.write_spec(
        contract={**contract, "output": CLASSES},
        metric={"name": "accuracy", "cuts": [0.5, 0.6, 0.7, 0.8, 0.9]},
    )
    folder.replace("labels=2 * hidden - 1", f"labels={labels}")
    folder.replace("labels=2 * sealed - 1", "labels=np.arange(200) % 3")

    problems = problems_of(folder)

    assert [problem.params["field"] for problem in problems] == ["hidden.labels"]
    assert received in str(problems[0])


def test_public_files_must_be_the_declared_ones(folder):
    folder.replace('files={"train.npz"', 'files={"answers.txt": b"2", "train.npz"')

    (problem,) = problems_of(folder)

    assert problem.code == "public_files_differ"
    assert problem.params["expected"] == "train.npz"
    assert problem.params["received"] == "answers.txt, train.npz"


def test_a_field_of_the_task_without_a_text_is_named(folder):
    folder.replace('"zh-CN": {"count": "200"}', '"zh-CN": {}')

    (problem,) = problems_of(folder)

    assert problem.code == "task_text_wrong"
    assert problem.params["file"] == "regression/line/task.zh-CN.md"
    assert problem.params["received"] == "${count}"


@pytest.mark.parametrize(
    ("old", "new", "sets"),
    [
        (
            "return Variant(",
            "hidden[:3] = train[:3]\n    return Variant(",
            "train, hidden",
        ),
        ("return Variant(", "sealed[:3] = train[:3]\n    return Variant(", "train, sealed"),
        ("return Variant(", "sealed[:3] = hidden[:3]\n    return Variant(", "hidden, sealed"),
    ],
)
def test_no_sample_may_be_in_two_sets(folder, old, new, sets):
    folder.replace(old, new)

    (problem,) = problems_of(folder)

    assert problem.code == "samples_overlap"
    assert problem.params["field"] == sets
    assert problem.params["received"] == 3


def test_training_samples_of_another_type_are_compared_as_the_contract_s_numbers(folder):
    folder.replace('{"x": train, "y"', '{"x": train.astype("float64"), "y"')
    folder.replace("return Variant(", "hidden[:3] = train[:3]\n    return Variant(")

    (problem,) = problems_of(folder)

    assert problem.code == "samples_overlap"


def test_training_samples_in_another_form_must_be_given(folder):
    folder.write_spec(public_files=["train.csv"])
    folder.replace(
        'files={"train.npz": save_arrays({"x": train, "y": 2 * train - 1})}',
        'files={"train.csv": b"x,y"}',
    )

    assert [problem.code for problem in problems_of(folder)] == ["training_samples_unknown"]


def test_training_samples_that_are_given_are_compared(folder):
    folder.write_spec(public_files=["train.csv"])
    folder.replace(
        'files={"train.npz": save_arrays({"x": train, "y": 2 * train - 1})}',
        'files={"train.csv": b"x,y"}, train={"x": hidden}',
    )

    assert [problem.code for problem in problems_of(folder)] == ["samples_overlap"]


def test_a_public_file_may_not_be_a_private_one_under_another_name(folder):
    folder.write_spec(public_files=["train.npz", "notes.txt"])
    folder.replace('files={"train.npz"', 'files={"notes.txt": b"A line.\\n", "train.npz"')

    (problem,) = problems_of(folder)

    assert problem.code == "bundle_wrong"
    assert problem.params["received"] == "notes.txt = README.md"


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        (
            'inputs={"x": hidden}',
            'inputs={"x": hidden.tolist()}',
            "hidden.inputs['x']",
            "expected a NumPy array, received list",
        ),
        (
            "labels=2 * sealed - 1",
            "labels=[1, 2]",
            "sealed.labels",
            "expected a NumPy array, received list",
        ),
        (
            'save_arrays({"x": train, "y": 2 * train - 1})',
            '"x,y"',
            "files['train.npz']",
            "expected bytes, received str",
        ),
        (
            'sealed=Split(inputs={"x": sealed}, labels=2 * sealed - 1)',
            "sealed=None",
            "sealed",
            "expected Split, received NoneType",
        ),
    ],
)
def test_what_is_of_another_kind_is_named(folder, old, new, field, words):
    folder.replace(old, new)

    (problem,) = problems_of(folder)

    assert problem.params["field"] == field
    assert words in str(problem)


@pytest.mark.parametrize(
    ("train", "field", "words"),
    [
        ('{"y": train}', "train", "expected the inputs x, received y"),
        ('{"x": train[:, 0]}', "train['x']", "expected shape (any, 1), received (200,)"),
    ],
)
def test_training_samples_that_cannot_be_compared_are_named(folder, train, field, words):
    folder.replace("        texts=", f"        train={train},\n        texts=")

    (problem,) = problems_of(folder)

    assert problem.params["field"] == field
    assert words in str(problem)
