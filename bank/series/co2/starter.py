# The breath of the Earth                                                    地球的呼吸
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 windows of shape (78, 1), in ppm, oldest week first,
#   and expects the 13 weeks that follow, shape (13,), in ppm.
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (78, 1) 的 float32 窗口，单位 ppm，由旧到新；
#   输出应为随后 13 周的浓度，形状 (13,)，单位 ppm。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import pandas as pd


def solution_model():
    stations = pd.read_csv("stations.csv", index_col="week")
    print(f"{stations.shape[1]} stations, {len(stations)} weeks")
    print(f"Missing entries: {stations.isna().sum().sum()}")

    # TODO: fill the gaps.
    # TODO: cut every station into windows, shape (n, 78, 1),
    #       and the weeks that follow each of them, shape (n, 13).
    # TODO: build a model that takes windows, shape (78, 1), and returns 13 weeks, shape (13,).
    # TODO: compile it, and train it.
    # TODO：补齐缺失值。
    # TODO：把每个站的序列切成窗口（形状 (n, 78, 1)）以及每个窗口之后的各周（形状 (n, 13)）。
    # TODO：搭建一个模型，输入窗口（形状 (78, 1)），输出 13 周的值（形状 (13,)）。
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
