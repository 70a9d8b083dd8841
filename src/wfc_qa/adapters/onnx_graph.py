"""The packed E5 as an ONNX graph: built node by node, its 4-bit weights carried over as they lie.

ONNX Runtime's block-quantised operators hold exactly what the pack holds, so nothing is quantised a second
time. Activations become 8-bit per row and block of 32: a text's vector does not depend on its batch, and the
kernels sum in 32 bits, so processors without VNNI do not saturate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from .e5_pack import BLOCK, Blocks, E5Pack

OPSET = 17
_MS = "com.microsoft"
_LAYER_NORM_EPS = 1e-12
_INT8_ACTIVATIONS = 4


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


def save_graph(model: onnx.ModelProto, path: Path) -> None:
    path.write_bytes(model.SerializeToString())


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

    def linear(self, inputs: str, weight: Blocks, bias: NDArray[np.float32] | None = None) -> str:
        rows, columns = weight.nibbles.shape
        packed = pack_nibbles(weight.nibbles).reshape(rows, columns // BLOCK, BLOCK // 2)
        scales = weight.scales.astype(np.float32)
        names = [inputs, self.constant(packed), self.constant(scales)]
        if bias is not None:
            names += ["", "", self.constant(bias)]
        return self.node(
            "MatMulNBits", names, domain=_MS, K=columns, N=rows, bits=4, block_size=BLOCK,
            accuracy_level=_INT8_ACTIVATIONS,
        )  # fmt: skip

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
    return np.bitwise_or(nibbles[..., 0::2], nibbles[..., 1::2] << 4)


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
    name, width = f"l{layer}", pack.hidden
    queries, keys, values = (
        graph.linear(hidden, pack.blocks(f"{name}.{part}.w", width, width), pack.vector(f"{name}.{part}.b"))
        for part in "qkv"
    )
    context = graph.node(
        "MultiHeadAttention", [queries, keys, values, "", lengths], domain=_MS, num_heads=pack.heads
    )
    attended = graph.linear(context, pack.blocks(f"{name}.ao.w", width, width))
    hidden = graph.add_norm(attended, hidden, pack, f"{name}.aln", f"{name}.ao.b")
    wide = graph.linear(hidden, pack.blocks(f"{name}.fi.w", pack.intermediate, width))
    wide = graph.node("BiasGelu", [wide, graph.constant(pack.vector(f"{name}.fi.b"))], domain=_MS)
    narrow = graph.linear(wide, pack.blocks(f"{name}.fo.w", width, pack.intermediate))
    return graph.add_norm(narrow, hidden, pack, f"{name}.oln", f"{name}.fo.b")


def _pool(graph: _Graph, hidden: str) -> None:
    mask = graph.node("Unsqueeze", ["attention_mask", graph.ints([1])])
    weights = graph.node("Cast", [mask], to=TensorProto.FLOAT)
    # The L2 norm that follows makes the sum over the tokens as good as their mean.
    total = graph.node("Squeeze", [graph.node("MatMul", [weights, hidden]), graph.ints([1])])
    graph.node("LpNormalization", [total], out="embedding", axis=-1, p=2)
