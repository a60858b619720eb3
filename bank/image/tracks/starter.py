# Whose feet were here?                                                        谁从这里走过
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model float32 pictures of shape (64, 64, 3), values 0 to 255, stretched
#   as keras.utils.image_dataset_from_directory does with image_size=(64, 64), and expects
#   probabilities of shape (4,), in the alphabetical order of the folders.
# - Keep the name solution_model() and the file name mymodel.h5.
# - Everything else is yours to change: layers, training, preprocessing inside the model.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (64, 64, 3) 的 float32 照片，取值 0 到 255，缩放方式与
#   keras.utils.image_dataset_from_directory 设 image_size=(64, 64) 时相同；
#   输出应为形状 (4,) 的概率，按文件夹名的字母顺序排列。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5。
# - 其余部分都可以自由修改：网络层、训练方式、模型内部的预处理。

import zipfile
from pathlib import Path


def solution_model():
    with zipfile.ZipFile("pictures.zip") as pictures:
        pictures.extractall()
    for folder in sorted(Path("pictures").iterdir()):
        print(f"{folder.name}: {len(list(folder.glob('*.jpg')))} pictures")

    # TODO: read the pictures from their folders, and set some aside for validation.
    # TODO: build a model that takes pictures, shape (64, 64, 3), values 0 to 255,
    #       and returns 4 probabilities.
    # TODO: compile it, train it, and see how it does on the pictures set aside.
    # TODO：从文件夹读入照片，留出一部分作验证。
    # TODO：搭建一个模型，输入照片（形状 (64, 64, 3)，取值 0 到 255），输出 4 个概率。
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
