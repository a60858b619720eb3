# Are they serious?                                                      这是正经新闻吗？
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model int32 ids of shape (120,), made by encode() of tokenizer.py,
#   and expects one probability, shape (1,): that the headline is sarcastic.
# - Keep the name solution_model() and the file name mymodel.h5. Do not change tokenizer.py.
# - Everything else is yours to change: layers, training, how you use train.json.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (120,) 的 int32 编号，由 tokenizer.py 的 encode() 生成；
#   输出应为一个概率，形状 (1,)，即标题出自讽刺报纸的概率。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5，不要改动 tokenizer.py。
# - 其余部分都可以自由修改：网络层、训练方式、train.json 的用法。

import json
from pathlib import Path

import numpy as np
from tokenizer import encode, load_vocabulary


def solution_model():
    records = json.loads(Path("train.json").read_text(encoding="utf-8"))

    # int32, shape (number of headlines, 120); 1: sarcastic, 0: not
    x = encode([record["headline"] for record in records])
    y = np.array([record["is_sarcastic"] for record in records])
    print(f"{len(x)} headlines, {y.mean():.0%} of them sarcastic")
    print(f"The vocabulary has {len(load_vocabulary())} tokens.")
    print(f"The first headline: {records[0]['headline']!r}")
    print(f"Its ids: {x[0]}, its label: {y[0]}")

    # TODO: set some headlines aside for validation.
    # TODO: build a model that takes ids of shape (120,) and returns one probability, shape (1,).
    # TODO: compile it, train it, and see how it does on the headlines set aside.
    # TODO：留出一部分标题作验证。
    # TODO：搭建一个模型，输入形状为 (120,) 的编号，输出一个概率，形状 (1,)。
    # TODO：编译并训练模型，看看它在留出的标题上表现如何。
    model = None

    return model


if __name__ == "__main__":
    model = solution_model()
    if model is None:
        print("There is no model yet: fill in the TODOs of solution_model(), then run this again.")
        print("还没有模型：请完成 solution_model() 中的 TODO，然后重新运行。")
    else:
        model.save("mymodel.h5")
        print("Saved mymodel.h5. Submit it to see its points.")
        print("已保存 mymodel.h5，提交后即可看到得分。")
