# Which line comes first?                                                  上句还是下句？
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model int32 ids of shape (20,), made by encode() of tokenizer.py,
#   and expects one probability, shape (1,): that the lines have changed places.
# - Keep the name solution_model() and the file name mymodel.h5. Do not change tokenizer.py.
# - Everything else is yours to change: layers, training, how you use train.csv.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (20,) 的 int32 编号，由 tokenizer.py 的 encode() 生成；
#   输出应为一个概率，形状 (1,)，即上下句写颠倒了的概率。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5，不要改动 tokenizer.py。
# - 其余部分都可以自由修改：网络层、训练方式、train.csv 的用法。

import pandas as pd
from tokenizer import encode, load_vocabulary


def solution_model():
    train = pd.read_csv("train.csv")

    x = encode(train["text"].tolist())  # int32, shape (number of cards, 20)
    y = train["swapped"].to_numpy()  # 1: the lines have changed places, 0: not
    poem = train["poem"].to_numpy()  # the poem that the card is from
    print(f"{len(x)} cards of {poem.max() + 1} poems, {y.mean():.0%} of them swapped")
    print(f"The vocabulary has {len(load_vocabulary())} tokens.")
    print(f"The first card: {train['text'][0]}")
    print(f"Its ids: {x[0]}, its label: {y[0]}")

    # TODO: set some poems aside for validation; cards of one poem belong together.
    # TODO: build a model that takes ids of shape (20,) and returns one probability, shape (1,).
    # TODO: compile it, train it, and see how it does on the poems set aside.
    # TODO：留出一部分诗作验证；同一首诗的卡片不要拆到两边。
    # TODO：搭建一个模型，输入形状为 (20,) 的编号，输出一个概率，形状 (1,)。
    # TODO：编译并训练模型，看看它在留出的诗上表现如何。
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
