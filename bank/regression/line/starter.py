# Six marks on a line                                                       直线上的六个点
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 numbers of shape (1,), x as in pairs.csv,
#   and expects numbers of shape (1,), y in the unit of pairs.csv.
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (1,) 的 float32 数值，即 pairs.csv 中的 x；
#   输出应为形状 (1,) 的数值，即以 pairs.csv 的单位表示的 y。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import numpy as np


def solution_model():
    pairs = np.loadtxt("pairs.csv", delimiter=",", skiprows=1, dtype="float32")
    x, y = pairs[:, :1], pairs[:, 1:]
    for a, b in zip(x[:, 0], y[:, 0], strict=True):
        print(f"x = {a:g}   y = {b:g}")

    # TODO: build a model that takes x, shape (1,), and returns y, shape (1,).
    # TODO: compile it, and train it on x and y.
    # TODO：搭建一个模型，输入 x（形状 (1,)），输出 y（形状 (1,)）。
    # TODO：编译模型，并用 x 和 y 训练它。
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
