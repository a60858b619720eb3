"""Draws a metro line: hourly counts at the gates of twenty-four stations.

A count is a level that grows and sometimes shifts, times a profile of the week (the hours of
working days and of days off), times the mood of the day (weather, sales, school trips), times
the chance of the hour.
"""

import numpy as np

from assay.items.variant import Split, Variant

GATES = 24
DAY, WEEK = 24, 168  # hours
WINDOW = 2 * WEEK  # hours that the model sees
HORIZON = DAY  # hours to forecast
HIDDEN = 5000  # windows in each of the hidden and the sealed set
# Hours from … to. At every other gate the second era is hidden and the third sealed; at the rest
# it is the other way round.
TRAIN = (0, 30 * WEEK)
LATER = ((30 * WEEK, 90 * WEEK), (90 * WEEK, 150 * WEEK))
BLOCK = 30 * WEEK  # with the same shifts in each
SHIFTS = (1.5, 0.7, 1.4, 0.65, 1.3)  # of the level, in each block of a gate, in random order
APART = 6 * WEEK  # between one shift and the next, give or take
GROWTH = (0.1, 0.3)  # of the level's logarithm, in 52 weeks
DAYS_OFF = (0.3, 0.7)  # the best hour of a day off, beside the peaks of a working day
MOOD, PERSISTENCE = 0.16, 0.8  # of the day's factor's logarithm; from one day to the next
CHANCE = 0.06  # of the hour's factor's logarithm, beside that of counting


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    # Every line has the same mixture of large and small, of growing and of sleepy stations, each
    # put together in another way.
    sizes = rng.permutation(np.geomspace(500, 1000, GATES))
    growths = rng.permutation(np.linspace(*GROWTH, GATES))
    quiet = rng.permutation(np.linspace(*DAYS_OFF, GATES))
    counts = np.stack([gate(rng, *each) for each in zip(sizes, growths, quiet, strict=True)])

    end = TRAIN[1]
    header = "hour," + ",".join(f"gate_{i + 1}" for i in range(GATES))
    rows = [f"{hour}," + ",".join(map(str, counts[:, hour])) for hour in range(end)]
    numbers = {
        "hours": f"{end:,}",
        "weeks": str(end // WEEK),
        "gates": str(GATES),
        "high": f"{counts[:, :end].max():,}",
    }
    return Variant(
        files={"gates.csv": ("\n".join([header, *rows]) + "\n").encode()},
        hidden=windows(rng, counts, turn=0),
        sealed=windows(rng, counts, turn=1),
        texts={"en": numbers, "zh-CN": numbers},
        train={"window": every_fifteenth_window(counts[:, :end])},
    )


def gate(rng, size, growth, days_off):
    """Return a gate's passengers per hour, `(hours,)`, whole numbers."""
    hours = LATER[-1][1]
    hour = np.arange(hours)
    level = size * np.exp(growth * hour / (52 * WEEK)) * shifts(rng)
    mood = np.exp(moods(rng, hours // DAY))[hour // DAY]
    week = np.tile(profile(rng, days_off), hours // WEEK)
    chance = np.exp(CHANCE * rng.standard_normal(hours))
    return rng.poisson(level * week * mood * chance)


def shifts(rng):
    """Return what the level is multiplied by, `(hours,)`: exits open, works begin, offices move.

    Every block has the same shifts in another order; together they leave the level where it was.
    """
    factor = np.ones(LATER[-1][1])
    for begin in range(0, len(factor), BLOCK):
        for number, shift in enumerate(rng.permutation(SHIFTS)):
            start = begin + number * APART + rng.integers(0, APART - WEEK)
            factor[start:] *= shift / np.prod(SHIFTS) ** (1 / len(SHIFTS))
    return factor


def moods(rng, days):
    """Return the logarithm of each day's factor: good and bad days come in runs."""
    fresh = rng.standard_normal(days) * MOOD * np.sqrt(1 - PERSISTENCE**2)
    runs = np.empty(days)
    runs[0] = MOOD * rng.standard_normal()
    for day in range(1, days):
        runs[day] = PERSISTENCE * runs[day - 1] + fresh[day]
    return runs


def profile(rng, days_off):
    """Return the hours of a week with a mean of 1, `(168,)`; the line closes at night."""
    hour = np.arange(DAY) + 0.5

    def hump(at, width):
        return np.exp(-0.5 * ((hour - at) / width) ** 2)

    morning, evening = rng.uniform(7, 9), rng.uniform(16.5, 19)
    offices = rng.uniform(0.3, 0.7)  # share of those who come in the morning, not in the evening
    work = (
        offices * hump(morning, rng.uniform(0.8, 1.5))
        + (1 - offices) * hump(evening, rng.uniform(1, 2))
        + rng.uniform(0.15, 0.35) * hump(13, 4)
    )
    off = days_off * hump(rng.uniform(12, 17), rng.uniform(2.5, 4))
    days = [work * rng.uniform(0.92, 1.08) for _ in range(5)] + [off, off * rng.uniform(0.6, 1)]
    open_ = (hour > 5) | (hour < 1)
    week = np.roll(np.concatenate([(day + 0.02) * open_ for day in days]), rng.integers(7) * DAY)
    return week / week.mean()


def windows(rng, counts, turn) -> Split:
    """Return windows that lie, with the hours to forecast, in an era of their gate altogether."""
    length = WINDOW + HORIZON
    which = rng.integers(0, GATES, 3 * HIDDEN)
    begins = np.array([LATER[(gate + turn) % 2][0] for gate in which])
    starts = begins + rng.integers(0, LATER[0][1] - LATER[0][0] - length + 1, len(which))
    pairs = np.unique(np.column_stack([which, starts]), axis=0)
    pairs = pairs[np.sort(rng.choice(len(pairs), HIDDEN, replace=False))]
    cut = np.stack([counts[g, s : s + length] for g, s in pairs]).astype(np.float32)
    inputs, labels = cut[:, :WINDOW], cut[:, WINDOW:]
    return Split(inputs={"window": inputs[..., None]}, labels=labels, baseline=naive(inputs))


def naive(inputs):
    """Return the same hours of last week, `(n, 24)`."""
    return inputs[:, WINDOW - WEEK : WINDOW - WEEK + HORIZON]


def every_fifteenth_window(counts):
    """Return training windows in the form of the hidden ones, to prove that none is shared."""
    cut = np.lib.stride_tricks.sliding_window_view(counts, WINDOW, axis=1)[:, ::15]
    return cut.reshape(-1, WINDOW, 1).astype(np.float32)
