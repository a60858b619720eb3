"""The skill checklist: what a certified developer can do.

The identifiers are stable: items, plans and diagnoses refer to them. A skill is
never renamed; one that is no longer asked stays, so that old records can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assay.messages import Language


@dataclass(frozen=True, kw_only=True)
class Skill:
    """One line of the checklist."""

    id: str  # `group.name`, stable
    en: str
    zh_cn: str

    @property
    def group(self) -> str:
        """The part of the checklist that the skill belongs to, a key of `GROUPS`."""
        return self.id.split(".")[0]

    def title(self, language: Language) -> str:
        """Return what the skill is called in `language`."""
        return {Language.ENGLISH: self.en, Language.CHINESE: self.zh_cn}[language]


def _checklist(*lines: tuple[str, str, str]) -> Mapping[str, Skill]:
    skills = [Skill(id=id_, en=en, zh_cn=zh_cn) for id_, en, zh_cn in lines]
    return MappingProxyType({skill.id: skill for skill in skills})


# The five parts of the checklist, in its order.
GROUPS: Mapping[str, Skill] = _checklist(
    ("developer", "Developer skills", "开发者技能"),
    ("building", "Building and training models", "构建与训练模型"),
    ("images", "Image classification", "图像分类"),
    ("text", "Natural language processing", "自然语言处理"),
    ("series", "Time series, sequences and predictions", "时间序列与预测"),
)

SKILLS: Mapping[str, Skill] = _checklist(
    # Developer skills
    ("developer.python", "Write programs in Python", "用 Python 编写程序"),
    (
        "developer.debugging",
        "Run, debug and repair a Python program in an IDE",
        "在 IDE 中运行、调试和修复 Python 程序",
    ),
    (
        "developer.references",
        "Find API guides and references",
        "查找 API 指南与参考文档",
    ),
    (
        "developer.errors",
        "Understand and resolve the framework's error messages",
        "看懂并解决框架的报错",
    ),
    (
        "developer.search",
        "Search for answers beyond the official site",
        "在官方网站之外查找解决办法",
    ),
    (
        "developer.model_size",
        "Build models of a reasonable size",
        "构建大小合理的模型",
    ),
    (
        "developer.saving",
        "Save a model and check the size of its file",
        "保存模型并检查文件大小",
    ),
    (
        "developer.versions",
        "Know what differs between versions of the framework",
        "了解框架不同版本之间的不兼容之处",
    ),
    # Building and training models
    ("building.framework", "Use TensorFlow 2 and Keras", "使用 TensorFlow 2 与 Keras"),
    (
        "building.training",
        "Build, compile and train a model",
        "构建、编译和训练模型",
    ),
    (
        "building.preprocessing",
        "Preprocess data for a model",
        "为模型预处理数据",
    ),
    ("building.predicting", "Predict with a model", "用模型做预测"),
    (
        "building.sequential",
        "Build sequential models of several layers",
        "构建多层的顺序模型",
    ),
    (
        "building.binary_classification",
        "Build models for binary classification",
        "构建二分类模型",
    ),
    (
        "building.multiclass_classification",
        "Build models for several classes",
        "构建多分类模型",
    ),
    (
        "building.plotting",
        "Plot loss and accuracy of a training",
        "绘制训练过程的损失与准确率曲线",
    ),
    (
        "building.overfitting",
        "Recognise and prevent overfitting (augmentation, dropout)",
        "识别并防止过拟合（数据增强、Dropout）",
    ),
    (
        "building.transfer_learning",
        "Use pretrained models: transfer learning",
        "使用预训练模型做迁移学习",
    ),
    (
        "building.pretrained_features",
        "Extract features with a pretrained model",
        "用预训练模型提取特征",
    ),
    (
        "building.input_shape",
        "Give a model the right input shape",
        "为模型设定正确的输入形状",
    ),
    (
        "building.test_data_shape",
        "Bring test data into the shape of a model's input",
        "让测试数据的形状与模型输入一致",
    ),
    (
        "building.output_shape",
        "Give a model the output shape that was specified",
        "让模型输出符合规定的形状",
    ),
    ("building.batches", "Load data in batches", "分批加载数据"),
    (
        "building.callbacks",
        "Use callbacks, such as one that ends a training",
        "使用回调，例如用回调结束训练",
    ),
    (
        "building.data_sources",
        "Use data sets from different sources",
        "使用不同来源的数据集",
    ),
    (
        "building.formats",
        "Use data in different formats, JSON and CSV among them",
        "使用 JSON、CSV 等不同格式的数据",
    ),
    ("building.tf_data", "Use tf.data", "使用 tf.data"),
    # Image classification
    (
        "images.convolutions",
        "Build convolutional networks with Conv2D and pooling",
        "用 Conv2D 与池化层构建卷积神经网络",
    ),
    (
        "images.real_world",
        "Work with real-world sets of images",
        "处理真实世界的图像数据集",
    ),
    (
        "images.improving",
        "Use convolutions to improve a network",
        "用卷积改进神经网络",
    ),
    (
        "images.sizes",
        "Use images of different shapes and sizes",
        "使用不同形状与尺寸的图像",
    ),
    ("images.augmentation", "Use image augmentation", "使用图像数据增强"),
    (
        "images.folder_labels",
        "Load images whose labels are the names of their folders",
        "按文件夹名给图像加标签并加载",
    ),
    # Natural language processing
    (
        "text.processing",
        "Build systems that process natural language",
        "构建处理自然语言的系统",
    ),
    ("text.preparing", "Prepare text for a model", "为模型准备文本数据"),
    (
        "text.binary_classification",
        "Sort texts into two classes",
        "文本二分类",
    ),
    (
        "text.multiclass_classification",
        "Sort texts into several classes",
        "文本多分类",
    ),
    ("text.embeddings", "Use word embeddings", "使用词嵌入"),
    (
        "text.lstm",
        "Classify text with an LSTM",
        "用 LSTM 对文本分类",
    ),
    ("text.recurrent", "Add RNN and GRU layers to a model", "在模型中加入 RNN 与 GRU 层"),
    (
        "text.architectures",
        "Use RNNs, LSTMs, GRUs and CNNs on text",
        "用 RNN、LSTM、GRU 与 CNN 处理文本",
    ),
    (
        "text.generation",
        "Train an LSTM to generate text",
        "训练 LSTM 生成文本",
    ),
    # Time series
    (
        "series.models",
        "Train, tune and use models of time series and sequences",
        "训练、调优和使用时间序列与序列模型",
    ),
    (
        "series.univariate_and_multivariate",
        "Handle series of one and of several variables",
        "处理单变量与多变量序列",
    ),
    ("series.preparing", "Prepare series for a model", "为模型准备时间序列数据"),
    (
        "series.mae",
        "Understand the mean absolute error as a measure of a forecast",
        "理解平均绝对误差（MAE）及其在预测评估中的用途",
    ),
    (
        "series.recurrent_and_convolutional",
        "Use RNNs and CNNs on series",
        "用 RNN 与 CNN 处理时间序列",
    ),
    (
        "series.windows",
        "Know when to use trailing and when centred windows",
        "知道何时用滞后窗口、何时用居中窗口",
    ),
    ("series.forecasting", "Forecast with a model", "用模型做预测"),
    (
        "series.features_and_labels",
        "Cut a series into features and labels",
        "把序列切成特征与标签",
    ),
    (
        "series.sequence_bias",
        "Identify and compensate sequence bias",
        "识别并消除序列偏差",
    ),
    (
        "series.learning_rate",
        "Adjust the learning rate while training",
        "在训练中动态调整学习率",
    ),
)
