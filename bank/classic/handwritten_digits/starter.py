# Digits under the postmark                                                邮戳下的数字
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 pictures of shape (28, 28), 0 to 255,
#   and expects 10 probabilities, of the digits 0 to 9.
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (28, 28) 的 float32 图像，取值 0 到 255；
#   输出应为 10 个概率，依次对应数字 0 到 9。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import numpy as np


def solution_model():
    train = np.load("train.npz")
    images, digits = train["images"].astype("float32"), train["digits"]
    print(
        f"{len(images)} pictures of shape {images.shape[1:]}, digits {sorted(set(digits.tolist()))}"
    )

    # TODO: build a model that takes pictures, shape (28, 28), and returns 10 probabilities.
    # TODO: compile it, and train it on images and digits.
    # TODO：搭建一个模型，输入图像（形状 (28, 28)），输出 10 个概率。
    # TODO：编译模型，并用 images 和 digits 训练它。
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
