# Unwanted messages                                                             垃圾短信
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model int32 ids of shape (48,), made by encode() of tokenizer.py,
#   and expects one probability, shape (1,): that the message is spam.
# - Keep the name solution_model() and the file name mymodel.h5. Do not change tokenizer.py.
# - Everything else is yours to change: layers, training, how you use train.csv.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (48,) 的 int32 编号，由 tokenizer.py 的 encode() 生成；
#   输出应为一个概率，形状 (1,)，即短信为垃圾短信的概率。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5，不要改动 tokenizer.py。
# - 其余部分都可以自由修改：网络层、训练方式、train.csv 的用法。

import pandas as pd
from tokenizer import encode, load_vocabulary


def solution_model():
    # A message may be "nan" or empty: it stays a text.
    train = pd.read_csv("train.csv", keep_default_na=False)

    x = encode(train["text"].tolist())  # int32, shape (number of messages, 48)
    y = train["spam"].to_numpy()  # 1: spam, 0: not
    print(f"{len(x)} messages, {y.sum()} of them spam")
    print(f"The vocabulary has {len(load_vocabulary())} tokens.")
    print(f"The first message: {train['text'][0]!r}")
    print(f"Its ids: {x[0]}, its label: {y[0]}")

    # TODO: set some messages aside for validation.
    # TODO: build a model that takes ids of shape (48,) and returns one probability, shape (1,).
    # TODO: compile it, train it, and see which messages it gets wrong.
    # TODO：留出一部分短信作验证。
    # TODO：搭建一个模型，输入形状为 (48,) 的编号，输出一个概率，形状 (1,)。
    # TODO：编译并训练模型，看看它错在哪些短信上。
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
