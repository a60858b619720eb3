# What it takes to keep warm                                               取暖要用多少
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 numbers of shape (8,), the columns of houses.csv in
#   their order and units, -1 where a value is unknown, and expects the demand, shape (1,).
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (8,) 的 float32 数值，即 houses.csv 的各列（顺序与单位相同，
#   未知处为 -1）；输出应为供暖需求，形状 (1,)。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import pandas as pd


def solution_model():
    houses = pd.read_csv("houses.csv", dtype="float32")
    demand = houses.pop("demand")
    print(houses.describe().round(2).to_string())
    print(
        f"Unknown values: {(houses == -1).to_numpy().sum()}; demand {demand.mean():.0f} on average"
    )

    # TODO: build a model that takes a house, shape (8,), and returns its demand, shape (1,).
    # TODO: compile it, and train it; keep some houses back to see how good it is.
    # TODO：搭建一个模型，输入一栋房子（形状 (8,)），输出它的需求（形状 (1,)）。
    # TODO：编译并训练模型；留出一部分房子来检验效果。
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
