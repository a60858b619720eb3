# Above the line                                                            五万美元线
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model what encode() of encoder.py returns: "numbers", float32 of shape
#   (5,); "workclass", "education", "marital_status" and "occupation", int32 of shape (1,).
#   It expects the probability that the person earns above 50,000 dollars, shape (1,).
# - Keep the name solution_model(), the file name mymodel.h5 and the names of the five inputs.
#   Do not change encoder.py.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入即 encoder.py 的 encode() 的返回值："numbers" 为形状 (5,) 的 float32，
#   "workclass"、"education"、"marital_status"、"occupation" 均为形状 (1,) 的 int32。
#   输出应为此人年收入超过五万美元的概率，形状 (1,)。
# - 请保留函数名 solution_model()、文件名 mymodel.h5 和五个输入的名称，不要改动 encoder.py。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import keras
import pandas as pd
from encoder import CATEGORIES, encode, load_codes


def solution_model():
    people = pd.read_csv("people.csv")
    x = encode(people)  # a dictionary of five arrays
    y = people["above"].to_numpy()  # 1: above the line, 0: below
    print(people.describe().T[["count", "min", "50%", "max"]].to_string())
    first = {name: values[0].tolist() for name, values in x.items()}
    print(f"The first person: {first}, above the line: {y[0]}")
    sizes = {name: len(names) for name, names in load_codes().items()}
    print(f"Codes of each category: {sizes}")
    print(f"{len(y)} people, {y.sum()} of them above the line; half of the hidden ones are.")

    inputs = {"numbers": keras.Input((5,), name="numbers")}
    for name in CATEGORIES:
        inputs[name] = keras.Input((1,), dtype="int32", name=name)
    print(f"The model's inputs: {[(i.name, i.dtype, i.shape) for i in inputs.values()]}")

    # TODO: from these inputs, build a model that returns one probability, shape (1,):
    #       keras.Model(inputs, ...). The codes are names, not quantities.
    # TODO: compile it, and train it; keep some people back, and look at both classes.
    # TODO：用这些输入搭建一个模型，输出一个概率（形状 (1,)）：keras.Model(inputs, ...)。
    #       编号只是名称，不是数量。
    # TODO：编译并训练模型；留出一部分人来检验效果，两类都要看。
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
