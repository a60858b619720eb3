# Ten shelves                                                           十个货架
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 pictures of shape (28, 28), from 0 to 255,
#   and expects ten probabilities, shape (10,).
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (28, 28) 的 float32 图片，取值 0 到 255；
#   输出应为十个概率，形状 (10,)。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import numpy as np


def solution_model():
    train = np.load("train.npz")
    images, labels = train["images"].astype("float32"), train["shelves"]
    print(f"images {images.shape}, from {images.min():g} to {images.max():g}")
    print(f"shelves: {np.bincount(labels)} of each")

    # TODO: build a model that takes pictures, shape (28, 28), and returns probabilities, (10,).
    # TODO: compile it, and train it; keep some pictures back to see how good it is.
    # TODO：搭建一个模型，输入图片（形状 (28, 28)），输出概率（形状 (10,)）。
    # TODO：编译并训练模型；留出一部分图片来检验效果。
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
