# Spots on twelve suns                                                     十二个太阳的黑子
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 windows of shape (30, 1), in spot numbers, oldest year
#   first, and expects the year that follows, shape (1,), in spot numbers.
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (30, 1) 的 float32 窗口，数值为黑子数，由旧到新；
#   输出应为随后一年的黑子数，形状 (1,)。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import pandas as pd


def solution_model():
    suns = pd.read_csv("suns.csv", index_col="year")
    print(f"{suns.shape[1]} suns, {len(suns)} years")
    print(f"Most spots in a year: {suns.max().max():.0f}")

    # TODO: cut every sun's record into windows, shape (n, 30, 1),
    #       and the year that follows each of them, shape (n, 1).
    # TODO: build a model that takes windows, shape (30, 1), and returns a year, shape (1,).
    # TODO: compile it, and train it.
    # TODO：把每颗恒星的序列切成窗口（形状 (n, 30, 1)）以及每个窗口之后的一年（形状 (n, 1)）。
    # TODO：搭建一个模型，输入窗口（形状 (30, 1)），输出一年的值（形状 (1,)）。
    # TODO：编译并训练模型。
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
