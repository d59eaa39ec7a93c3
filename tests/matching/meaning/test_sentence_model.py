"""A sentence model from its files, beside the same arithmetic written out number by number."""

import json
import math

import numpy as np
import pytest

from matching.domain.meaning.sentence_model import SentenceModel, UnusableModel
from tests.matching.meaning.models import (
    ENDS,
    WORDS,
    random_tables,
    write_model,
    write_weights,
    write_word_model,
)

PHRASES = ["cuda kernels", "gpu", "writing grants funding stars", "coral reefs", "unheard of"]


def test_computes_what_the_formulas_say(tmp_path):
    tables = random_tables(WORDS)
    model = SentenceModel(write_model(tmp_path / "model", WORDS, tables, layers=2, heads=2))

    found = model.vectors(PHRASES)

    assert found.shape == (5, 8)
    for phrase, vector in zip(PHRASES[:4], found[:4], strict=True):
        assert vector == pytest.approx(encoded(phrase, tables), abs=1e-5)
    assert not found[4].any()


def test_company_and_order_change_nothing_to_speak_of(tmp_path):
    tables = random_tables(WORDS)
    model = SentenceModel(write_model(tmp_path / "model", WORDS, tables, layers=2, heads=2))

    alone = np.vstack([model.vectors([phrase]) for phrase in PHRASES])
    many = model.vectors(PHRASES[::-1] * 70)

    assert many[:5] == pytest.approx(alone[::-1], abs=1e-6)
    assert model.vectors([]).shape == (0, 8)


def test_names_of_weights_may_begin_with_the_kind_of_model(tmp_path):
    tables = random_tables(WORDS)
    plain = write_model(tmp_path / "plain", WORDS, tables, layers=2, heads=2)
    named = {f"bert.{name}": table for name, table in tables.items()}
    other = write_model(tmp_path / "other", WORDS, named, layers=2, heads=2)

    one, two = SentenceModel(plain), SentenceModel(other)

    assert one.vectors(PHRASES).tolist() == two.vectors(PHRASES).tolist()
    assert one.stamp != two.stamp
    assert one.stamp == SentenceModel(plain).stamp


def cut(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-8])


def without(name):
    return lambda folder: (folder / name).unlink()


def overwritten(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def other_config(**changes):
    def change(folder):
        file = folder / "config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))

    return change


def cased(folder):
    file = folder / "tokenizer.json"
    about = json.loads(file.read_text())
    file.write_text(json.dumps(about | {"normalizer": {"lowercase": False}}))


def too_few_weights(folder):
    tables = random_tables(WORDS, layers=1)
    write_weights(folder / "model.safetensors", tables)


def more_words(folder):
    file = folder / "tokenizer.json"
    about = json.loads(file.read_text())
    about["model"]["vocab"]["beyond"] = 99
    file.write_text(json.dumps(about))


def half_precision(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes().replace(b'"F32"', b'"F16"'))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (without("config.json"), "No such file or directory: "),
        (without("model.safetensors"), "No such file or directory: "),
        (overwritten("model.safetensors", b""), "it is incomplete "),
        (overwritten("model.safetensors", b"\xff" * 99), "it is incomplete "),
        (overwritten("config.json", b"[]"), "it is incomplete "),
        (overwritten("tokenizer.json", b"{"), "it is incomplete "),
        (other_config(hidden_act="relu"), "its hidden_act is “relu”, not “gelu”"),
        (other_config(model_type="mpnet"), "its model_type is “mpnet”, not “bert”"),
        (other_config(num_hidden_layers=3), "it is incomplete "),
        (cased, "it tells capitals from small letters"),
        (more_words, "it has fewer vectors than words"),
        (half_precision, "its weights are F16, not F32"),
        (too_few_weights, "it is incomplete "),
        (cut, "it is incomplete "),
    ],
)
def test_what_is_no_such_model_is_refused_in_words(tmp_path, harm, words):
    folder = write_model(tmp_path / "model", WORDS, random_tables(WORDS), layers=2, heads=2)
    SentenceModel(folder)
    harm(folder)

    with pytest.raises(UnusableModel) as refused:
        SentenceModel(folder)
    assert str(refused.value).startswith(words)


def test_a_model_without_layers_is_a_table_of_words(tmp_path):
    vectors = SentenceModel(write_word_model(tmp_path / "words")).vectors(
        ["GPU programming", "cuda code", "star", "stars", "writing grants"]
    )

    products = (100 * vectors @ vectors.T).round().tolist()

    assert products[0] == [100, 99, 0, 0, 19]
    assert products[2][2:] == [100, 100, 0]


def encoded(phrase, tables):
    """Return the vector of a phrase, computed one number after another."""
    every = [*ENDS, *WORDS]
    numbers = [every.index(word) for word in ("[CLS]", *phrase.split(), "[SEP]")]
    word, place, kind = (
        tables[f"embeddings.{name}_embeddings.weight"].tolist()
        for name in ("word", "position", "token_type")
    )
    states = [
        normed(
            [a + b + c for a, b, c in zip(word[n], place[at], kind[0], strict=True)],
            tables,
            "embeddings.LayerNorm",
        )
        for at, n in enumerate(numbers)
    ]
    for layer in ("encoder.layer.0", "encoder.layer.1"):
        query, key, value = (
            [linear(state, tables, f"{layer}.attention.self.{name}") for state in states]
            for name in ("query", "key", "value")
        )
        after = []
        for at, state in enumerate(states):
            seen = []
            for head in (slice(0, 4), slice(4, 8)):
                scores = [math.exp(dot(query[at][head], k[head]) / 2) for k in key]
                seen += [
                    sum(s * v[head][i] for s, v in zip(scores, value, strict=True)) / sum(scores)
                    for i in range(4)
                ]
            seen = linear(seen, tables, f"{layer}.attention.output.dense")
            total = [a + b for a, b in zip(state, seen, strict=True)]
            state = normed(total, tables, f"{layer}.attention.output.LayerNorm")
            inner = linear(state, tables, f"{layer}.intermediate.dense")
            inner = [x / 2 * (1 + math.erf(x / math.sqrt(2))) for x in inner]
            inner = linear(inner, tables, f"{layer}.output.dense")
            total = [a + b for a, b in zip(state, inner, strict=True)]
            after.append(normed(total, tables, f"{layer}.output.LayerNorm"))
        states = after
    mean = [sum(column) / len(states) for column in zip(*states, strict=True)]
    return [x / math.sqrt(dot(mean, mean)) for x in mean]


def dot(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


def linear(state, tables, name):
    rows, added = tables[f"{name}.weight"].tolist(), tables[f"{name}.bias"].tolist()
    return [dot(row, state) + more for row, more in zip(rows, added, strict=True)]


def normed(state, tables, name):
    mean = sum(state) / len(state)
    spread = math.sqrt(sum((x - mean) ** 2 for x in state) / len(state) + 1e-12)
    scale, added = tables[f"{name}.weight"].tolist(), tables[f"{name}.bias"].tolist()
    return [(x - mean) / spread * a + b for x, a, b in zip(state, scale, added, strict=True)]
