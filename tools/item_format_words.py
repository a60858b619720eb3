"""The words of the pages about the item format that are not in the code itself."""

from __future__ import annotations

from collections.abc import Mapping

from assay.items.spec import MetricName
from assay.messages import Language

EN, ZH = Language.ENGLISH, Language.CHINESE

PROSE: Mapping[Language, str] = {
    EN: """# The item format

<!-- Written by tools/item_format_page.py from the code that reads the format. Do not edit. -->

Format version {version}. [中文](item-format.zh-CN.md). How to use it: [Write an item](write-an-item.en.md).

An item is a folder of the bank, `category/name/`, that draws variants of itself: the same task with other numbers. A bank is a folder with items and blueprints; `ASSAY_BANK` names a private one.

```
bank/
  blueprints/developer.yaml
  regression/curve/item.yaml …
```

## The files of an item

{files}

Any other file is an error, so that nothing is forgotten and nothing leaves by mistake. The candidate gets exactly the two task texts, the starter, the data files of `public_files`, and `item.json`, which repeats the public part of `item.yaml`.

## data.py

`data.py` defines `variant(seed: int) -> Variant`. The same seed gives the same bytes, in every process; another seed gives other data.

```python
import numpy as np

from assay.items.store import save_arrays
from assay.items.variant import Split, Variant


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    ...
    return Variant(
        files={{"train.npz": save_arrays({{"x": x, "y": y}})}},  # what the candidate gets
        hidden=Split(inputs={{"x": hidden_x}}, labels=hidden_y),  # decides the points
        sealed=Split(inputs={{"x": sealed_x}}, labels=sealed_y),  # scored once, at the end
        texts={{"en": {{"count": "400"}}, "zh-CN": {{"count": "400"}}}},  # fills ${{count}}
        train={{"x": x}},  # the training samples in the form of the hidden ones
    )
```

- `inputs` has an array for each input of the contract, `(n, *shape)`, in the contract's dtype.
- `labels` are class indices `(n,)` for (class) probabilities, or values `(n, *output shape)`.
- `baseline` is the naive forecast, `(n, *output shape)`, for the metric `mae_ratio`.
- `train` is used by `bank check` only, to prove that no sample is in two of the sets. It can be left out if an npz among the public files holds the samples as the contract shapes them.
- `data.py` may import the packages of the extra `bank` (NumPy, scikit-learn, statsmodels, Pillow, Django's catalogues), read its own folder `assets/`, and get downloaded files by `assay.items.downloads.fetch`; [Write an item](write-an-item.en.md#building-blocks) lists what else Assay has for it. It draws every random number from the seed, sorts what comes from sets and folders, and is not slow: a candidate waits for it.

## Starter, reference and naive recipes

All are plain programs that a candidate could have written. They run in a folder with the public bundle, define `solution_model()`, save the model with `model.save("{model_file}")`, and import nothing but the standard library and {frameworks}.

- The starter holds the rules, in both languages, and `TODO` comments. It runs as it is, says what is left to do, ends with exit code 0, and earns nothing to speak of.
- The reference earns {top} points on every variant, and trains within a minute on two cores.
- At least {wrong} naive recipes in `wrong/` say with `{ceiling} = N` what they must not exceed, 3 at most.
- Fair and competent recipes in `recipes/` complete the [ladder](calibration.en.md) that the cuts are measured by.

## The task texts

`task.en.md` and `task.zh-CN.md` tell the same: purpose, data (shapes, types, ranges, units), the model's input and output, the metric, what each of the five cuts means in words, limits, and where to read on. `${{name}}` is filled in from `texts` of the variant. Both have the same headings, tables and fields, and name the shapes, the five cuts, the number of hidden samples and the size that the file may have; the check compares them with `item.yaml`.

## Checking

| command | what it does |
|---|---|
| `assay bank list` | shows the bank |
| `assay bank new text tides` | makes the folder of an item that works, with TODOs |
| `assay bank preview category/name --seed 1` | shows what a candidate will see |
| `assay bank check` | files, texts, sources; draws two variants, one of them twice; shapes, ranges, labels, overlaps, near-duplicates, the bundle, TODOs |
| `assay bank check category/name --train` | also trains starter, reference and naive recipes and grades them as the server does |
| `assay bank calibrate category/name` | measures the ladder over seeds and writes the evidence |
| `assay bank check --evidence` | also fails where the evidence is missing, stale, or breaks a rule |

## item.yaml

A text in both languages has the keys `en` and `zh-CN`. Unknown keys are errors.

{item}

### Metrics

{metrics}

## A blueprint

`blueprints/NAME.yaml` is an exam's plan.

{blueprint}

## The skill checklist

{skills}
""",
    ZH: """# 题目格式

<!-- 本页由 tools/item_format_page.py 根据读取该格式的代码生成，请勿手工修改。 -->

格式版本 {version}。[English](item-format.en.md)。用法见[编写一道题目](write-an-item.zh-CN.md)。

一道题目就是题库中的一个文件夹 `类别/名称/`，它能生成自身的变体：题目相同，数字不同。题库是存放题目和考试方案的文件夹；环境变量 `ASSAY_BANK` 可以指定一个私有题库。

```
bank/
  blueprints/developer.yaml
  regression/curve/item.yaml …
```

## 题目的文件

{files}

出现任何其他文件都算错误，这样既不会遗漏，也不会误泄。考生拿到的只有：两份题目说明、起始代码、`public_files` 中的数据文件，以及 `item.json`（即 `item.yaml` 中公开的部分）。

## data.py

`data.py` 要定义 `variant(seed: int) -> Variant`。相同的种子在任何进程中都得到完全相同的字节；不同的种子得到不同的数据。

```python
import numpy as np

from assay.items.store import save_arrays
from assay.items.variant import Split, Variant


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    ...
    return Variant(
        files={{"train.npz": save_arrays({{"x": x, "y": y}})}},  # 考生拿到的数据
        hidden=Split(inputs={{"x": hidden_x}}, labels=hidden_y),  # 决定得分
        sealed=Split(inputs={{"x": sealed_x}}, labels=sealed_y),  # 仅在结束时评一次
        texts={{"en": {{"count": "400"}}, "zh-CN": {{"count": "400"}}}},  # 填入 ${{count}}
        train={{"x": x}},  # 与隐藏样本同形式的训练样本
    )
```

- `inputs`：约定中的每个输入对应一个数组，形状 `(n, *shape)`，类型与约定一致。
- `labels`：输出为（类别）概率时是类别序号 `(n,)`；输出为数值时是 `(n, *输出形状)`。
- `baseline`：朴素预测，形状 `(n, *输出形状)`，供指标 `mae_ratio` 使用。
- `train`：只用于 `bank check`，以证明没有样本同时属于两个集合。如果公开文件中的某个 npz 已按约定的形状存放了样本，可以省略。
- `data.py` 可以使用附加依赖 `bank` 中的软件包（NumPy、scikit-learn、statsmodels、Pillow、Django 的翻译目录），也可以读取题目自己的 `assets/` 文件夹，或用 `assay.items.downloads.fetch` 取得下载的文件；Assay 还提供哪些现成的模块，见[编写一道题目](write-an-item.zh-CN.md#现成的模块)。随机数一律由种子产生，来自集合和文件夹的内容要先排序；运行不宜太慢，因为考生在等。

## 起始代码、参考解与朴素解法

它们都是考生自己也能写出的普通程序：在放有公开数据包的文件夹中运行，定义 `solution_model()`，用 `model.save("{model_file}")` 保存模型，除标准库外只导入 {frameworks}。

- 起始代码用两种语言写明规则，并含有 `TODO` 注释。它可以直接运行，会说明还有什么没完成，以退出码 0 结束，且几乎得不到分。
- 参考解在每个变体上都得 {top} 分，在双核机器上一分钟内完成训练。
- `wrong/` 中至少有 {wrong} 个朴素解法，各自用 `{ceiling} = N` 声明不得超过的分数，最多 3 分。
- `recipes/` 中的中等解法与合格解法补全用来检验分数线的[解法阶梯](calibration.zh-CN.md)。

## 题目说明

`task.en.md` 与 `task.zh-CN.md` 内容一致：目的、数据（形状、类型、范围、单位）、模型的输入与输出、指标、五个分数线的大致含义、限制以及延伸阅读。`${{name}}` 由变体的 `texts` 填入。两者的标题、表格和占位符一一对应，并且都要写明各形状、五条分数线、隐藏样本数和文件大小上限；检查时会与 `item.yaml` 核对。

## 检查

| 命令 | 作用 |
|---|---|
| `assay bank list` | 列出题库内容 |
| `assay bank new text tides` | 新建一个可以运行、带有 TODO 的题目文件夹 |
| `assay bank preview 类别/名称 --seed 1` | 显示考生将看到的内容 |
| `assay bank check` | 检查文件、文本和源代码；抽取两个变体（其中一个抽两遍），检查形状、范围、标签、重叠、近似重复、数据包和 TODO |
| `assay bank check 类别/名称 --train` | 另外训练起始代码、参考解和朴素解法，并像服务器那样评分 |
| `assay bank calibrate 类别/名称` | 在多个种子上测量解法阶梯，写入实测依据 |
| `assay bank check --evidence` | 若实测依据缺失、过期或违反规则，也算失败 |

## item.yaml

双语文本含 `en` 与 `zh-CN` 两个键。出现未知的键即为错误。

{item}

### 指标

{metrics}

## 考试方案

`blueprints/名称.yaml` 是一场考试的方案。

{blueprint}

## 技能清单

{skills}
""",
}

WORDS: Mapping[str, Mapping[Language, str]] = {
    "file": {EN: "file", ZH: "文件"},
    "field": {EN: "field", ZH: "字段"},
    "type": {EN: "type", ZH: "类型"},
    "need": {EN: "needed", ZH: "是否必填"},
    "name": {EN: "name", ZH: "名称"},
    "meaning": {EN: "what it is", ZH: "含义"},
    "skill": {EN: "skill", ZH: "技能"},
    "identifier": {EN: "identifier", ZH: "标识"},
    "required": {EN: "yes", ZH: "必填"},
    "default": {EN: "no, `{}`", ZH: "默认 `{}`"},
    "or": {EN: " or ", ZH: " 或 "},
    "list": {EN: "list of {}", ZH: "列表：{}"},
    "string": {EN: "text", ZH: "文本"},
    "integer": {EN: "whole number", ZH: "整数"},
    "number": {EN: "number", ZH: "数值"},
    "boolean": {EN: "true or false", ZH: "true 或 false"},
    "null": {EN: "null", ZH: "null"},
    "uuid": {EN: "UUID", ZH: "UUID"},
    "Text": {EN: "text in both languages", ZH: "双语文本"},
    "object": {EN: "fields, see below", ZH: "若干字段，见下文"},
    "stop": {EN: ".", ZH: "。"},
}

FILES: Mapping[str, Mapping[Language, str]] = {
    "item.yaml": {
        EN: "Identity, titles, contract, metric, cuts, limits; see below",
        ZH: "标识、标题、输入输出约定、指标、分数线和限制，见下文",
    },
    "task.en.md": {EN: "The task in English; public", ZH: "英文题目说明；公开"},
    "task.zh-CN.md": {EN: "The task in Chinese; public", ZH: "中文题目说明；公开"},
    "starter.py": {EN: "What the candidate fills in; public", ZH: "供考生填写的起始代码；公开"},
    "data.py": {EN: "Draws a variant from a seed; private", ZH: "由种子生成变体；不公开"},
    "reference.py": {
        EN: "A solution that earns all points on every variant; private",
        ZH: "在每个变体上都得满分的参考解；不公开",
    },
    "README.md": {
        EN: "For authors: what a variant draws, why the cuts are where they are; private",
        ZH: "写给出题人：变体有哪些变化、分数线为何如此设定；不公开",
    },
    "wrong/*.py": {
        EN: "Naive recipes and the points that they must not exceed; private",
        ZH: "朴素解法及其不得超过的分数；不公开",
    },
    "recipes/fair*.py": {
        EN: "Fair recipes: what somebody hands in who is on the way; private",
        ZH: "中等解法：尚在途中的考生会提交的答案；不公开",
    },
    "recipes/competent*.py": {
        EN: "Competent recipes that earn all points, of another architecture than the "
        "reference; private",
        ZH: "合格解法：得满分，且网络结构与参考解不同；不公开",
    },
    "calibration.json": {
        EN: "Optional: measured evidence, recipes × seeds → points; private",
        ZH: "可选：实测依据（解法 × 种子 → 分数）；不公开",
    },
    "calibration.png": {
        EN: "Optional: its picture; private",
        ZH: "可选：实测依据的图示；不公开",
    },
    "assets/": {
        EN: "Optional: files that data.py reads; private",
        ZH: "可选：data.py 读取的文件；不公开",
    },
}

METRICS: Mapping[MetricName, Mapping[Language, str]] = {
    MetricName.ACCURACY: {
        EN: "Share of right classes; higher is better",
        ZH: "分类正确的比例，越高越好",
    },
    MetricName.MACRO_F1: {
        EN: "Mean F1 over the classes; higher is better",
        ZH: "各类别 F1 的平均值，越高越好",
    },
    MetricName.MAE: {
        EN: "Mean absolute error, in the unit of the output; lower is better",
        ZH: "平均绝对误差，单位与输出相同，越低越好",
    },
    MetricName.RMSE: {
        EN: "Root mean squared error, in the unit of the output; lower is better",
        ZH: "均方根误差，单位与输出相同，越低越好",
    },
    MetricName.MAE_RATIO: {
        EN: "MAE over the MAE of the naive forecast (`baseline`); lower is better",
        ZH: "MAE 与朴素预测（`baseline`）的 MAE 之比，越低越好",
    },
    MetricName.R2: {
        EN: "Coefficient of determination; higher is better",
        ZH: "决定系数，越高越好",
    },
}

# By the name of the model in assay/items/spec.py or assay/items/blueprint.py.
MODELS: Mapping[str, str] = {
    "ItemYaml": "题库中的一类题目",
    "ContractYaml": "模型的输入与输出约定",
    "InputYaml": "模型的一个输入",
    "OutputYaml": "模型必须给出的输出",
    "MetricYaml": "指标，以及对应 1 到 5 分的五条分数线",
    "LimitsYaml": "一次提交的资源上限",
    "DataYaml": "样本的来源",
    "FileYaml": "数据集中的一个文件（或文件夹），以摘要锁定",
    "BlueprintYaml": "考试方案",
    "SlotYaml": "考试中的一道题位",
    "WaitYaml": "按日历计算的等待时间，各项相加",
    "FeeYaml": "一次报名的价格",
}

# By model and field.
FIELDS: Mapping[str, str] = {
    "ItemYaml.format_version": "本格式的版本；遇到更新的版本会拒绝读取并提示先升级",
    "ItemYaml.uuid": "题目的唯一标识；改名后不变",
    "ItemYaml.category": "题目所在文件夹的名称",
    "ItemYaml.title": "题目名称",
    "ItemYaml.summary": "一句话简介，用于列表",
    "ItemYaml.skills": "题目考查的技能：技能清单（见下文）中的标识",
    "ItemYaml.contract": "模型的输入与输出",
    "ItemYaml.metric": "如何评价预测，以及多少可得 1 到 5 分",
    "ItemYaml.limits": "一次提交的资源上限",
    "ItemYaml.data": "样本的来源",
    "ItemYaml.public_files": "变体为考生生成的数据文件",
    "ItemYaml.hidden_size": "隐藏集与封存集各自的样本数",
    "ItemYaml.classic_form": "输入输出约定是否与原考试的某道题相同",
    "ItemYaml.transfer": "`differs`：为一个变体训练的模型在另一个变体上拿不到满分；否则用文字说明为何同一模型可用于所有变体",
    "ItemYaml.unmeasured": "为何还没有任何依据证明题目公平，例如数据无法取得。`bank check --evidence` 会放行该题并说明原因；只能在没有 `calibration.json` 时使用",
    "ItemYaml.certainty": "隐藏样本少于通常数量时，这对得分意味着什么；供出题人和考务人员阅读",
    "ContractYaml.inputs": "一个或多个输入",
    "ContractYaml.output": "唯一的输出",
    "InputYaml.name": "在隐藏样本中对应数组的键",
    "InputYaml.shape": "单个样本的形状，不含批次维；null 表示任意大小",
    "InputYaml.dtype": "隐藏样本的数据类型",
    "InputYaml.low": "会出现的最小值",
    "InputYaml.high": "会出现的最大值；对词元编号而言是词表大小减 1",
    "InputYaml.meaning": "数值的含义及单位",
    "OutputYaml.shape": "单个样本的形状，不含批次维",
    "OutputYaml.kind": "类别概率（每行之和为 1）、正类的概率，或数值",
    "OutputYaml.meaning": "数值的含义及单位",
    "MetricYaml.name": "预测与标签如何比较",
    "MetricYaml.cuts": "得 1、2、3、4、5 分分别要达到的值，一条比一条难",
    "LimitsYaml.file_mb": "模型文件的大小，单位 MB（1,000,000 字节）",
    "LimitsYaml.parameters": "模型的参数个数，不论是否可训练",
    "LimitsYaml.multiply_adds": "对单个样本做一次推理的乘加运算次数",
    "LimitsYaml.memory_mb": "运行模型的进程的地址空间，单位 MB",
    "LimitsYaml.seconds": "读取文件并在整个隐藏集上推理的时间，单位秒",
    "DataYaml.source": "随依赖附带、由题目代码生成，或从网址下载",
    "DataYaml.licence": "数据的许可证",
    "DataYaml.citation": "应当致谢的来源，以及了解数据的出处",
    "DataYaml.folder": "下载时：该数据集在缓存和镜像中的文件夹名",
    "DataYaml.files": "下载时：data.py 要用到的每个文件",
    "FileYaml.name": "data.py 取用时、镜像存放时的名称；可以含有“/”",
    "FileYaml.url": "来源网址：文件本身，或含有该文件的压缩包",
    "FileYaml.sha256": "`url` 处字节的 SHA-256；只有写了 `tree` 才可省略",
    "FileYaml.bytes": "`url` 处内容的字节数；写了 `tree` 时为所有文件的总字节数",
    "FileYaml.member": "如果 `url` 是 ZIP 或 tar 压缩包：其中的文件或文件夹",
    "FileYaml.also": "内容相同、data.py 同样能读的其他字节的 SHA-256；写了 `member` 时为解压后文件的 SHA-256",
    "FileYaml.tree": "用于文件夹：其文件清单（格式同 `sha256sum` 的输出，按名称排序）的 SHA-256",
    "BlueprintYaml.format_version": "本格式的版本；遇到更新的版本会拒绝读取并提示先升级",
    "BlueprintYaml.uuid": "考试的唯一标识；改名后不变",
    "BlueprintYaml.title": "考试名称，与证书上一致",
    "BlueprintYaml.slots": "考试的各个题位，按顺序排列",
    "BlueprintYaml.duration_minutes": "从开始到截止的时间，不含特殊照顾",
    "BlueprintYaml.pass_mark": "及格所需的加权总分百分比",
    "BlueprintYaml.upload_grace_seconds": "截止之后仍可等待上传最后一个字节的时间",
    "BlueprintYaml.retake_waits": "第一次、第二次……未通过之后的等待时间；最后一项重复适用",
    "BlueprintYaml.registration_valid_days": "报名的有效天数",
    "BlueprintYaml.fee": "一次报名的价格",
    "BlueprintYaml.identity": "`required`：工作人员核对证件与照片之后，才能开始考试",
    "BlueprintYaml.certificate": "false 表示练习，不颁发证书",
    "BlueprintYaml.certificate_valid_months": "证书有效期，单位为日历月",
    "BlueprintYaml.offline_only": "抽题时不使用需要下载数据的题目，使考试不依赖网络",
    "BlueprintYaml.environment": "考生环境中固定版本的依赖",
    "SlotYaml.name": "该题位在考生工作区中的文件夹名",
    "SlotYaml.title": "考生在开始之前看到的名称",
    "SlotYaml.weight": "占总分的百分比；各题位之和为 100",
    "SlotYaml.pool": "该题位从中抽取一道的题目，写作 `类别/名称`",
    "WaitYaml.days": "天",
    "WaitYaml.months": "日历月",
    "WaitYaml.years": "日历年",
    "FeeYaml.amount": "以该货币的最小单位计",
    "FeeYaml.currency": "ISO 4217 货币代码，例如 USD",
}
