# The gatehouse                                                                   传达室
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model int32 ids of shape (64,), made by encode() of tokenizer.py,
#   and expects probabilities of shape (6,), in the order of people.json.
# - Keep the name solution_model() and the file name mymodel.h5. Do not change tokenizer.py.
# - Everything else is yours to change: layers, training, how you use train.csv.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (64,) 的 int32 编号，由 tokenizer.py 的 encode() 生成；
#   输出应为形状 (6,) 的概率，顺序与 people.json 一致。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5，不要改动 tokenizer.py。
# - 其余部分都可以自由修改：网络层、训练方式、train.csv 的用法。

import json
from pathlib import Path

import numpy as np
import pandas as pd
from tokenizer import encode, load_vocabulary


def solution_model():
    people = json.loads(Path("people.json").read_text(encoding="utf-8"))
    train = pd.read_csv("train.csv")

    x = encode(train["text"].tolist())  # int32, shape (number of notes, 64)
    y = np.array([people.index(person) for person in train["holder"]])  # 0 to 5
    print(f"{len(x)} notes about {len(people)} people: {', '.join(people)}")
    print(f"The vocabulary has {len(load_vocabulary())} tokens.")
    print(f"The first note: {train['text'][0]}")
    print(f"Its ids: {x[0]}, its label: {y[0]}")

    # TODO: set some notes aside for validation.
    # TODO: build a model that takes ids of shape (64,) and returns 6 probabilities.
    # TODO: compile it, train it, and see how it does on the notes set aside.
    # TODO：留出一部分便条作验证。
    # TODO：搭建一个模型，输入形状为 (64,) 的编号，输出 6 个概率。
    # TODO：编译并训练模型，看看它在留出的便条上表现如何。
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
