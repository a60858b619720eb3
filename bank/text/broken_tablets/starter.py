# Broken tablets                                                              残缺的泥板
#
# Rules
# - The task is described in task.en.md.
# - The grader gives your model int32 ids of shape (40,): 40 consecutive signs, by encode()
#   of tokenizer.py. It expects the probabilities of the next sign, shape (22,), in the order
#   of vocabulary.json.
# - Keep the name solution_model() and the file name mymodel.h5. Do not change tokenizer.py.
# - Everything else is yours to change: layers, training, how you use tablets.txt.
#
# 规则
# - 题目说明见 task.zh-CN.md。
# - 评分时，输入为形状 (40,) 的 int32 编号，即 40 个连续的符号，由 tokenizer.py 的 encode() 生成；
#   输出应为下一个符号的概率，形状 (22,)，顺序与 vocabulary.json 一致。
# - 请保留函数名 solution_model() 和文件名 mymodel.h5，不要改动 tokenizer.py。
# - 其余部分都可以自由修改：网络层、训练方式、tablets.txt 的用法。

from pathlib import Path

from tokenizer import encode, load_vocabulary


def solution_model():
    tablets = Path("tablets.txt").read_text(encoding="utf-8").splitlines()
    ids = [encode(tablet) for tablet in tablets]  # int32, each of its own length

    print(f"{len(tablets)} tablets with {sum(map(len, tablets))} signs")
    print(f"The vocabulary has {len(load_vocabulary())} signs.")
    print(f"The first tablet begins: {tablets[0][:60]}")
    print(f"Its ids: {ids[0][:60]}")

    # TODO: cut every tablet into windows of 40 signs, and the sign that follows each of them.
    # TODO: build a model that takes windows, shape (40,), and returns 22 probabilities.
    # TODO: compile it, train it, and see how it does on tablets that you have set aside.
    # TODO：把每块泥板切成 40 个符号的窗口，并取出每个窗口之后的那个符号。
    # TODO：搭建一个模型，输入窗口（形状 (40,)），输出 22 个概率。
    # TODO：编译并训练模型，看看它在你留出的泥板上表现如何。
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
