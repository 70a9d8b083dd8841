"""The packed E5 as an ONNX graph, built node by node from the pack: no torch, no fp32 copy of the table.

The embedding table keeps the pack's own 4-bit blocks, so nothing is lost in it. Matrices become int8 per
output channel, activations uint8 per row: a text's vector does not depend on its batch. Weights use 7 of the
8 bits, so that processors without VNNI, which add two products in 16 bits, cannot saturate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from .e5_pack import BLOCK, E5Pack

OPSET = 17
_MS = "com.microsoft"
_LAYER_NORM_EPS = 1e-12
_ACTIVATION_LIMIT = 127
_WEIGHT_LIMIT = 63
_ZERO = np.array(128, np.uint8)


def build_graph(pack: E5Pack) -> onnx.ModelProto:
    """Token ids and attention mask, int64 ``(batch, length)``, to ``embedding``, float32 ``(batch, hidden)``.

    Mean pooling over the mask and L2 normalisation are inside. Padding is on the right.
    """
    graph = _Graph()
    hidden = _embed(graph, pack)
    lengths = graph.node(
        "Cast",
        [graph.node("ReduceSum", ["attention_mask", graph.ints([1])], keepdims=0)],
        to=TensorProto.INT32,
    )
    for layer in range(pack.layers):
        hidden = _layer(graph, pack, layer, hidden, lengths)
    _pool(graph, hidden)
    return graph.model(pack.hidden)


class _Graph:
    """Nodes and constants as they are added; every adder answers the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, array: NDArray[Any]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def ints(self, values: list[int]) -> str:
        return self.constant(np.array(values, np.int64))

    def node(
        self, kind: str, inputs: list[str], *, domain: str = "", out: str = "", **attributes: Any
    ) -> str:
        out = out or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], domain=domain, **attributes))
        return out

    def matmul(self, inputs: str, weight: NDArray[np.float32]) -> str:
        """``inputs @ weight.T`` in 8-bit integers; ``weight`` is ``(outputs, inputs)``."""
        peak = self.node("ReduceMax", [self.node("Abs", [inputs])], axes=[-1], keepdims=1)
        step, zero = self.constant(np.array(1 / _ACTIVATION_LIMIT, np.float32)), self.constant(_ZERO)
        rows = self.node("QuantizeLinear", [self.node("Div", [inputs, peak]), step, zero])
        scales = np.abs(weight).max(axis=1) / _WEIGHT_LIMIT
        matrix = np.rint(weight / scales[:, None]).astype(np.int8).T
        zeros = self.constant(np.zeros(len(scales), np.int8))
        names = [rows, self.constant(matrix), step, self.constant(scales.astype(np.float32)), zero, zeros]
        return self.node("Mul", [self.node("MatMulIntegerToFloat", names, domain=_MS), peak])

    def split(self, inputs: str, parts: int) -> list[str]:
        names = [f"{inputs}.{part}" for part in range(parts)]
        self.nodes.append(helper.make_node("Split", [inputs], names, axis=-1))
        return names

    def add_norm(self, left: str, right: str, pack: E5Pack, name: str, bias: str | None = None) -> str:
        scale, shift = (self.constant(pack.vector(f"{name}.{part}")) for part in "wb")
        inputs = [left, right, scale, shift] + ([self.constant(pack.vector(bias))] if bias else [])
        return self.node("SkipLayerNormalization", inputs, domain=_MS, epsilon=_LAYER_NORM_EPS)

    def model(self, width: int) -> onnx.ModelProto:
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        ]
        outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", width])]
        graph = helper.make_graph(self.nodes, "multilingual-e5-small", inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_MS, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def pack_nibbles(nibbles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two values a byte along the last axis, the even one low."""
    packed = nibbles[..., 0::2] | (nibbles[..., 1::2] << 4)
    return packed.astype(np.uint8, copy=False)


def _embed(graph: _Graph, pack: E5Pack) -> str:
    words = pack.blocks("emb.word", pack.vocab, pack.hidden)
    table = graph.constant(pack_nibbles(words.nibbles))
    word = graph.node(
        "GatherBlockQuantized", [table, "input_ids", graph.constant(words.scales)], domain=_MS, bits=4,
        block_size=BLOCK, gather_axis=0, quantize_axis=1,
    )  # fmt: skip
    word = graph.node("Cast", [word], to=TensorProto.FLOAT)
    # The one token type in use is a constant: it folds into the positions.
    kinds = pack.vector("emb.type").reshape(-1, pack.hidden)
    places = graph.constant(pack.matrix("emb.pos", pack.positions, pack.hidden) + kinds[0])
    length = graph.node("Slice", [graph.node("Shape", ["input_ids"]), *map(graph.ints, ([1], [2]))])
    places = graph.node("Slice", [places, graph.ints([0]), length, graph.ints([0])])
    place = graph.node("Unsqueeze", [places, graph.ints([0])])
    return graph.add_norm(word, graph.node("Expand", [place, graph.node("Shape", [word])]), pack, "emb.ln")


def _layer(graph: _Graph, pack: E5Pack, layer: int, hidden: str, lengths: str) -> str:
    name, width, wide = f"l{layer}", pack.hidden, pack.intermediate
    projections = np.concatenate([pack.matrix(f"{name}.{part}.w", width, width) for part in "qkv"])
    bias = graph.constant(np.concatenate([pack.vector(f"{name}.{part}.b") for part in "qkv"]))
    parts = graph.split(graph.matmul(hidden, projections), 3)
    context = graph.node("MultiHeadAttention", [*parts, bias, lengths], domain=_MS, num_heads=pack.heads)
    attended = graph.matmul(context, pack.matrix(f"{name}.ao.w", width, width))
    hidden = graph.add_norm(attended, hidden, pack, f"{name}.aln", f"{name}.ao.b")
    inner = graph.matmul(hidden, pack.matrix(f"{name}.fi.w", wide, width))
    inner = graph.node("BiasGelu", [inner, graph.constant(pack.vector(f"{name}.fi.b"))], domain=_MS)
    outer = graph.matmul(inner, pack.matrix(f"{name}.fo.w", width, wide))
    return graph.add_norm(outer, hidden, pack, f"{name}.oln", f"{name}.fo.b")


def _pool(graph: _Graph, hidden: str) -> None:
    mask = graph.node("Unsqueeze", ["attention_mask", graph.ints([1])])
    weights = graph.node("Cast", [mask], to=TensorProto.FLOAT)
    # The L2 norm that follows makes the sum over the tokens as good as their mean.
    total = graph.node("Squeeze", [graph.node("MatMul", [weights, hidden]), graph.ints([1])])
    graph.node("LpNormalization", [total], out="embedding", axis=-1, p=2)
