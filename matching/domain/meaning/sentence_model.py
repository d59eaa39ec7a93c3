"""A sentence model, read from a folder and computed in NumPy: phrases in, vectors out.

It is a BERT encoder (J. Devlin et al., NAACL 2019) whose outputs are averaged over the pieces of a
phrase (N. Reimers, I. Gurevych, EMNLP 2019), such as all-MiniLM-L6-v2. The folder has the files in
which such models are published: `config.json`, `tokenizer.json`, `model.safetensors`. The weights
stay in the file, which the system maps into memory once for all processes. Nothing is run that
comes with a model, and nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.domain.meaning.wordpieces import WordPieces

Floats = npt.NDArray[np.float32]

# What the encoder computes; a model that wants something else would come out wrong, silently.
_WANTED = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
_PIECES_AT_MOST = 64
_TOGETHER = 64  # phrases


class UnusableModel(ValueError):
    """There is no model in the folder, or none that can be computed. Says what is wrong."""


class SentenceModel:
    """The model in a folder. Raise UnusableModel if it is none.

    `stamp` changes with the model; `size` is the length of its vectors.
    """

    def __init__(self, folder: Path) -> None:
        try:
            config = json.loads((folder / "config.json").read_bytes())
            tokenizer = json.loads((folder / "tokenizer.json").read_bytes())
            self._weights = _map_weights(folder / "model.safetensors")
            for key, wanted in _WANTED.items():
                if config.get(key, wanted) != wanted:
                    raise UnusableModel(f"its {key} is “{config[key]}”, not “{wanted}”")
            if not (tokenizer.get("normalizer") or {}).get("lowercase"):
                raise UnusableModel("it tells capitals from small letters")
            vocabulary = tokenizer["model"]["vocab"]
            self._pieces = WordPieces(vocabulary)
            self._layers = int(config["num_hidden_layers"])
            self._heads = int(config["num_attention_heads"])
            self._epsilon = float(config.get("layer_norm_eps", 1e-12))
            self._most = min(_PIECES_AT_MOST, int(config["max_position_embeddings"]))
            self.size = int(config["hidden_size"])
            self.stamp = _stamp(folder)
            if max(vocabulary.values()) >= len(self._weights["embeddings.word_embeddings.weight"]):
                raise UnusableModel("it has fewer vectors than words")
            self._encode(np.zeros((1, self._most), dtype=np.int64))  # all weights have their shape
        except UnusableModel:
            raise
        except OSError as error:
            raise UnusableModel(f"{error.strerror}: {error.filename}") from error
        except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
            raise UnusableModel(f"it is incomplete ({error})") from error

    def vectors(self, phrases: Sequence[str]) -> Floats:
        """Return a vector of length 1 for each phrase; shape (phrases, size).

        It is 0 for a phrase of which the model knows no piece.
        """
        read = [self._pieces.read(phrase, self._most) for phrase in phrases]
        found = np.zeros((len(phrases), self.size), dtype=np.float32)
        # Phrases of the same length go through together, so that none is filled up.
        order = sorted((k for k, pieces in enumerate(read) if pieces), key=lambda k: len(read[k]))
        while order:
            length = len(read[order[0]])
            now = [k for k in order[:_TOGETHER] if len(read[k]) == length]
            found[now] = self._encode(np.array([read[k] for k in now]))
            order = order[len(now) :]
        return found

    def _encode(self, pieces: npt.NDArray[np.int64]) -> Floats:
        from scipy.special import erf

        table = self._weights
        states = (
            table["embeddings.word_embeddings.weight"][pieces]
            + table["embeddings.position_embeddings.weight"][: pieces.shape[1]]
            + table["embeddings.token_type_embeddings.weight"][0]
        )
        states = self._normed("embeddings.LayerNorm", states)
        for number in range(self._layers):
            layer = f"encoder.layer.{number}"
            seen = self._attention(f"{layer}.attention.self", states)
            seen = self._linear(f"{layer}.attention.output.dense", seen)
            states = self._normed(f"{layer}.attention.output.LayerNorm", states + seen)
            inner = self._linear(f"{layer}.intermediate.dense", states)
            inner *= 0.5 * (1 + erf(inner * np.float32(0.5**0.5)))  # GELU
            states = self._normed(
                f"{layer}.output.LayerNorm", states + self._linear(f"{layer}.output.dense", inner)
            )
        mean = states.mean(axis=1)
        length = np.linalg.norm(mean, axis=1, keepdims=True)
        result: Floats = mean / np.maximum(length, np.finfo(np.float32).tiny)
        return result

    def _attention(self, name: str, states: Floats) -> Floats:
        """Return what each piece takes from all pieces of its phrase; shape as `states`."""
        count, length, size = states.shape
        query, key, value = (
            self._linear(f"{name}.{part}", states)
            .reshape(count, length, self._heads, size // self._heads)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32((size // self._heads) ** 0.5)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        result: Floats = (shares @ value).transpose(0, 2, 1, 3).reshape(count, length, size)
        return result

    def _linear(self, name: str, states: Floats) -> Floats:
        # One product of two tables is several times faster than one for each phrase.
        flat = states.reshape(-1, states.shape[-1])
        result = flat @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return result.reshape(*states.shape[:-1], -1)

    def _normed(self, name: str, states: Floats) -> Floats:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + self._epsilon)
        result: Floats = (
            centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        )
        return result.astype(np.float32, copy=False)


def _map_weights(file: Path) -> dict[str, Floats]:
    """Return the tables in a file of the safetensors format, without reading them."""
    everything = np.memmap(file, dtype=np.uint8, mode="r")
    (length,) = struct.unpack("<Q", bytes(everything[:8]))
    header: dict[str, Any] = json.loads(bytes(everything[8 : 8 + length]))
    tables = {}
    for name, about in header.items():
        if name == "__metadata__" or about["dtype"] == "I64":  # numbers of places, which we count
            continue
        if about["dtype"] != "F32":
            raise UnusableModel(f"its weights are {about['dtype']}, not F32")
        start, end = (8 + length + offset for offset in about["data_offsets"])
        flat = np.frombuffer(everything[start:end], dtype=np.float32)
        tables[name.removeprefix("bert.")] = flat.reshape(about["shape"])
    return tables


def _stamp(folder: Path) -> str:
    """Return a hash of the model, by its small files and the size and head of its weights."""
    digest = hashlib.sha256()
    for name in ("config.json", "tokenizer.json"):
        digest.update((folder / name).read_bytes())
    with (folder / "model.safetensors").open("rb") as file:
        digest.update(file.read(1 << 20))
        digest.update(str(file.seek(0, 2)).encode())
    return digest.hexdigest()
