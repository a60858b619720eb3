# Which language is it?                                                  这是哪种语言？
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model int32 ids of shape (48,), made by encode() of tokenizer.py,
#   and expects probabilities of shape (6,), in the order of languages.json.
# - Keep the name solution_model() and the file name mymodel.h5. Do not change tokenizer.py.
# - Everything else is yours to change: layers, training, how you use train.csv.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (48,) 的 int32 编号，由 tokenizer.py 的 encode() 生成；
#   输出应为形状 (6,) 的概率，顺序与 languages.json 一致。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5，不要改动 tokenizer.py。
# - 其余部分都可以自由修改：网络层、训练方式、train.csv 的用法。

import json
from pathlib import Path

import numpy as np
import pandas as pd
from tokenizer import encode, load_vocabulary


def solution_model():
    languages = json.loads(Path("languages.json").read_text(encoding="utf-8"))
    index = {language["code"]: language["index"] for language in languages}
    train = pd.read_csv("train.csv")

    x = encode(train["text"].tolist())  # int32, shape (number of snippets, 48)
    y = np.array([index[code] for code in train["language"]])  # 0 to 5
    message = train["message"].to_numpy()  # the message that the snippet was cut from
    print(f"{len(x)} snippets of {message.max() + 1} messages, in {len(index)} languages")
    print(f"The vocabulary has {len(load_vocabulary())} tokens.")
    print(f"The first snippet: {train['text'][0]!r}")
    print(f"Its ids: {x[0]}, its language: {y[0]}")

    # TODO: set some messages aside for validation; snippets of one message belong together.
    # TODO: build a model that takes ids of shape (48,) and returns 6 probabilities.
    # TODO: compile it, train it, and see how it does on the messages set aside.
    # TODO：留出一部分消息作验证；同一条消息的片段不要拆到两边。
    # TODO：搭建一个模型，输入形状为 (48,) 的编号，输出 6 个概率。
    # TODO：编译并训练模型，看看它在留出的消息上表现如何。
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
