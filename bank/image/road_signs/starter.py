# Road signs of a small country                                                  小国路牌
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 photographs of shape (32, 32, 3), values 0 to 255,
#   and expects probabilities of shape (10,), in the order of the labels.
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (32, 32, 3) 的 float32 照片，取值 0 到 255；
#   输出应为形状 (10,) 的概率，按标签顺序排列。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import numpy as np


def solution_model():
    with np.load("train.npz") as train:
        images, labels = train["images"], train["labels"]
    print(f"{len(images)} photographs of shape {images.shape[1:]}, {images.dtype}")
    print(f"Photographs of each sign: {np.bincount(labels)}")

    # TODO: set some photographs aside for validation.
    # TODO: build a model that takes photographs, shape (32, 32, 3), values 0 to 255,
    #       and returns 10 probabilities.
    # TODO: compile it, train it, and see how it does on the photographs set aside.
    # TODO：留出一部分照片作验证。
    # TODO：搭建一个模型，输入照片（形状 (32, 32, 3)，取值 0 到 255），输出 10 个概率。
    # TODO：编译并训练模型，看看它在留出的照片上表现如何。
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
