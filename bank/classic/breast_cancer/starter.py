# Harmless or not                                             良性还是恶性
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 numbers of shape (30,), the columns of samples.csv
#   in their order and units, and expects the probability of cancer, shape (1,).
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (30,) 的 float32 数值，即 samples.csv 的各列（顺序与单位相同）；
#   输出应为恶性的概率，形状 (1,)。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import pandas as pd


def solution_model():
    rows = pd.read_csv("samples.csv")
    labels = rows.pop("malignant").to_numpy()
    x = rows.to_numpy("float32")
    print(rows.describe().T[["min", "mean", "max"]].to_string())
    print(f"{len(x)} rows; of each class: {pd.Series(labels).value_counts().to_dict()}")

    # TODO: build a model that takes rows, shape (30,), and returns a probability, shape (1,).
    # TODO: compile it, and train it; keep some rows back to see how good it is.
    # TODO：搭建一个模型，输入一行数据（形状 (30,)），输出概率（形状 (1,)）。
    # TODO：编译并训练模型；留出一部分数据来检验效果。
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
