"""A model against a task: what beginners get wrong, what it may cost, how it runs."""

from __future__ import annotations

import numpy as np
import pytest

from assay.grading import engine, refusals
from assay.grading.engine import Session, check
from assay.grading.modelfile import read
from assay.grading.modelfile.writing import h5_file, layer, sequential
from assay.grading.predictions import check_predictions
from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec

LIMITS = Limits(
    file_bytes=10_000_000,
    parameters=1_000_000,
    multiply_adds=100_000_000,
    memory_bytes=1_000_000_000,
    seconds=20,
)
GENERATOR = np.random.default_rng(0)


def task(shape, output, kind=OutputKind.CLASS_PROBABILITIES, *, dtype="float32", high=None):
    spec = InputSpec(name="input", shape=shape, dtype=dtype, high=high)
    return Contract(inputs=(spec,), output=OutputSpec(shape=output, kind=kind))


DIGITS = task((28, 28), (10,))
PICTURES = task((32, 32, 3), (10,))
HORSES = task((8,), (1,), OutputKind.PROBABILITY)
TEXT = task((120,), (1,), OutputKind.PROBABILITY, dtype="int32", high=999)
FORECAST = task((24, 7), (24, 7), OutputKind.VALUE)
LINE = task((1,), (1,), OutputKind.VALUE)


def dense(name, inputs, units, **options):
    arrays = {"kernel": GENERATOR.normal(size=(inputs, units)), "bias": np.zeros(units)}
    return layer("Dense", name, units=units, **options), arrays


def lstm(name, inputs, units, **options):
    arrays = {
        "kernel": GENERATOR.normal(size=(inputs, 4 * units)),
        "recurrent_kernel": GENERATOR.normal(size=(units, 4 * units)),
        "bias": np.zeros(4 * units),
    }
    return layer("LSTM", name, units=units, **options), arrays


def plain(kind, name, **options):
    return layer(kind, name, **options), {}


def model(shape, *layers) -> bytes:
    config = sequential([description for description, _ in layers], shape)
    return h5_file(config, {d["config"]["name"]: arrays for d, arrays in layers if arrays})


def checked(data, contract, limits=LIMITS):
    check(read(data, contract), contract, limits)


# What fits


@pytest.mark.parametrize(
    ("data", "contract"),
    [
        (model((1,), dense("a", 1, 1)), LINE),
        (
            model((28, 28), plain("Flatten", "f"), dense("a", 784, 10, activation="softmax")),
            DIGITS,
        ),
        (model((None, 7), lstm("l", 7, 7, return_sequences=True)), FORECAST),
    ],
    ids=["a line", "digits", "open number of steps"],
)
def test_it_takes_a_model_that_fits(data, contract):
    checked(data, contract)

    predictions = Session(read(data, contract)).predict(
        {"input": np.zeros((3, *contract.inputs[0].shape), "f4")}
    )

    assert predictions.shape == (3, *contract.output.shape)
    assert predictions.dtype == np.float32


# Wrong inputs


def test_28_28_1_where_28_28_is_asked_for():
    data = model((28, 28, 1), plain("Flatten", "f"), dense("a", 784, 10))

    with pytest.raises(refusals.ExtraChannelAxis) as caught:
        checked(data, DIGITS)

    assert "(28, 28, 1)" in caught.value.render().message
    assert "Reshape((28, 28, 1))" in caught.value.render().remedy


def test_28_28_where_28_28_1_is_asked_for():
    data = model((28, 28), plain("Flatten", "f"), dense("a", 784, 10))

    with pytest.raises(refusals.MissingChannelAxis):
        checked(data, task((28, 28, 1), (10,)))


def test_colour_first_as_pytorch_has_it():
    data = model((3, 32, 32), plain("Flatten", "f"), dense("a", 3072, 10))

    with pytest.raises(refusals.ChannelsFirstInput):
        checked(data, PICTURES)


def test_flattened_pictures():
    with pytest.raises(refusals.WrongInputShape) as caught:
        checked(model((784,), dense("a", 784, 10)), DIGITS)

    assert caught.value.params == {"expected": "(28, 28)", "received": "(784,)"}


def test_an_input_length_of_4491_on_a_text_task():
    data = model((4491,), dense("a", 4491, 1))

    with pytest.raises(refusals.WrongInputShape):
        checked(data, TEXT)


def test_a_vocabulary_that_is_too_small():
    embedding = layer("Embedding", "words", input_dim=500, output_dim=4)
    data = model(
        (120,),
        (embedding, {"embeddings": np.zeros((500, 4))}),
        plain("GlobalAveragePooling1D", "g"),
        dense("a", 4, 1, activation="sigmoid"),
    )

    with pytest.raises(refusals.VocabularyTooSmall) as caught:
        checked(data, TEXT)

    assert caught.value.params == {"layer": "words", "highest": 999, "last": 499}


# Wrong outputs


def test_one_unit_on_ten_classes():
    data = model((28, 28), plain("Flatten", "f"), dense("head", 784, 1, activation="sigmoid"))

    with pytest.raises(refusals.OneUnitForClasses) as caught:
        checked(data, DIGITS)

    assert caught.value.params == {"classes": 10, "layer": "head"}
    assert 'Dense(10, activation="softmax")' in caught.value.render().remedy


def test_twelve_units_on_ten_classes():
    data = model((28, 28), plain("Flatten", "f"), dense("head", 784, 12, activation="softmax"))

    with pytest.raises(refusals.WrongNumberOfClasses):
        checked(data, DIGITS)


def test_two_units_where_one_probability_is_asked_for():
    data = model((8,), dense("head", 8, 2, activation="softmax"))

    with pytest.raises(refusals.TwoUnitsForProbability):
        checked(data, HORSES)


def test_the_sequence_axis_dropped():
    with pytest.raises(refusals.OneAnswerForSequence):
        checked(model((24, 7), lstm("l", 7, 7)), FORECAST)


def test_a_whole_sequence_where_one_answer_is_asked_for():
    data = model((24, 7), lstm("l", 7, 8, return_sequences=True), dense("a", 8, 1))

    with pytest.raises(refusals.SequenceForOneAnswer):
        checked(data, task((24, 7), (1,), OutputKind.VALUE))


def test_softmax_on_one_unit():
    with pytest.raises(refusals.SoftmaxOfOneUnit):
        checked(model((8,), dense("head", 8, 1, activation="softmax")), HORSES)


def test_softmax_on_a_regression():
    data = model((24, 7), lstm("l", 7, 7, return_sequences=True), plain("Softmax", "s"))

    with pytest.raises(refusals.SoftmaxForValues):
        checked(data, FORECAST)


# Costs


@pytest.mark.parametrize(
    ("name", "limit", "refusal"),
    [
        ("file_bytes", 100, refusals.FileTooLarge),
        ("parameters", 7849, refusals.TooManyParameters),
        ("multiply_adds", 7839, refusals.TooManyMultiplyAdds),
        ("memory_bytes", 3000, refusals.TooMuchMemory),
    ],
)
def test_it_refuses_a_model_that_costs_too_much(name, limit, refusal):
    data = model((28, 28), plain("Flatten", "f"), dense("a", 784, 10, activation="softmax"))
    tight = {field: getattr(LIMITS, field) for field in Limits.__dataclass_fields__}

    with pytest.raises(refusal):
        checked(data, DIGITS, Limits(**tight | {name: limit}))


def test_costs_count_the_steps_of_the_task():
    data = model((None, 7), lstm("l", 7, 8))

    short = read(data, task((10, 7), (8,)))
    long = read(data, task((100, 7), (8,)))

    assert long.multiply_adds > 9 * short.multiply_adds


# Running


def network():
    return model((5,), dense("a", 5, 16, activation="tanh"), dense("b", 16, 3))


def test_predictions_do_not_depend_on_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(engine, "LARGEST_BATCH", 64)
    x = GENERATOR.normal(size=(1000, 5)).astype("f4")
    graph = read(network())

    with Session(graph, threads=2) as two:
        runs = {two.predict({"x": x}).tobytes() for _ in range(20)}

    assert runs == {Session(graph, threads=1).predict({"x": x}).tobytes()}


def test_it_runs_in_threads_that_are_there_already():
    x = GENERATOR.normal(size=(10_000, 5)).astype("f4")
    graph = read(network())

    with engine.open_pool(2) as pool:
        shared = Session(graph, pool=pool).predict({"x": x})

    assert np.array_equal(shared, Session(graph).predict({"x": x}))


def test_it_takes_whole_numbers_and_doubles():
    graph = read(network())
    x = GENERATOR.integers(0, 9, size=(4, 5))

    as_integers = Session(graph).predict({"x": x.astype("i4")})

    assert np.array_equal(as_integers, Session(graph).predict({"x": x.astype("f8")}))


def test_a_number_without_a_row_says_so():
    embedding = layer("Embedding", "words", input_dim=5, output_dim=2)
    data = model((3,), (embedding, {"embeddings": np.zeros((5, 2))}))

    with pytest.raises(refusals.IndexOutOfRange) as caught:
        Session(read(data)).predict({"x": np.full((2, 3), 7, "i4")})

    assert caught.value.params == {}


# Predictions


@pytest.mark.parametrize(
    ("contract", "rows"),
    [
        (task((1,), (2,)), [[0.25, 0.75], [1.0, 0.0]]),
        (HORSES, [[0.0], [1.0]]),
        (LINE, [[-5.0], [1e9]]),
    ],
    ids=["classes", "probability", "value"],
)
def test_good_predictions_pass(contract, rows):
    assert check_predictions(np.array(rows, "f4"), contract, 2) is None


@pytest.mark.parametrize(
    ("contract", "rows", "refusal"),
    [
        (LINE, [[1.0], [np.nan]], refusals.NotANumber),
        (LINE, [[1.0], [np.inf]], refusals.InfiniteNumber),
        (LINE, [[1.0, 2.0], [3.0, 4.0]], refusals.WrongPredictions),
        (LINE, [[1.0]], refusals.WrongPredictions),
        (task((1,), (2,)), [[0.5, 0.5], [3.1, -2.0]], refusals.NotProbabilities),
        (task((1,), (2,)), [[0.5, 0.5], [0.9, 0.9]], refusals.NotProbabilities),
        (HORSES, [[0.5], [1.7]], refusals.NotAProbability),
        (HORSES, [[0.5], [-0.2]], refusals.NotAProbability),
    ],
    ids=["nan", "infinity", "shape", "count", "logits", "sigmoids", "above 1", "below 0"],
)
def test_bad_predictions_are_refused_without_a_word_about_them(contract, rows, refusal):
    with pytest.raises(refusal) as caught:
        check_predictions(np.array(rows, "f4"), contract, 2)

    assert caught.value.params == {}
