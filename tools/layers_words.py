"""The words of the page about covered layers, in both languages; used by `layers_page.py`."""

from __future__ import annotations

from assay.grading.modelfile import uncovered
from assay.messages import Language

EN, ZH = Language.ENGLISH, Language.CHINESE

# Module of a family → its title, in the order of the page.
FAMILIES: dict[str, dict[Language, str]] = {
    "core": {EN: "The basic layers", ZH: "基础层"},
    "activations": {EN: "Activations as layers", ZH: "作为层的激活函数"},
    "convolution": {EN: "Convolutions", ZH: "卷积层"},
    "pooling": {EN: "Poolings", ZH: "池化层"},
    "normalization": {EN: "Normalizations", ZH: "归一化层"},
    "recurrent": {EN: "Recurrent layers and cells", ZH: "循环层与循环单元"},
    "attention": {EN: "Attention", ZH: "注意力层"},
    "wrappers": {EN: "Layers around other layers", ZH: "包装其他层的层"},
    "merging": {EN: "Layers that join inputs", ZH: "合并输入的层"},
    "reshaping": {EN: "Layers that move numbers", ZH: "改变形状的层"},
    "preprocessing": {EN: "Scaling and normalizing", ZH: "缩放与标准化"},
    "encoding": {EN: "Categories", ZH: "类别编码"},
    "images": {EN: "Pictures", ZH: "图像处理层"},
    "inert": {
        EN: "Layers that do something in training only",
        ZH: "只在训练时起作用的层",
    },
    "running": {EN: "Models, also inside other models", ZH: "模型（也可嵌套在其他模型中）"},
    "applications": {
        EN: "Layers that only `keras.applications` has",
        ZH: "仅 `keras.applications` 使用的层",
    },
    "old_functions": {
        EN: "TensorFlow's functions in functional models of Keras 2",
        ZH: "Keras 2 函数式模型中的 TensorFlow 函数",
    },
}

REASONS: dict[str, str] = {
    uncovered.PROGRAM: "携带程序，而文件中的任何内容都不会被执行",
    uncovered.TEXTS: "接收文本；任务的输入是数字",
    uncovered.LOOKED_UP: "在词表中查值；任务的输入是数字，无需词表",
    uncovered.HASHED: "依赖某个哈希函数，这里没有重新实现",
    uncovered.SOUND: "接收声音，没有任务使用它",
    uncovered.BOXES: "接收边界框，没有任务使用它",
    uncovered.UNCLEAR: "推理时的行为因 Keras 版本而异；请改用 CenterCrop 或 Resizing",
    uncovered.LOCAL: "对图块做直方图均衡，这里没有重新实现",
}

# What is not covered of a layer that is.
NOTES: dict[str, str] = {
    "stateful=True; time_major=True": "stateful=True；time_major=True",
    "rms_scaling=True": "rms_scaling=True",
    'interpolation="area", "gaussian", "mitchellcubic"': (
        'interpolation="area"、"gaussian"、"mitchellcubic"'
    ),
    "sparse output": "稀疏输出",
    "count_weights; sparse output": "count_weights；稀疏输出",
    "functions that `keras.ops` does not have": "`keras.ops` 中没有的函数",
}

WORDS: dict[str, dict[Language, str]] = {
    "title": {EN: "Layers that can be graded", ZH: "可以评分的层"},
    "other": {EN: "[中文](layers.zh-CN.md)", ZH: "[English](layers.en.md)"},
    "intro": {
        EN: (
            "The grader reads a model's configuration and weights and builds the same function "
            "anew; it never executes anything from the file. So it has to know every layer. "
            "It knows {covered} of the {all} layers of Keras 3 ({share} %), under the names of "
            "Keras 2 too, and refuses the others by name. An option that it does not know is "
            "refused by name as well, never ignored. Predictions agree with Keras within "
            "0.00001 of the largest one."
        ),
        ZH: (
            "评分程序读取模型的配置和权重，重新构建同一个函数；文件中的任何内容都不会被执行。"
            "因此它必须认识每一种层。在 Keras 3 的 {all} 种层中，它认识 {covered} 种"
            "（{share} %），也认识 Keras 2 的名称；其余的会指名拒绝。不认识的选项同样会指名拒绝，"
            "绝不会被忽略。预测结果与 Keras 的差异不超过最大值的 0.00001。"
        ),
    },
    "files": {
        EN: (
            "Read are `.h5` files of Keras 2 and 3, `.keras` files of Keras 2.13 and later, and "
            "`.onnx` files. Models may be Sequential or functional: with branches, shared layers, "
            "several inputs, and models inside models, as `keras.applications` builds them. "
            "Subclassed models are refused, because their code is not in the file. Quantized "
            "weights are refused. Mixed precision is computed in float32."
        ),
        ZH: (
            "可读取 Keras 2 和 3 的 `.h5` 文件、Keras 2.13 及以后版本的 `.keras` 文件，以及 `.onnx` "
            "文件。模型可以是 Sequential 或函数式的：可以有分支、共享层、多个输入，也可以像 "
            "`keras.applications` 那样在模型中嵌套模型。子类化的模型会被拒绝，因为其代码不在文件中。"
            "量化权重会被拒绝。混合精度按 float32 计算。"
        ),
    },
    "layer": {EN: "layer", ZH: "层"},
    "but": {EN: "except", ZH: "不支持"},
    "reason": {EN: "reason", ZH: "原因"},
    "not_covered": {EN: "Layers that cannot be graded", ZH: "不能评分的层"},
    "second_path": {
        EN: (
            "A server whose operator has set `ASSAY_KERAS=1` gives layers and options that the "
            "reader does not know to Keras itself, behind the same lock, as far as they carry no "
            "program."
        ),
        ZH: (
            "如果服务器的运维者设置了 `ASSAY_KERAS=1`，读取器不认识的层和选项会交给 Keras 本身，"
            "在同一把锁内运行——携带程序的层除外。"
        ),
    },
    "functions": {EN: "Activation functions", ZH: "激活函数"},
    "operations": {
        EN: "Operations in functional models",
        ZH: "函数式模型中的运算",
    },
    "operations_intro": {
        EN: (
            "`inputs / 127.5 - 1` and other `keras.ops` may stand between layers. An operation "
            "must treat each sample by itself."
        ),
        ZH: "层与层之间可以有 `inputs / 127.5 - 1` 之类的 `keras.ops` 运算。每个样本须各自独立计算。",
    },
}
