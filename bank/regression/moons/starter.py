# The moons of another universe                                        另一个宇宙的卫星
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 numbers of shape (3,): distance in m, mass in kg,
#   stretch, as in moons.csv, and expects the base-10 logarithm of the period in days, shape (1,).
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (3,) 的 float32 数值：距离（米）、质量（千克）、轨道有多扁，与 moons.csv 相同；
#   输出应为周期（天）的常用对数，形状 (1,)。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import numpy as np
import pandas as pd


def solution_model():
    moons = pd.read_csv("moons.csv", dtype="float32")
    y = np.log10(moons.pop("period").to_numpy())[:, np.newaxis]
    x = moons.to_numpy()
    for name, column in zip(moons.columns, x.T, strict=True):
        print(f"{name}: {column.min():.3g} to {column.max():.3g}")
    print(f"log10(period): {y.min():.2f} to {y.max():.2f}")

    # TODO: build a model that takes moons, shape (3,), and returns log10(period), shape (1,).
    # TODO: compile it, and train it on x and y.
    # TODO：搭建一个模型，输入卫星数据（形状 (3,)），输出 log10(周期)（形状 (1,)）。
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
