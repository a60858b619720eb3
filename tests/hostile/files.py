"""Hostile model files, made here, with benign payloads: a canary to read, a marker to write.

Each is a function that returns the bytes, and says by its decorator how it must
be answered: by the code of a refusal, or like an honest file, because what is
odd about it is never looked at.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import os
import pickle
import stat
import struct
import tempfile
import zipfile

import h5py
import numpy as np
import onnx
from onnx import TensorProto, helper

from assay.grading.modelfile.writing import h5_file, keras_file, layer, sequential

CANARY = f"{tempfile.gettempdir()}/canary-of-a-test-{os.getpid()}"
MARKER = f"{tempfile.gettempdir()}/marker-of-a-test-{os.getpid()}"

FILES = {}


def refused_as(*codes):
    """Add a file that must be refused with one of `codes`."""

    def add(function):
        FILES[function.__name__] = (function, codes)
        return function

    return add


def graded(function):
    """Add a file that is graded as if nothing were odd."""
    FILES[function.__name__] = (function, ())
    return function


def dense(units=1, width=1, name="dense"):
    """Return an honest layer."""
    return layer("Dense", name, units=units)


def line(*layers, shape=(1,)):
    """Return the configuration of a model that ends in an honest layer."""
    return sequential([*layers, dense()], shape)


ARRAYS = {"kernel": [[2.0]], "bias": [1.0]}


def good_h5(config=None):
    """Return an honest file, or one with another configuration."""
    return h5_file(config or line(), {"dense": ARRAYS})


def good_keras(config=None):
    """Return an honest archive, or one with another configuration."""
    return keras_file(config or line(), {"layers/dense": list(ARRAYS.values())})


def write_the_marker(x):
    """Run, if bytecode from a file ever were."""
    import pathlib  # noqa: PLC0415

    pathlib.Path(MARKER).write_text("ran")
    return x


BYTECODE = base64.b64encode(marshal.dumps(write_the_marker.__code__)).decode()
LAMBDA_2 = [BYTECODE, None, None]  # as Keras 2 saves it
LAMBDA_3 = {  # as Keras 3 saves it
    "class_name": "__lambda__",
    "config": {"code": BYTECODE, "defaults": None, "closure": None},
}


# Code in the configuration


@refused_as("lambda_layer")
def lambda_of_keras_2():
    lambda_ = layer("Lambda", "times_400", function=LAMBDA_2, function_type="lambda")
    return good_h5(line(lambda_))


@refused_as("lambda_layer")
def lambda_of_keras_3():
    return good_keras(line(layer("Lambda", "times_400", function=LAMBDA_3)))


@refused_as("lambda_layer")
def lambda_by_the_name_of_a_function():
    by_name = layer("Lambda", "system", function="system", function_type="function", module="os")
    return good_h5(line(by_name))


@refused_as("lambda_layer")
def lambda_in_a_nested_model():
    nested = {
        "class_name": "Sequential",
        "config": line(layer("Lambda", "deep", function=LAMBDA_2))["config"],
    }
    return good_h5(sequential([nested, dense()], (1,)))


@refused_as("lambda_layer")
def lambda_in_a_wrapper():
    inner = layer("Lambda", "wrapped", function=LAMBDA_2)
    return good_h5(sequential([layer("TimeDistributed", "each", layer=inner), dense()], (3, 1)))


@refused_as("lambda_layer")
def lambda_in_both_directions():
    inner = layer("Lambda", "wrapped", function=LAMBDA_2)
    return good_h5(sequential([layer("Bidirectional", "both", layer=inner), dense()], (3, 1)))


@refused_as("lambda_layer")
def lambda_registered_as_another_package():
    disguised = layer("Lambda", "times_400", function=LAMBDA_3)
    disguised |= {"module": "keras.layers", "registered_name": "Dense"}
    return good_keras(line(disguised))


@refused_as("unknown_function", "custom_layer")
def lambda_as_an_activation():
    return good_keras(sequential([layer("Dense", "dense", units=1, activation=LAMBDA_3)], (1,)))


@refused_as("unknown_function")
def function_of_the_system_as_an_activation():
    system = {
        "module": "os",
        "class_name": "function",
        "config": "system",
        "registered_name": "system",
    }
    return good_keras(sequential([layer("Dense", "dense", units=1, activation=system)], (1,)))


@refused_as("custom_layer")
def module_of_the_system():
    system = layer("system", "command") | {"module": "os", "registered_name": None}
    return good_keras(line(system))


@refused_as("custom_layer")
def dense_from_another_module():
    imposter = dense() | {"module": "subprocess", "registered_name": None}
    return good_keras(sequential([imposter], (1,)))


@refused_as("custom_layer")
def class_of_the_candidates_own():
    own = layer("Evil", "own") | {"module": "evil", "registered_name": "pkg>Evil"}
    return good_keras(line(own))


@refused_as("custom_layer")
def get_file_as_a_layer():
    get_file = layer("get_file", "download", origin="http://127.0.0.1:9/x")
    return good_keras(line(get_file | {"module": "keras.utils", "registered_name": None}))


@refused_as("custom_layer")
def switch_that_turns_safety_off():
    switch = layer("enable_unsafe_deserialization", "switch")
    return good_keras(line(switch | {"module": "keras.config", "registered_name": None}))


@refused_as("custom_layer")
def switch_in_the_place_of_the_model():
    config = {"class_name": "enable_unsafe_deserialization", "module": "keras.config", "config": {}}
    return good_keras(config)


@refused_as("unknown_layer", "custom_layer")
def saved_model_layer():
    return good_keras(line(layer("TFSMLayer", "folder", filepath=CANARY)))


@refused_as("unknown_layer", "custom_layer")
def torch_wrapper():
    return good_keras(line(layer("TorchModuleWrapper", "torch", module=BYTECODE)))


@refused_as("unknown_layer", "custom_layer")
def vocabulary_from_a_path():
    return good_keras(line(layer("StringLookup", "words", vocabulary=CANARY)))


@refused_as("unknown_layer", "custom_layer")
def vocabulary_of_whole_numbers_from_a_path():
    return good_keras(line(layer("IntegerLookup", "numbers", vocabulary="/etc/passwd")))


@refused_as("unknown_layer", "custom_layer")
def vocabulary_of_a_vectorizer_from_a_path():
    return good_keras(line(layer("TextVectorization", "text", vocabulary=CANARY)))


# Files other than HDF5, ZIP and ONNX, and those that only begin like one


class Payload:
    """Writes the marker when it is unpickled."""

    def __reduce__(self):
        return (exec, (f"open({MARKER!r}, 'w').write('ran')",))


@refused_as("pickle_file")
def bare_pickle():
    return pickle.dumps(Payload(), protocol=4)


@refused_as("text_file")
def pickle_of_the_oldest_protocol():
    return pickle.dumps(Payload(), protocol=0)


@refused_as("arrays_only")
def pickle_in_an_array():
    memory = io.BytesIO()
    np.savez(memory, weights=np.array([Payload()], dtype=object))
    return memory.getvalue()


@refused_as("pytorch_file")
def pytorch_archive():
    return zipped({"model/data.pkl": pickle.dumps(Payload()), "model/version": b"3"})


@refused_as("saved_model")
def saved_model_archive():
    return zipped({"saved_model.pb": b"\x08\x01", "variables/variables.index": b""})


@refused_as("text_file")
def program():
    return f"#!/bin/sh\n# this is a program that somebody wrote, and not a model that somebody trained\ntouch {MARKER}\n".encode()


@refused_as("damaged_file")
def head_of_an_hdf5_file():
    return good_h5()[:2000]


@refused_as("damaged_file")
def head_of_an_archive():
    return good_keras()[:3000]


@refused_as("damaged_file", "weights_only", "weights_missing")
def hdf5_file_without_its_indexes():
    return good_h5().replace(b"SNOD", b"GONE")


@refused_as("damaged_file", "weights_only", "weights_missing")
def hdf5_file_without_its_trees():
    return good_h5().replace(b"TREE", b"GONE")


# ZIP


def zipped(members, compression=zipfile.ZIP_STORED):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return memory.getvalue()


def members_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def honest_members():
    return members_of(good_keras())


@refused_as("suspicious_file")
def bomb_in_the_configuration():
    bomb = b'{"a": "' + b" " * 200_000_000 + b'"}'
    return zipped(honest_members() | {"config.json": bomb}, zipfile.ZIP_DEFLATED)


@refused_as("suspicious_file")
def bomb_in_the_metadata():
    bomb = b'{"a": "' + b" " * 200_000_000 + b'"}'
    return zipped(honest_members() | {"metadata.json": bomb}, zipfile.ZIP_DEFLATED)


@refused_as("suspicious_file")
def bomb_that_lies_about_its_size():
    data = bytearray(zipped(honest_members() | {"assets/x": bytes(10**6)}, zipfile.ZIP_DEFLATED))
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"assets/x"))
    struct.pack_into("<I", data, at + 24, 0xFFFFFFF0)
    return bytes(data)


@refused_as("suspicious_file")
def path_that_leads_out():
    return zipped(honest_members() | {"../../../../" + MARKER: b"x"})


@refused_as("suspicious_file")
def absolute_path():
    return zipped(honest_members() | {MARKER: b"x"})


@refused_as("suspicious_file")
def path_of_windows_that_leads_out():
    return zipped(honest_members() | {"assets\\..\\..\\marker": b"x"})


@refused_as("suspicious_file")
def symbolic_link():
    memory = io.BytesIO(good_keras())
    with zipfile.ZipFile(memory, "a") as archive:
        link = zipfile.ZipInfo("assets/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, CANARY)
    return memory.getvalue()


@refused_as("suspicious_file")
def member_that_does_not_belong_there():
    return zipped(honest_members() | {"setup.py": b"import os"})


@refused_as("suspicious_file")
def member_twice():
    memory = io.BytesIO(good_keras())
    with zipfile.ZipFile(memory, "a") as archive:
        lambda_ = line(layer("Lambda", "times_400", function=LAMBDA_3))
        archive.filelist[0].orig_filename = archive.filelist[0].filename
        archive.NameToInfo.clear()
        archive.writestr("config.json", json.dumps(lambda_))
    return memory.getvalue()


@refused_as("suspicious_file")
def ten_thousand_members():
    return zipped(honest_members() | {f"assets/{i}": b"" for i in range(10_000)})


@refused_as("damaged_file")
def archive_with_a_wrong_checksum():
    data = bytearray(good_keras())
    data[data.index(b'"class_name"') + 3] ^= 1
    return bytes(data)


# JSON


@refused_as("suspicious_file")
def json_nested_a_hundred_thousand_deep():
    return zipped(honest_members() | {"config.json": b"[" * 100_000 + b"]" * 100_000})


@refused_as("suspicious_file")
def json_with_a_key_twice():
    config = json.dumps(line()).replace('"config"', '"class_name": "Lambda", "config"', 1)
    return zipped(honest_members() | {"config.json": config.encode()})


@refused_as("suspicious_file")
def json_with_an_endless_number():
    config = json.dumps(line()).replace('"units": 1', '"units": ' + "9" * 100_000)
    return zipped(honest_members() | {"config.json": config.encode()})


@refused_as("suspicious_file")
def json_of_many_megabytes():
    config = line() | {"padding": ["x"] * 20_000_000}
    return zipped(
        honest_members() | {"config.json": json.dumps(config).encode()}, zipfile.ZIP_DEFLATED
    )


@refused_as("damaged_file")
def json_that_is_a_list():
    return zipped(honest_members() | {"config.json": b"[1, 2, 3]"})


# HDF5


def hdf5(change):
    """Return an honest file, changed by `change`."""
    memory = io.BytesIO(good_h5())
    with h5py.File(memory, "a") as file:
        change(file, file["model_weights/dense/dense"])
    return memory.getvalue()


def replaced(name, make):
    """Return an honest file with one weight made by `make(group, name)`."""

    def change(_, group):
        del group[name]
        make(group, name)

    return hdf5(change)


@refused_as("suspicious_file")
def external_link():
    return replaced("kernel", lambda g, n: g.__setitem__(n, h5py.ExternalLink(CANARY, "/x")))


@refused_as("suspicious_file")
def soft_link():
    return replaced("kernel", lambda g, n: g.__setitem__(n, h5py.SoftLink("/model_weights/x")))


@refused_as("suspicious_file")
def external_data():
    def make(group, name):
        group.create_dataset(name, (1, 1), "<f4", external=[("/etc/passwd", 0, 4)])

    return replaced("kernel", make)


@refused_as("suspicious_file")
def virtual_data():
    def make(group, name):
        layout = h5py.VirtualLayout((1, 1), "<f4")
        layout[:] = h5py.VirtualSource(CANARY, "x", (1, 1))
        group.create_virtual_dataset(name, layout)

    return replaced("kernel", make)


@refused_as("suspicious_file")
def data_of_variable_length():
    def make(group, name):
        group.create_dataset(name, (1, 1), h5py.vlen_dtype(np.float32))

    return replaced("kernel", make)


@refused_as("suspicious_file")
def text_in_the_place_of_numbers():
    return replaced("kernel", lambda g, n: g.create_dataset(n, data=[[b"evil"]]))


@refused_as("suspicious_file")
def references_in_the_place_of_numbers():
    def make(group, name):
        group.create_dataset(name, data=np.array([[group.ref]], dtype=h5py.ref_dtype))

    return replaced("kernel", make)


@refused_as("suspicious_file")
def shape_bomb_below_4_gib():
    return replaced("kernel", lambda g, n: g.create_dataset(n, (1, 900_000_000), "<f4"))


@refused_as("suspicious_file")
def shape_bomb_above_4_gib():
    return replaced(
        "kernel", lambda g, n: g.create_dataset(n, (1, 2**33), "<f4", chunks=(1, 2**20))
    )


@refused_as("suspicious_file")
def shape_bomb_that_is_compressed():
    def make(group, name):
        group.create_dataset(name, (1, 2**28), "<f4", chunks=(1, 2**16), compression="gzip")

    return replaced("kernel", make)


@refused_as("suspicious_file")
def unusual_filter():
    def make(group, name):
        group.create_dataset(name, (1, 1), "<f4", chunks=(1, 1), compression="lzf")

    return replaced("kernel", make)


@graded
def a_hundred_thousand_weights():
    def change(file, group):
        for number in range(100_000):
            group.create_group(str(number))

    return hdf5(change)


@refused_as("weights_missing")
def group_that_contains_itself():
    def change(file, group):
        del group["kernel"]
        group["kernel"] = group

    return hdf5(change)


@refused_as("weights_do_not_fit")
def weight_of_another_shape():
    return replaced("kernel", lambda g, n: g.create_dataset(n, data=np.zeros((5, 5), "<f4")))


# Costs


@refused_as("weights_missing")
def huge_units():
    layers = [layer("Dense", "wide", units=2_000_000_000), dense()]
    return good_h5(sequential(layers, (1,)))


@refused_as("weights_missing")
def units_beyond_64_bits():
    return good_h5(sequential([layer("Dense", "wide", units=10**25), dense()], (1,)))


@refused_as("too_many_multiply_adds", "too_much_memory")
def repeat_vector():
    layers = [
        layer("RepeatVector", "again", n=2_000_000_000),
        layer("GlobalAveragePooling1D", "mean"),
        dense(),
    ]
    return good_h5(sequential(layers, (1,)))


@refused_as("too_many_multiply_adds", "too_much_memory")
def up_sampling():
    layers = [
        layer("UpSampling1D", "larger", size=60_000),
        layer("UpSampling1D", "larger_still", size=60_000),
        layer("GlobalAveragePooling1D", "mean"),
        dense(),
    ]
    return good_h5(sequential([layer("Reshape", "wide", target_shape=[1, 1]), *layers], (1,)))


@refused_as("too_many_multiply_adds", "too_much_memory")
def padding():
    layers = [
        layer("Reshape", "picture", target_shape=[1, 1, 1]),
        layer("ZeroPadding2D", "frame", padding=[[50_000, 50_000], [50_000, 50_000]]),
        layer("GlobalAveragePooling2D", "mean"),
        dense(),
    ]
    return good_h5(sequential(layers, (1,)))


@refused_as("too_many_multiply_adds")
def convolution_that_never_ends():
    convolutions = [
        layer("Conv1D", f"conv_{i}", filters=64, kernel_size=[3], padding="same") for i in range(20)
    ]
    layers = [
        layer("Reshape", "series", target_shape=[1, 1]),
        layer("ZeroPadding1D", "long", padding=100_000),
    ]
    mean = layer("GlobalAveragePooling1D", "mean")
    config = sequential([*layers, *convolutions, mean, dense()], (1,))
    arrays = {
        f"conv_{i}": {"kernel": np.zeros((3, 64 if i else 1, 64)), "bias": np.zeros(64)}
        for i in range(20)
    }
    return h5_file(config, arrays | {"dense": {"kernel": np.zeros((64, 1)), "bias": [0.0]}})


@refused_as("too_many_layers")
def twenty_five_thousand_layers():
    return good_h5(line(*[layer("Flatten", f"flatten_{i}") for i in range(25_000)]))


@refused_as("not_a_number")
def weights_that_are_not_numbers():
    return h5_file(line(), {"dense": {"kernel": [[np.nan]], "bias": [0.0]}})


@refused_as("infinite_number")
def weights_that_are_infinite():
    return h5_file(line(), {"dense": {"kernel": [[1.0]], "bias": [np.inf]}})


@refused_as("infinite_number")
def weights_that_overflow():
    return h5_file(line(), {"dense": {"kernel": [[3e38]], "bias": [3e38]}})


# ONNX


def onnx_file(nodes, initializers=(), domains=(("", 17),), functions=()):
    """Return an ONNX model from `x`, (n, 1), to `y`, (n, 1)."""
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
        list(initializers),
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in domains]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, functions=functions)
    return model.SerializeToString()


def good_onnx():
    """Return an honest model."""
    return onnx_file(
        [helper.make_node("Gemm", ["x", "w", "b"], ["y"])],
        [
            onnx.numpy_helper.from_array(np.float32([[2]]), "w"),
            onnx.numpy_helper.from_array(np.float32([1]), "b"),
        ],
    )


def external(**entries):
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1, 1])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=value)
    return onnx_file([helper.make_node("MatMul", ["x", "w"], ["y"])], [tensor])


@refused_as("onnx_external_data")
def external_data_of_onnx():
    return external(location=CANARY, offset="0", length="4")


@refused_as("onnx_external_data")
def external_data_of_onnx_by_a_path_that_leads_out():
    return external(location="../../../../../../etc/passwd")


@refused_as("onnx_external_data")
def external_data_of_onnx_by_a_tag_of_the_memory():
    return external(location="*/_ORT_MEM_ADDR_/*", offset="4096", length="4")


@refused_as("onnx_external_data")
def external_data_of_onnx_in_a_constant():
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1, 1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=CANARY)
    nodes = [
        helper.make_node("Constant", [], ["w"], value=tensor),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    return onnx_file(nodes)


@refused_as("onnx_external_data")
def external_data_of_onnx_without_saying_so():
    tensor = onnx.numpy_helper.from_array(np.float32([[2]]), "w")
    tensor.external_data.add(key="location", value=CANARY)
    return onnx_file([helper.make_node("MatMul", ["x", "w"], ["y"])], [tensor])


def loop(trips):
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["c"], ["c_out"]),
            helper.make_node("Add", ["v", "v"], ["v_out"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("c_out", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v_out", TensorProto.FLOAT, None),
        ],
    )
    initializers = [
        onnx.numpy_helper.from_array(np.array(trips, np.int64), "trips"),
        onnx.numpy_helper.from_array(np.array([True]), "condition"),
    ]
    return onnx_file(
        [helper.make_node("Loop", ["trips", "condition", "x"], ["y"], body=body)], initializers
    )


@refused_as("onnx_operator")
def loop_that_never_ends():
    return loop(2**62)


@refused_as("onnx_operator")
def loop_whose_length_is_computed():
    data = onnx.ModelProto.FromString(loop(1))
    data.graph.node[0].input[0] = "computed"
    data.graph.node.insert(0, helper.make_node("Size", ["x"], ["computed"]))
    return data.SerializeToString()


@refused_as("too_many_multiply_adds", "too_much_memory")
def tensor_of_a_hundred_gigabytes():
    shape = onnx.numpy_helper.from_array(np.array([25_000, 1_000_000], np.int64), "shape")
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["large"]),
        helper.make_node("ReduceSum", ["large"], ["sum"], keepdims=0),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    return onnx_file(nodes, [shape])


@refused_as("onnx_operator")
def operator_of_another_domain():
    nodes = [helper.make_node("Evil", ["x"], ["y"], domain="com.evil")]
    return onnx_file(nodes, domains=(("", 17), ("com.evil", 1)))


@refused_as("onnx_operator")
def operator_of_the_runtimes_own_domain():
    nodes = [helper.make_node("Inverse", ["x"], ["y"], domain="com.microsoft")]
    return onnx_file(nodes, domains=(("", 17), ("com.microsoft", 1)))


@refused_as("onnx_operator")
def function_that_calls_itself():
    function = helper.make_function(
        "ai.onnx",
        "Relu",
        ["a"],
        ["b"],
        [helper.make_node("Relu", ["a"], ["b"], domain="ai.onnx")],
        [helper.make_opsetid("", 17)],
    )
    return onnx_file([helper.make_node("Relu", ["x"], ["y"])], functions=[function])


@refused_as("onnx_operator")
def operator_of_chance():
    return onnx_file([helper.make_node("RandomNormalLike", ["x"], ["y"])])


@refused_as("model_failed")
def graph_that_goes_in_circles():
    nodes = [helper.make_node("Add", ["x", "y"], ["z"]), helper.make_node("Relu", ["z"], ["y"])]
    return onnx_file(nodes)


@refused_as("onnx_invalid")
def tensor_that_declares_more_than_it_holds():
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1, 2**40], raw_data=b"1234")
    return onnx_file([helper.make_node("MatMul", ["x", "w"], ["y"])], [tensor])


@refused_as("onnx_too_new")
def operator_set_of_the_future():
    return onnx_file([helper.make_node("Relu", ["x"], ["y"])], domains=(("", 1000),))
