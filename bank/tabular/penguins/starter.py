# Three teams and the penguins                                           三支考察队与企鹅
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model what encode() of encoder.py returns: "measurements", float32 of
#   shape (4,); "island" and "team", int32 of shape (1,). It expects the probabilities of the six
#   kinds in the order of codes.json, shape (6,).
# - Keep the name solution_model(), the file name mymodel.h5 and the names of the three inputs.
#   Do not change encoder.py.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入即 encoder.py 的 encode() 的返回值："measurements" 为形状 (4,) 的 float32，
#   "island" 和 "team" 为形状 (1,) 的 int32。输出应为六类的概率，顺序同 codes.json，形状 (6,)。
# - 请保留函数名 solution_model()、文件名 mymodel.h5 和三个输入的名称，不要改动 encoder.py。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import keras
import pandas as pd
from encoder import encode, encode_kinds, load_codes


def solution_model():
    penguins = pd.read_csv("penguins.csv")
    x = encode(penguins)  # a dictionary of three arrays
    y = encode_kinds(penguins["kind"])  # int32, shape (number of penguins,)
    print(penguins.groupby("team").median(numeric_only=True).to_string())
    print(f"{len(y)} penguins; missing: {penguins.isna().sum().sum()} measurements")
    print(f"The kinds: {load_codes()['kind']}")
    first = {name: values[0].tolist() for name, values in x.items()}
    print(f"The first penguin: {first}, its kind: {y[0]}")

    inputs = {
        "measurements": keras.Input((4,), name="measurements"),
        "island": keras.Input((1,), dtype="int32", name="island"),
        "team": keras.Input((1,), dtype="int32", name="team"),
    }
    print(f"The model's inputs: {[(i.name, i.dtype, i.shape) for i in inputs.values()]}")

    # TODO: from these inputs, build a model that returns the six probabilities, shape (6,):
    #       keras.Model(inputs, ...). The codes are names, not quantities, and -1 is no length.
    # TODO: compile it, and train it; keep some penguins back to see how good it is.
    # TODO：用这些输入搭建一个模型，输出六个概率（形状 (6,)）：keras.Model(inputs, ...)。
    #       编号只是名称，不是数量；-1 也不是长度。
    # TODO：编译并训练模型；留出一部分企鹅来检验效果。
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
