from __future__ import annotations

import pytest
import yaml

from assay.items import load_bank, scan_bank
from assay.items.errors import (
    DrawFailed,
    DuplicateUuid,
    FieldMissing,
    FieldUnknown,
    FieldWrong,
    NewerFormat,
    NoBank,
    UnknownItem,
    UnreadableFile,
)
from assay.items.loader import ENVIRONMENT_VARIABLE, find_bank
from assay.messages import Language


def test_it_loads_items_and_blueprints_by_where_they_are(folder):
    bank = load_bank(folder.root)

    assert list(bank.items) == ["regression/line"]
    assert list(bank.blueprints) == ["tiny"]
    assert bank.items["regression/line"].spec.title.in_language(Language.CHINESE) == "一条直线"
    assert [path.name for path in bank.items["regression/line"].wrong] == ["flat.py", "steep.py"]


def test_without_a_name_it_takes_the_environment_s_bank(folder, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(folder.root))

    assert load_bank().folder == folder.root.resolve()


def test_without_the_environment_it_takes_the_open_bank(monkeypatch):
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)

    assert (find_bank() / "blueprints" / "developer.yaml").is_file()


def test_a_bank_may_hold_only_items(folder):
    (folder.root / "blueprints" / "tiny.yaml").unlink()

    assert load_bank(folder.root).blueprints == {}


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(NoBank) as raised:
        load_bank(tmp_path / "nowhere")

    assert "nowhere" in str(raised.value)


def test_an_unknown_item_is_named(folder):
    with pytest.raises(UnknownItem) as raised:
        load_bank(folder.root).item("regression/circle")

    assert "regression/circle" in str(raised.value)


def test_a_newer_format_says_upgrade_first(folder):
    folder.write_spec(format_version=2, an_invention_of_the_future=True)

    with pytest.raises(NewerFormat) as raised:
        load_bank(folder.root)

    assert raised.value.params == {
        "file": "regression/line/item.yaml",
        "field": "format_version",
        "expected": 1,
        "received": 2,
    }
    assert "Upgrade first" in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"metric": None}, FieldMissing, "metric"),
        ({"titel": "A line"}, FieldUnknown, "titel"),
        ({"title": {"en": "A line"}}, FieldMissing, "title.zh-CN"),
        ({"uuid": "not one"}, FieldWrong, "uuid"),
        ({"category": "poetry"}, FieldWrong, "category"),
        ({"category": "image"}, FieldWrong, "category"),
        ({"skills": ["building.castles"]}, FieldWrong, "skills"),
        ({"skills": []}, FieldWrong, "skills"),
        ({"public_files": ["../data.py"]}, FieldWrong, "public_files"),
        ({"public_files": ["reference.py"]}, FieldWrong, "public_files"),
        ({"metric": {"name": "mae", "cuts": [1, 2, 3, 4, 5]}}, FieldWrong, "metric"),
        ({"metric": {"name": "r2", "cuts": [0.5, 0.5, 0.6, 0.7, 0.8]}}, FieldWrong, "metric"),
        ({"hidden_size": 20}, FieldWrong, "hidden_size"),
        ({"metric": {"name": "accuracy", "cuts": [0.1, 0.2, 0.3, 0.4, 1.5]}}, FieldWrong, "metric"),
        ({"metric": {"name": "mae", "cuts": [4, 3, 2, 1, -1]}}, FieldWrong, "metric"),
        ({"transfer": "same"}, FieldWrong, "transfer"),
        ({"transfer": {"en": "It may."}}, FieldMissing, "transfer.zh-CN"),
    ],
)
def test_a_wrong_field_is_named(folder, changes, error, field):
    folder.write_spec(**changes)

    with pytest.raises(error) as raised:
        load_bank(folder.root)

    assert raised.value.params["file"] == "regression/line/item.yaml"
    assert raised.value.params["field"] == field


def test_an_error_says_what_was_expected_and_received(folder):
    folder.write_spec(hidden_size=20)

    with pytest.raises(FieldWrong) as raised:
        load_bank(folder.root)

    assert "a number from 200 is needed" in str(raised.value)
    assert "received 20" in str(raised.value)


def test_a_key_that_is_given_twice_is_an_error(folder):
    path = folder.item / "item.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\nhidden_size: 300\n", encoding="utf-8")

    with pytest.raises(UnreadableFile) as raised:
        load_bank(folder.root)

    assert "'hidden_size' is given twice, line" in str(raised.value)


@pytest.mark.parametrize("content", [b"title: [", b"\xff\xfe"])
def test_a_file_that_is_no_yaml_is_an_error(folder, content):
    (folder.item / "item.yaml").write_bytes(content)

    with pytest.raises(UnreadableFile):
        load_bank(folder.root)


def test_weights_that_do_not_add_up_are_an_error(folder):
    slot = {"name": "Category1", "title": {"en": "One", "zh-CN": "一"}, "pool": ["regression/line"]}
    folder.write_blueprint(slots=[{**slot, "weight": 90}])

    with pytest.raises(FieldWrong) as raised:
        load_bank(folder.root)

    assert str(raised.value).startswith(
        "blueprints/tiny.yaml: the slots' weights must add up to 100, not to 90. Bring"
    )


def test_two_items_may_not_share_a_uuid(folder):
    copy = folder.root / "regression" / "copy"
    copy.mkdir()
    (copy / "item.yaml").write_bytes((folder.item / "item.yaml").read_bytes())

    with pytest.raises(DuplicateUuid) as raised:
        load_bank(folder.root)

    assert raised.value.params["file"] == "regression/line/item.yaml"
    assert raised.value.params["expected"] == "regression/copy/item.yaml"


def test_a_scan_collects_all_problems_and_keeps_what_can_be_read(folder):
    folder.write_spec(hidden_size=20, titel="A line")

    scan = scan_bank(folder.root)

    assert [problem.code for problem in scan.problems] == ["field_wrong", "field_unknown"]
    assert list(scan.bank.blueprints) == ["tiny"]


def test_a_folder_that_is_no_item_yet_does_not_disturb_the_others(folder):
    (folder.root / "series" / "begun").mkdir(parents=True)

    assert list(load_bank(folder.root).items) == ["regression/line"]


def test_a_draw_runs_the_item_s_code(folder):
    variant = folder.load().draw(7)

    assert variant.hidden.inputs["x"].shape == (200, 1)


def test_a_draw_leaves_no_byte_code_in_the_bank(folder):
    before = sorted(folder.item.rglob("*"))

    folder.load().draw(7)

    assert sorted(folder.item.rglob("*")) == before


def test_items_do_not_see_each_other(folder):
    folder.replace("import numpy as np", "import numpy as np\nimport sys\nMINE = 1\n")
    folder.replace("rng = np", "assert sys.modules[__name__].MINE == 1\n    rng = np")
    folder.load().draw(7)

    import sys  # noqa: PLC0415

    assert not [name for name in sys.modules if name.startswith("assay_item")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no ink')", "RuntimeError: no ink"),
        ("return 'a variant'", "variant() returned str"),
        ("import a_package_that_nobody_has", "ModuleNotFoundError"),
    ],
)
def test_code_that_fails_is_named_with_its_seed(folder, code, reason):
    folder.replace("    rng = np.random.default_rng(seed)", f"    {code}")

    with pytest.raises(DrawFailed) as raised:
        folder.load().draw(7)

    assert raised.value.params["file"] == "regression/line/data.py"
    assert raised.value.params["field"] == "7"
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"shape": [0]}, "contract.inputs.0.shape.0", "a number above 0 is needed"),
        ({"low": 3, "high": 2}, "contract.inputs.0", "`low` must not be above `high`"),
    ],
)
def test_an_input_that_cannot_be_is_refused(folder, changes, field, words):
    contract = yaml.safe_load((folder.item / "item.yaml").read_text("utf-8"))["contract"]
    contract["inputs"][0] |= changes
    folder.write_spec(contract=contract)

    with pytest.raises(FieldWrong) as raised:
        load_bank(folder.root)

    assert raised.value.params["field"] == field
    assert words in str(raised.value)


def test_a_metric_must_measure_the_output(folder):
    folder.write_spec(metric={"name": "accuracy", "cuts": [0.5, 0.6, 0.7, 0.8, 0.9]})

    with pytest.raises(FieldWrong) as raised:
        load_bank(folder.root)

    assert "accuracy does not measure an output of the kind value" in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "A line"}, "a text in both languages is needed: `en` and `zh-CN`"),
        ({"public_files": None, "limits": 3}, "fields are needed"),
    ],
)
def test_what_is_needed_is_said(folder, changes, words):
    folder.write_spec(**changes)

    problems = scan_bank(folder.root).problems

    assert words in " ".join(str(problem) for problem in problems)


def test_an_empty_file_is_said_to_hold_nothing(folder):
    folder.write("item.yaml", "")

    (problem,) = scan_bank(folder.root).problems

    assert "received nothing" in str(problem)


def test_what_is_wrong_with_an_item_does_not_matter_to_another(folder):
    (folder.root / "regression" / "begun").mkdir()
    (folder.root / "regression" / "begun" / "item.yaml").write_text("format_version: 1\n")

    scan = scan_bank(folder.root)

    assert scan.item("regression/line").key == "regression/line"
    with pytest.raises(FieldMissing) as raised:
        scan.item("regression/begun")
    assert raised.value.params["file"] == "regression/begun/item.yaml"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("raise RuntimeError('no ink')", "line 9: RuntimeError: no ink"),
        ("raise SystemExit(3)", "line 9: SystemExit: 3"),
        ("return {}", "variant() returned dict"),
        ("return (", "SyntaxError"),
    ],
)
def test_code_that_does_not_draw_is_quoted_with_its_line(folder, line, words):
    folder.replace("    rng = np", f"    {line}\n    rng = np")

    with pytest.raises(DrawFailed) as raised:
        folder.load().draw(1)

    assert words in str(raised.value)


def test_code_without_the_function_is_told_its_name(folder):
    folder.replace("def variant", "def variants")

    with pytest.raises(DrawFailed) as raised:
        folder.load().draw(1)

    assert "there is no function variant(seed)" in str(raised.value)


def test_what_code_prints_does_not_get_into_a_command_s_json(folder, capsys):
    folder.replace("    rng = np", "    print('hello')\n    rng = np")

    folder.load().draw(1)

    assert capsys.readouterr() == ("", "hello\n")
