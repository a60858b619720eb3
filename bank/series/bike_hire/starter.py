# A bike tomorrow                                                         明天还有单车吗
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model two inputs, float32: "past" of shape (168, 8), a week of hires and
#   conditions, oldest hour first; and "ahead" of shape (24, 7), the conditions of the 24 hours that
#   follow. It expects the hires of these 24 hours, shape (24,).
# - Keep the name solution_model(), the file name mymodel.h5 and the names of the two inputs.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时有两个 float32 输入："past" 形状为 (168, 8)，是一周的租车量与各项条件，由旧到新；
#   "ahead" 形状为 (24, 7)，是随后 24 小时的各项条件。输出应为这 24 小时的租车量，形状 (24,)。
# - 请保留函数名 solution_model()、文件名 mymodel.h5 和两个输入的名称。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import keras
import pandas as pd


def solution_model():
    table = pd.read_csv("hires.csv", index_col="time")
    districts = [name for name in table if name.startswith("district_")]
    conditions = [name for name in table if name not in districts]
    print(table.describe().T[["min", "50%", "max"]].to_string())
    print(f"{len(table)} hours, {len(districts)} districts")
    print(f"The conditions, in their order: {conditions}")

    past = keras.Input((168, 1 + len(conditions)), name="past")
    ahead = keras.Input((24, len(conditions)), name="ahead")
    print(f"The model's inputs: {[(i.name, i.dtype, i.shape) for i in (past, ahead)]}")

    # TODO: cut every district into windows: its hires and the conditions of 168 hours, shape
    #       (n, 168, 8); the conditions of the 24 hours that follow, shape (n, 24, 7); and the hires
    #       of these 24 hours, shape (n, 24). Neighbours are nearly the same: every seventh will do.
    # TODO: from the two inputs, build a model that returns 24 numbers, shape (24,):
    #       keras.Model({"past": past, "ahead": ahead}, ...).
    # TODO: compile it, and train it.
    # TODO：把每个城区切成窗口：168 小时的租车量与条件（形状 (n, 168, 8)）、
    #       随后 24 小时的条件（形状 (n, 24, 7)）和租车量（形状 (n, 24)）。
    #       相邻的窗口几乎一样，每隔七小时取一个就够了。
    # TODO：用这两个输入搭建一个模型，输出 24 个数（形状 (24,)）：
    #       keras.Model({"past": past, "ahead": ahead}, ...)。
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
