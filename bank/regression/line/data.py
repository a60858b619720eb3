"""Draws a straight line with a story, and six exact points of it."""

import numpy as np

from assay.items.variant import Split, Variant

POINTS = 6
HIDDEN = 5000  # places in each of the hidden and the sealed set
BEYOND = 3.0  # how many spans of the six the hidden places reach to, on either side together

# (slope from … to, its sign), (value at the first x from … to), (first x), (step of x), texts
STORIES = (
    {
        "slope": (0.11, 0.34),
        "start": (8.0, 15.0),
        "first": (0, 60),
        "step": (20, 60),
        "en": {
            "story": "A spring hangs from a hook. Six times somebody put weights on it and "
            "measured how long it was. Springs of this kind grow by the same length for every "
            "gram, as Robert Hooke found in 1660.",
            "x": "weight on the spring",
            "x_unit": "g",
            "y": "length of the spring",
            "y_unit": "cm",
        },
        "zh-CN": {
            "story": "钩子上挂着一根弹簧。有人六次挂上砝码，量出弹簧的长度。这种弹簧每多挂一克"
            "就伸长同样的一段，胡克在 1660 年就发现了这一点。",
            "x": "所挂砝码的质量",
            "x_unit": "克",
            "y": "弹簧的长度",
            "y_unit": "厘米",
        },
    },
    {
        "slope": (1.4, 3.9),
        "start": (5.0, 14.0),
        "first": (1, 4),
        "step": (2, 5),
        "en": {
            "story": "The taxis of a foreign city have no sign that says what they charge. On six "
            "receipts stand the way and the fare. There is a basic fare, and then every "
            "kilometre costs the same.",
            "x": "way",
            "x_unit": "km",
            "y": "fare",
            "y_unit": "crowns",
        },
        "zh-CN": {
            "story": "在一座陌生的城市，出租车上没有写明怎么收费。手里有六张小票，上面印着里程"
            "和车费。车费由起步价加上里程费组成，每公里价钱一样。",
            "x": "里程",
            "x_unit": "公里",
            "y": "车费",
            "y_unit": "克朗",
        },
    },
    {
        "slope": (-0.32, -0.12),
        "start": (160.0, 240.0),
        "first": (0, 40),
        "step": (20, 45),
        "en": {
            "story": "A candle burns in a room without a draught. Six times somebody looked at the "
            "clock and measured how much of it was left. It gets shorter by the same length "
            "every minute.",
            "x": "time since the candle was lit",
            "x_unit": "min",
            "y": "height of the candle",
            "y_unit": "mm",
        },
        "zh-CN": {
            "story": "屋里没有一丝风，一支蜡烛静静燃烧。有人六次看表，量出蜡烛还剩多高。"
            "它每分钟缩短的长度都一样。",
            "x": "点燃后经过的时间",
            "x_unit": "分钟",
            "y": "蜡烛的高度",
            "y_unit": "毫米",
        },
    },
    {
        "slope": (0.35, 0.75),
        "start": (-40.0, -10.0),
        "first": (-30, 30),
        "step": (15, 40),
        "en": {
            "story": "On the attic lies a thermometer with a scale of its own. Six times somebody "
            "held it beside an ordinary one and wrote down both. Whoever drew the scale spaced its "
            "marks evenly, but nobody knows where he began.",
            "x": "temperature by the ordinary thermometer",
            "x_unit": "°C",
            "y": "mark on the old scale",
            "y_unit": "marks",
        },
        "zh-CN": {
            "story": "阁楼上有一支旧温度计，刻度自成一派。有人六次把它和普通温度计放在一起，"
            "记下两边的读数。刻度画得很均匀，只是没人知道当初从哪里起头。",
            "x": "普通温度计的读数",
            "x_unit": "°C",
            "y": "旧刻度的读数",
            "y_unit": "格",
        },
    },
)


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    story = STORIES[rng.integers(len(STORIES))]
    slope = round(rng.uniform(*story["slope"]), 3)
    start = round(rng.uniform(*story["start"]), 1)
    first, step = (int(rng.integers(*story[name], endpoint=True)) for name in ("first", "step"))
    x = first + step * np.arange(POINTS)
    middle, span = x.mean(), x[-1] - x[0]

    def line(at):
        return start + slope * (at - first)

    pairs = "\n".join(["x,y", *(f"{a},{line(a):.6g}" for a in x)]) + "\n"
    reach = middle + BEYOND / 2 * span * np.array([-1.0, 1.0])
    places = distinct(rng, *reach, taken=x)
    common = {
        "count": str(POINTS),
        "x_low": str(x[0]),
        "x_high": str(x[-1]),
        "far_low": f"{reach[0]:.0f}",
        "far_high": f"{reach[1]:.0f}",
    }
    return Variant(
        files={"pairs.csv": pairs.encode()},
        hidden=split(places[:HIDDEN], line, line(x).mean()),
        sealed=split(places[HIDDEN:], line, line(x).mean()),
        texts={name: common | story[name] for name in ("en", "zh-CN")},
        train={"x": x[:, None].astype(np.float32)},
    )


def distinct(rng, low, high, taken):
    """Return places in float32 that all differ from each other and from the six."""
    places = np.unique(rng.uniform(low, high, 3 * HIDDEN).astype(np.float32))
    places = places[~np.isin(places, taken.astype(np.float32))]
    return rng.permutation(places)[: 2 * HIDDEN]


def split(places, line, mean):
    return Split(
        inputs={"x": places[:, None]},
        labels=line(places.astype(np.float64))[:, None].astype(np.float32),
        baseline=np.full((len(places), 1), mean, np.float32),
    )
