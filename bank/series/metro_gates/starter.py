# The gates of the metro                                                       地铁闸机
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 windows of shape (336, 1): passengers per hour in 14 days,
#   oldest first, and expects the passengers of the 24 hours that follow, shape (24,).
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (336, 1) 的 float32 窗口，即 14 天内每小时的客流人数，由旧到新；
#   输出应为随后 24 小时每小时的客流人数，形状 (24,)。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import pandas as pd


def solution_model():
    gates = pd.read_csv("gates.csv", index_col="hour")
    print(f"{gates.shape[1]} gates, {len(gates)} hours")

    # TODO: cut every gate's passengers into windows, shape (n, 336, 1),
    #       and the hours that follow each of them, shape (n, 24).
    # TODO: build a model that takes windows, shape (336, 1), and returns 24 hours, shape (24,).
    # TODO: compile it, and train it.
    # TODO：把每处闸机的序列切成窗口（形状 (n, 336, 1)）以及每个窗口之后的 24 小时（形状 (n, 24)）。
    # TODO：搭建一个模型，输入窗口（形状 (336, 1)），输出 24 小时的客流（形状 (24,)）。
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
