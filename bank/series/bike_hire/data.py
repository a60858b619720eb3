"""Draws six districts of a city from Washington's hourly bike hires of 2011 and 2012.

One series has few windows, and everybody can look it up. So each variant deals the real hires out
to six districts: of every hour's riders, members and guests, each takes a bike in one of them, by
chance, and by what a district is: one to live in is left in the morning, one to work in is left
in the evening. The districts' hires add up to the real ones.
"""

import csv
from pathlib import Path

import numpy as np

from assay.items.downloads import fetch
from assay.items.variant import Split, Variant

DISTRICTS = 6
PAST = 168  # hours that the model sees: a week
AHEAD = 24  # hours to forecast
HIDDEN = 5000  # windows in each of the hidden and the sealed set
MORNING, EVENING = range(5, 11), range(15, 20)
FIRST = np.datetime64("2011-01-01T00")
HOURS = 731 * 24
# Days from … to, counted from FIRST. After the training, each month is hidden in every other
# district and sealed in the rest, and the next month the other way round. On 29 and 30 October
# 2012 a hurricane passed, and the bikes were locked away: these days are in no set.
TRAIN = (0, 547)
LATER = ((547, 577), (577, 607), (607, 637), (637, 667), (669, 700), (700, 731))
SKIES = (
    ("clear", "晴"),
    ("cloudy or misty", "多云或有雾"),
    ("light rain or snow", "小雨或小雪"),
    ("heavy rain or snow", "大雨或大雪"),
)
TEMPERATURES = (("°C", 1.0, 0.0), ("°F", 1.8, 32.0))
WINDS = (("km/h", 1.0), ("m/s", 1 / 3.6), ("mph", 1 / 1.609344))
DAYS = (
    *(("Monday", "星期一"), ("Tuesday", "星期二"), ("Wednesday", "星期三"), ("Thursday", "星期四")),
    *(("Friday", "星期五"), ("Saturday", "星期六"), ("Sunday", "星期日")),
)


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    record = washington(fetch(Path(__file__).parent, "hour.csv"))
    hires = districts(rng, record)
    conditions, told = as_written(rng, record)
    order = [list(conditions)[i] for i in rng.permutation(len(conditions))]
    around = np.stack([conditions[name] for name in order], axis=1).astype(np.float32)
    end = TRAIN[1] * 24
    known = windows(hires, around, [(d, w) for d in range(DISTRICTS) for w in starts(*TRAIN, 11)])
    columns = {name: conditions[name][:end] for name in order}
    columns |= {f"district_{i + 1}": hires[i, :end] for i in range(DISTRICTS)}
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    lines = [",".join(["time", *columns])]
    lines += [
        ",".join([str(FIRST + i).replace("T", " ") + ":00", *(f"{v:g}" for v in row)])
        for i, row in enumerate(rows)
    ]
    numbers = {
        "hours": f"{end:,}",
        "highest": str(int(hires[:, :end].max())),
        "order": ", ".join(f"`{name}`" for name in order),
    }
    chinese = {"order": numbers["order"].replace(", ", "、")}
    return Variant(
        files={"hires.csv": ("\n".join(lines) + "\n").encode()},
        hidden=chosen(rng, hires, around, turn=0),
        sealed=chosen(rng, hires, around, turn=1),
        texts={
            "en": {**numbers, **told["en"]},
            "zh-CN": {**numbers, **chinese, **told["zh-CN"]},
        },
        train=known.inputs,
    )


def washington(path: Path) -> dict[str, np.ndarray]:
    """Return the record by hour, without gaps.

    Hours without a hire are not in the file: they have 0 of them, and weather between that of their
    neighbours, as have the hours whose humidity is told as 0.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    place = np.array([f"{row['dteday']}T{int(row['hr']):02}" for row in rows], "datetime64[h]")
    place = (place - FIRST).astype(int)
    column = {name: np.array([float(row[name]) for row in rows]) for name in WANTED}
    hour = np.arange(HOURS)

    def between(values, known=slice(None)):
        return np.interp(hour, place[known], values[known])

    members, guests = np.zeros((2, HOURS), int)
    members[place], guests[place] = column["registered"], column["casual"]
    before = np.searchsorted(place, hour, side="right") - 1
    day = dict(zip(place // 24, column["holiday"], strict=True))
    return {
        "members": members,
        "guests": guests,
        "hour": hour % 24,
        "weekday": (hour // 24 + 5) % 7,  # 0: Monday; the record begins on a Saturday
        "holiday": np.array([day[d] for d in hour // 24]),
        "temperature": between(column["temp"] * 47 - 8),  # °C; the file's are scaled like this
        "humidity": between(column["hum"] * 100, column["hum"] > 0),  # per cent
        "wind": between(column["windspeed"] * 67),  # km/h
        "sky": column["weathersit"][before].astype(int),  # 1 to 4
    }


WANTED = ("holiday", "temp", "hum", "windspeed", "weathersit", "registered", "casual")


def districts(rng, record) -> np.ndarray:
    """Return the hires of each district by hour."""
    hour = record["hour"]
    rush = np.isin(hour, MORNING).astype(float) - np.isin(hour, EVENING)
    tilt = rng.permutation(np.linspace(-0.6, 0.6, DISTRICTS))  # below 0: one to work in
    hires = np.zeros((HOURS, DISTRICTS), int)
    for riders, leaning in ((record["members"], 1.0), (record["guests"], 0.0)):
        share = rng.dirichlet(np.full(DISTRICTS, 12.0)) * np.exp(leaning * rush[:, None] * tilt)
        hires += rng.multinomial(riders, share / share.sum(axis=1, keepdims=True))
    return hires.T


def as_written(rng, record):
    """Return the columns of the conditions as this city writes them, and the words for it."""
    degree, factor, offset = TEMPERATURES[rng.integers(len(TEMPERATURES))]
    speed, per = WINDS[rng.integers(len(WINDS))]
    first = int(rng.integers(7))  # day that the week begins with
    codes = rng.permutation(len(SKIES))  # code of each sky, less 1
    conditions = {
        "hour": record["hour"],
        "weekday": (record["weekday"] - first) % 7,
        "holiday": record["holiday"],
        "temperature": np.round(record["temperature"] * factor + offset, 1),
        "humidity": np.round(record["humidity"]),
        "wind": np.round(record["wind"] * per, 1),
        "sky": codes[record["sky"] - 1] + 1,
    }
    skies = [SKIES[i] for i in np.argsort(codes)]
    told = {
        language: {
            "degree": degree,
            "speed": speed,
            "day": DAYS[first][place],
            "skies": join.join(f"{i + 1}{sep}{sky[place]}" for i, sky in enumerate(skies)),
        }
        for language, place, join, sep in (("en", 0, ", ", ": "), ("zh-CN", 1, "；", "："))
    }
    return conditions, told


def starts(begin: int, end: int, step: int = 1) -> range:
    """Return the hours that windows begin at, which lie between two days with what follows."""
    return range(begin * 24, end * 24 - PAST - AHEAD + 1, step)


def chosen(rng, hires, around, turn) -> Split:
    """Return windows of every other month in each district."""
    pairs = [
        (d, w)
        for d in range(DISTRICTS)
        for begin, end in LATER[(d + turn) % 2 :: 2]
        for w in starts(begin, end)
    ]
    some = np.sort(rng.choice(len(pairs), HIDDEN, replace=False))
    return windows(hires, around, [pairs[i] for i in some])


def windows(hires, around, pairs) -> Split:
    """Return what the model sees and must tell, for each pair of a district and an hour.

    The naive forecast is the same hour of last week.
    """
    d, w = np.array(pairs).T[:, :, None]
    past, ahead = w + np.arange(PAST), w + np.arange(PAST, PAST + AHEAD)
    counts = hires[d, past].astype(np.float32)
    return Split(
        inputs={
            "past": np.concatenate([counts[..., None], around[past]], axis=2),
            "ahead": around[ahead],
        },
        labels=hires[d, ahead].astype(np.float32),
        baseline=counts[:, :AHEAD],
    )
