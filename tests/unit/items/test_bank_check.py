from __future__ import annotations

import pytest

from assay.items import scan_bank
from assay.items.check import check_blueprints, check_item, check_layout


def problems_of(folder, seeds=(1, 2)):
    return check_item(folder.load(), seeds)


def test_a_faultless_item_has_no_problems(folder):
    assert problems_of(folder) == []


@pytest.mark.parametrize(
    "name",
    ["task.en.md", "task.zh-CN.md", "starter.py", "data.py", "reference.py", "README.md"],
)
def test_a_missing_file_is_named(folder, codes, name):
    (folder.item / name).unlink()

    problems = problems_of(folder)

    assert codes(problems) == ["file_missing"]
    assert problems[0].params["file"] == f"regression/line/{name}"


@pytest.mark.parametrize("name", ["notes.txt", "wrong/notes.txt", ".hidden", "more/data.py"])
def test_a_stray_file_is_named(folder, codes, name):
    folder.write(name, "")

    problems = problems_of(folder)

    assert codes(problems) == ["stray_file"]
    assert name.split("/", maxsplit=1)[0] in problems[0].params["file"]


@pytest.mark.parametrize("name", ["assets/table.csv", "calibration.json", "__pycache__/data.pyc"])
def test_these_files_may_be_there(folder, name):
    folder.write(name, "")

    assert problems_of(folder) == []


@pytest.mark.parametrize("name", ["notes.txt", "poetry/item/item.yaml", "regression/notes.txt"])
def test_a_stray_file_beside_the_items_is_named(folder, codes, name):
    path = folder.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")

    assert codes(check_layout(scan_bank(folder.root).bank)) == ["stray_file"]


def test_a_folder_that_is_no_item_yet_is_named(folder, codes):
    (folder.root / "series" / "begun").mkdir(parents=True)

    problems = check_layout(scan_bank(folder.root).bank)

    assert codes(problems) == ["file_missing"]
    assert problems[0].params["file"] == "series/begun/item.yaml"


def test_a_blueprint_that_draws_from_an_unknown_item_is_named(folder, codes):
    slot = {"name": "Category1", "title": {"en": "One", "zh-CN": "一"}, "weight": 100}
    folder.write_blueprint(slots=[{**slot, "pool": ["regression/line", "regression/circle"]}])

    problems = check_blueprints(scan_bank(folder.root).bank)

    assert codes(problems) == ["unknown_pool_item"]
    assert problems[0].params["received"] == "regression/circle"
    assert problems[0].params["field"] == "slots.0.pool"


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("starter.py", "def solution_model", "def my_model", "def solution_model()"),
        ("starter.py", "# TODO: ", "# ", "a TODO comment for what is left to do"),
        (
            "starter.py",
            'model.save("mymodel.h5")',
            'model.save("m.h5")',
            'model.save("mymodel.h5")',
        ),
        ("reference.py", "def solution_model", "def my_model", "def solution_model()"),
        ("wrong/flat.py", "AT_MOST = 1", "", "AT_MOST = N at the top, N from 0 to 3"),
        ("wrong/flat.py", "AT_MOST = 1", "AT_MOST = 5", "AT_MOST = N at the top, N from 0 to 3"),
    ],
)
def test_what_a_program_lacks_is_named(folder, name, old, new, expected):
    folder.replace(old, new, name)

    problems = [p for p in problems_of(folder) if p.code == "source_wrong"]

    assert problems
    assert problems[0].params["file"] == f"regression/line/{name}"
    assert problems[0].params["expected"] == expected


@pytest.mark.parametrize("name", ["starter.py", "reference.py", "wrong/flat.py"])
@pytest.mark.parametrize("line", ["import sklearn.svm", "from assay.items import store"])
def test_a_candidate_s_program_imports_only_what_a_candidate_has(folder, codes, name, line):
    folder.replace("def solution_model", f"{line}\n\n\ndef solution_model", name)

    problems = problems_of(folder)

    assert codes(problems) == ["import_not_allowed"]
    assert problems[0].params["received"] in line


def test_the_standard_library_and_the_frameworks_may_be_imported(folder):
    lines = "import json\nimport tensorflow as tf\nfrom keras import layers\nimport pandas\n"
    folder.replace("def solution_model", f"{lines}\n\ndef solution_model", "reference.py")

    assert problems_of(folder) == []


@pytest.mark.parametrize("name", ["README.md", "task.en.md", "reference.py", "wrong/flat.py"])
def test_an_item_with_todos_is_not_finished(folder, codes, name):
    text = (folder.item / name).read_text(encoding="utf-8")
    folder.write(name, f"{text}\n# TODO: more\n")

    problems = [problem for problem in problems_of(folder) if problem.code == "left_to_do"]

    assert [problem.params["file"] for problem in problems] == [f"regression/line/{name}"]


def test_one_naive_recipe_is_not_enough(folder, codes):
    (folder.item / "wrong" / "flat.py").unlink()

    assert codes(problems_of(folder)) == ["source_wrong"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("共有 ${count} 个点。", "headings"),
        ("# 一条直线\n\n共有许多点。\n", "${}"),
        ("# 一条直线\n\n共有 ${count} 个点。\n\n| 列 |\n", "tables' rows"),
    ],
)
def test_both_texts_must_be_built_alike(folder, codes, text, field):
    folder.write("task.zh-CN.md", text)

    problems = [p for p in problems_of(folder) if p.code != "task_text_silent"]

    assert codes(problems) == ["task_text_wrong"]
    assert problems[0].params["field"] == field


@pytest.mark.parametrize("name", ["task.en.md", "task.zh-CN.md"])
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("(1,) → (1,)", "(1, 1)", "does not name the shape (1,)"),
        ("9, 6, 3, 1, 0.1", "9, 6, 2", "does not name the cuts 3, 0.1"),
        ("200;", "2,000;", "does not name the hidden set's 200 samples"),
        ("1 MB", "2 MB", "does not name the limit of 1 MB"),
    ],
)
def test_a_text_that_keeps_back_what_item_yaml_has_is_named(folder, name, old, new, words):
    folder.replace(old, new, name)

    problems = problems_of(folder)

    assert {p.code for p in problems} == {"task_text_silent"}
    assert f"regression/line/{name} {words}" in str(problems[0])


def test_cuts_may_be_told_in_per_cent_and_with_zeros(folder):
    folder.replace("9, 6, 3, 1, 0.1", "9.00, 6.0, 300 %, 1, 0.10", "task.en.md")

    assert problems_of(folder) == []


def test_a_draw_that_follows_the_order_of_a_set_is_not_deterministic(folder, codes):
    # The order of a set of strings differs between processes, never within one.
    words = "{'ash', 'birch', 'cedar', 'elm', 'fir', 'hazel', 'larch', 'maple', 'oak', 'pine'}"
    folder.write_spec(public_files=["train.npz", "words.txt"])
    folder.replace(
        'files={"train.npz"', f'files={{"words.txt": "".join({words}).encode(), "train.npz"'
    )

    problems = problems_of(folder)

    assert codes(problems) == ["not_deterministic"]
    assert problems[0].params["received"] == "bundle.zip"


def test_a_draw_that_does_not_use_its_seed_is_not_deterministic(folder, codes):
    folder.replace("default_rng(seed)", "default_rng()")

    problems = problems_of(folder)

    assert codes(problems) == ["not_deterministic"]
    assert "hidden.inputs.npz" in problems[0].params["received"]


def test_two_seeds_must_give_two_variants(folder, codes):
    folder.replace("default_rng(seed)", "default_rng(0)")

    problems = problems_of(folder)

    assert codes(problems) == ["seeds_agree"]
    assert "hidden.labels.npz" in problems[0].params["received"]


def test_code_that_fails_is_a_problem_and_not_a_crash(folder, codes):
    folder.replace("    rng = np", "    raise RuntimeError('no ink')\n    rng = np")

    assert codes(problems_of(folder)) == ["draw_failed"]


@pytest.mark.parametrize("name", ["task.en.md", "data.py", "starter.py", "wrong/flat.py"])
def test_a_text_that_is_not_utf_8_is_named(folder, codes, name):
    (folder.item / name).write_bytes("# café".encode("latin-1"))

    problems = problems_of(folder)

    assert codes(problems) == ["unreadable_file"]
    assert problems[0].params["file"] == f"regression/line/{name}"


def test_a_program_that_is_no_python_is_named_with_its_line(folder, codes):
    folder.replace("class Model:", "class Model", "reference.py")

    problems = problems_of(folder)

    assert codes(problems) == ["unreadable_file"]
    assert "regression/line/reference.py cannot be read as Python: line 6:" in str(problems[0])


def test_a_recipe_says_by_its_name_what_it_is(folder, codes):
    folder.write_recipe("recipes/small.py", 1)

    problems = problems_of(folder)

    assert codes(problems) == ["source_wrong"]
    assert "a name that begins with fair or competent" in str(problems[0])


def test_few_hidden_samples_must_be_owned_up_to(folder, codes):
    folder.write_spec(certainty=None)

    problems = problems_of(folder)

    assert codes(problems) == ["field_wrong"]
    assert "with fewer than 2,000 samples" in str(problems[0])
    assert "received 200" in str(problems[0])


def test_what_is_wrong_with_a_neighbour_is_no_fault_of_an_item(folder):
    (folder.root / "regression" / "begun").mkdir()
    (folder.root / "regression" / "begun" / "item.yaml").write_text("format_version: 1\n")

    assert check_item(scan_bank(folder.root).item("regression/line")) == []
