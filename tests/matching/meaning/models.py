"""Small sentence models, written as the files in which large ones are published."""

import json
import struct

import numpy as np

ENDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")

# What each word has to do with computing, writing, stars and sea; the last numbers even them out.
WORDS = {
    "gpu": (9, 0, 0, 0), "cuda": (9, 0, 0, 0), "kernels": (6, 0, 1, 0), "programming": (5, 2, 0, 0),
    "code": (7, 1, 0, 0), "grants": (0, 9, 0, 0), "writing": (0, 7, 0, 0), "funding": (0, 8, 0, 1),
    "stars": (0, 0, 9, 0), "galaxies": (0, 0, 9, 0), "telescopes": (1, 0, 8, 0),
    "coral": (0, 0, 0, 9), "reefs": (0, 0, 0, 9), "oceans": (0, 0, 1, 8), "sea": (0, 0, 0, 8),
    "##s": (0, 0, 0, 0), "star": (0, 0, 9, 0),
}  # fmt: skip


def write_weights(file, tables):
    """Write tables of 32-bit numbers in the safetensors format."""
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, table in tables.items():
        header[name] = {
            "dtype": "F32",
            "shape": list(table.shape),
            "data_offsets": [at, at := at + table.nbytes],
        }
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    numbers = b"".join(table.astype("<f4").tobytes() for table in tables.values())
    file.write_bytes(struct.pack("<Q", len(head)) + head + numbers)


def write_model(folder, words, tables, layers, heads, **config):
    """Write a model with this vocabulary and weights, for vectors of 8; return its folder."""
    folder.mkdir()
    about = {
        "model_type": "bert", "hidden_act": "gelu", "hidden_size": 8,
        "num_hidden_layers": layers, "num_attention_heads": heads, "max_position_embeddings": 64,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(about | config))
    vocabulary = {word: number for number, word in enumerate((*ENDS, *words))}
    tokenizer = {"normalizer": {"lowercase": True}, "model": {"vocab": vocabulary}}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    write_weights(folder / "model.safetensors", tables)
    return folder


def write_word_model(folder):
    """Write a model without layers: a phrase is the mean of its words' vectors in `WORDS`."""
    numbers = np.array([(0,) * 4] * len(ENDS) + list(WORDS.values()), dtype=np.float32)
    tables = {
        # Each row sums to 0, so that evening it out leaves its direction as it is.
        "embeddings.word_embeddings.weight": np.hstack([numbers, -numbers]),
        "embeddings.position_embeddings.weight": np.zeros((64, 8), dtype=np.float32),
        "embeddings.token_type_embeddings.weight": np.zeros((2, 8), dtype=np.float32),
        "embeddings.LayerNorm.weight": np.ones(8, dtype=np.float32),
        "embeddings.LayerNorm.bias": np.zeros(8, dtype=np.float32),
    }
    return write_model(folder, WORDS, tables, layers=0, heads=1)


def random_tables(words, layers=2):
    """Return random weights of a whole encoder."""
    chance, size, inner = np.random.default_rng(0), 8, 16
    shapes = {
        "embeddings.word_embeddings": {"weight": (len(ENDS) + len(words), size)},
        "embeddings.position_embeddings": {"weight": (64, size)},
        "embeddings.token_type_embeddings": {"weight": (2, size)},
        "embeddings.LayerNorm": {"weight": (size,), "bias": (size,)},
    }
    for number in range(layers):
        layer = f"encoder.layer.{number}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes[f"{layer}.attention.{part}"] = {"weight": (size, size), "bias": (size,)}
        shapes[f"{layer}.intermediate.dense"] = {"weight": (inner, size), "bias": (inner,)}
        shapes[f"{layer}.output.dense"] = {"weight": (size, inner), "bias": (size,)}
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{layer}.{part}"] = {"weight": (size,), "bias": (size,)}
    return {
        f"{name}.{kind}": chance.normal(0, 0.7, shape).astype(np.float32)
        for name, kinds in shapes.items()
        for kind, shape in kinds.items()
    }
