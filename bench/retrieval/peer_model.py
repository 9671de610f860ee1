"""The same weights in onnxruntime: builds the graph of the encoder from the safetensors file, checks it against ours,
and times it. Called by bench/retrieval/run: WEIGHTS TEXTS."""

import json
import struct
import statistics
import sys
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

weights, texts_file = sys.argv[1:]
data = open(weights + "/model.safetensors", "rb").read()
(length,) = struct.unpack("<Q", data[:8])
header = json.loads(data[8 : 8 + length])
tensors = {
    name: np.frombuffer(data, np.float32, count=(entry["data_offsets"][1] - entry["data_offsets"][0]) // 4,
                        offset=8 + length + entry["data_offsets"][0]).reshape(entry["shape"])
    for name, entry in header.items()
    if name != "__metadata__" and entry["dtype"] == "F32"
}
nodes, constants = [], {}


def constant(name, value):
    constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
    return name


def node(kind, inputs, output, **attributes):
    nodes.append(helper.make_node(kind, inputs, [output], **attributes))
    return output


def linear(x, name, out):
    product = node("MatMul", [x, constant(name + ".w", tensors[name + ".weight"].T)], out + ".p")
    return node("Add", [product, constant(name + ".b", tensors[name + ".bias"])], out)


def norm(x, name, out):
    return node("LayerNormalization", [x, constant(name + ".g", tensors[name + ".LayerNorm.weight"]),
                                       constant(name + ".n", tensors[name + ".LayerNorm.bias"])], out, epsilon=1e-12)


words = node("Gather", [constant("words", tensors["embeddings.word_embeddings.weight"]), "ids"], "e.words")
places = node("Gather", [constant("places", tensors["embeddings.position_embeddings.weight"]
                                  + tensors["embeddings.token_type_embeddings.weight"][0]), "positions"], "e.places")
state = norm(node("Add", [words, places], "e.sum"), "embeddings", "e")
split = constant("split", np.array([0, 0, 12, 32], np.int64))
joined = constant("joined", np.array([0, 0, 384], np.int64))
scale = constant("scale", np.array(1 / 32**0.5, np.float32))
for layer in range(6):
    p = f"encoder.layer.{layer}."
    parts = []
    for part, order in (("query", (0, 2, 1, 3)), ("key", (0, 2, 3, 1)), ("value", (0, 2, 1, 3))):
        flat = linear(state, p + "attention.self." + part, p + part)
        parts.append(node("Transpose", [node("Reshape", [flat, split], p + part + ".r")], p + part + ".t", perm=order))
    scores = node("Mul", [node("MatMul", parts[:2], p + "qk"), scale], p + "scaled")
    shares = node("Softmax", [node("Add", [scores, "mask"], p + "masked")], p + "shares", axis=-1)
    mixed = node("Transpose", [node("MatMul", [shares, parts[2]], p + "mixed")], p + "mixed.t", perm=(0, 2, 1, 3))
    attended = linear(node("Reshape", [mixed, joined], p + "mixed.j"), p + "attention.output.dense", p + "attended")
    state = norm(node("Add", [state, attended], p + "sum1"), p + "attention.output", p + "norm1")
    wide = node("Gelu", [linear(state, p + "intermediate.dense", p + "wide")], p + "gelu")
    state = norm(node("Add", [state, linear(wide, p + "output.dense", p + "narrow")], p + "sum2"), p + "output", p + "norm2")
graph = helper.make_graph(
    nodes, "encoder",
    [helper.make_tensor_value_info("ids", TensorProto.INT64, ["b", "n"]),
     helper.make_tensor_value_info("positions", TensorProto.INT64, ["n"]),
     helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["b", 1, 1, "n"])],
    [helper.make_tensor_value_info(state, TensorProto.FLOAT, ["b", "n", 384])], initializer=list(constants.values()))
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
tokenizer = Tokenizer.from_file(weights + "/tokenizer.json")
tokenizer.no_padding()
tokenizer.enable_truncation(256)


def embed(texts, batch=32):
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    order = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
    vectors = np.empty((len(texts), 384), np.float32)
    for start in range(0, len(order), batch):
        group = order[start : start + batch]
        longest = max(len(tokens[i]) for i in group)
        ids = np.zeros((len(group), longest), np.int64)
        there = np.zeros((len(group), longest), np.float32)
        for row, i in enumerate(group):
            ids[row, : len(tokens[i])] = tokens[i]
            there[row, : len(tokens[i])] = 1
        mask = ((there - 1) * 1e9)[:, None, None, :].astype(np.float32)
        (rows,) = session.run(None, {"ids": ids, "positions": np.arange(longest), "mask": mask})
        mean = (rows * there[:, :, None]).sum(1)
        vectors[group] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return vectors


texts = open(texts_file).read().split("\n")[:-1]
queries = ["laptop", "wireless headphones for running", "usb c charger 65w fast charging"]
embed(queries)
times = []
for _ in range(30):
    for query in queries:
        start = time.perf_counter()
        embed([query])
        times.append((time.perf_counter() - start) * 1e3)
rates = []
for _ in range(3):
    start = time.perf_counter()
    vectors = embed(texts)
    rates.append(len(texts) / (time.perf_counter() - start))
print(f"onnxruntime {onnxruntime.__version__}, one thread: query ms {statistics.median(times):.2f}, texts/s {max(rates):.1f}")
