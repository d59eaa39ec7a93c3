"""How well a sentence model orders phrases by meaning, beside TF-IDF, and what that costs.

`MEANING_MODEL=FOLDER python -m tests.bench.meaning` compares them on `phrases.csv`: 60 pairs of
phrases, each with a grade. 2: they mean the same, so that a mentor who offers one is right for a
mentee who wants the other. 1: neighbors, with much to talk about. 0: unrelated. The pairs were
written and graded before any way of comparing them was tried, and have not been changed since. In
about a third of each grade the two share a word, so that neither sharing words nor sharing none
decides.

The measure is concordance: of all two pairs with different grades, the share in which the pair
with the higher grade has the higher similarity; a tie counts half. 0.5 is chance, 1 is perfect.
Intervals are those in which 95% of 10,000 bootstrap samples of the 60 pairs lie; the difference to
TF-IDF is taken within each sample.

`--static FILE` adds static word vectors (a line a word, as GloVe and word2vec write them, frequent
words first): the sum of a phrase's words without stop words, each vector centered, of length 1,
and weighted by smooth inverse frequency (S. Arora et al., ICLR 2017; a = 0.001, frequency by Zipf).

It exits with 1 if the model does not order the pairs better than TF-IDF.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np

PAIRS = Path(__file__).with_name("phrases.csv")
SAMPLES = 10_000
# What people write in a form, in the rough: so many phrases each.
PEOPLE, PHRASES_EACH = (85, 500), 6
VERBS = ("teaching", "speeding up", "testing", "a first talk about", "jobs in", "funding for",
         "open questions in", "maintaining", "workshops on", "writing about")  # fmt: skip


def read_pairs() -> tuple[list[str], list[str], np.ndarray]:
    """Return the first and the second phrases, and the grades."""
    with PAIRS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return (
        [row["first"] for row in rows],
        [row["second"] for row in rows],
        np.array([int(row["grade"]) for row in rows]),
    )


def concordance(scores: np.ndarray, grades: np.ndarray) -> float:
    """Return the share of comparable twos whose scores are in the order of their grades."""
    higher = grades[:, None] > grades[None, :]
    differences = np.sign(scores[:, None] - scores[None, :])[higher]
    return float((1 + differences).mean() / 2)


def by_tfidf(first: list[str], second: list[str]) -> np.ndarray:
    """Compare as the product does without a model, with all phrases as the texts of a program."""
    from matching.domain.affinity.text_similarity import TextSimilarity

    places = np.arange(len(first))
    return TextSimilarity(first, second).of_pairs(places, places)


def by_model(first: list[str], second: list[str]) -> np.ndarray:
    """Compare as the product does with the host's model."""
    from matching.domain.meaning.model import phrase_vectors

    vectors = phrase_vectors()
    assert vectors
    return (vectors.of(first) * vectors.of(second)).sum(axis=1)


def by_static_vectors(file: Path, first: list[str], second: list[str]) -> np.ndarray:
    """Compare sums of the words' vectors in a file."""
    from matching.domain.affinity.tf_idf import STOP_WORDS
    from mentorship.domain.text import fold

    wanted = {word for phrase in (*first, *second) for word in fold(phrase).split()}
    total, lines, found = np.zeros(1), 0, {}
    with file.open(encoding="utf-8") as rows:
        for row in rows:
            word, *numbers = row.rstrip().split(" ")
            if len(numbers) < 2:  # word2vec begins with the size of the table
                continue
            vector = np.array(numbers, dtype=np.float64)
            vector /= np.linalg.norm(vector) or 1
            lines, total = lines + 1, total + vector
            if word in wanted:
                found[word] = lines, vector
    harmonic = np.log(lines) + 0.577
    weights = {word: 1e-3 / (1e-3 + 1 / place / harmonic) for word, (place, _) in found.items()}
    mean = total / lines

    def vector(phrase: str) -> np.ndarray:
        words = [w for w in fold(phrase).split() if w in found and w not in STOP_WORDS]
        summed = sum((weights[w] * (found[w][1] - mean) for w in words), np.zeros(len(mean)))
        return summed / (np.linalg.norm(summed) or 1)

    return np.array([vector(a) @ vector(b) for a, b in zip(first, second, strict=True)])


def cost() -> str:
    """Return the processor time and memory for people who have not been compared before."""
    from matching.domain.meaning.model import phrase_vectors

    first, second, _ = read_pairs()
    topics = [f"{verb} {topic}" for topic in dict.fromkeys((*first, *second)) for verb in VERBS]
    topics += [f"{topic} in industry" for topic in topics] + [f"better {topic}" for topic in topics]
    vectors = phrase_vectors()
    assert vectors
    said = []
    for people in PEOPLE:
        phrases = [f"{topic} {people}" for topic in topics[: people * PHRASES_EACH]]
        before = time.process_time()
        vectors.of(phrases)
        spent = time.process_time() - before
        said.append(
            f"{people} people ({len(phrases)} phrases): {spent:.1f} s of processor, "
            f"{1000 * spent / len(phrases):.1f} ms a phrase"
        )
        before = time.process_time()
        vectors.of(phrases)
        said.append(f"  once they are known: {time.process_time() - before:.3f} s")
    return "\n".join(said)


def main() -> int:
    """Print the comparison and the cost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--static", type=Path, action="append", default=[])
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")
    import django

    django.setup()
    from matching.domain.meaning.model import model_problem, phrase_vectors

    if problem := model_problem():
        print(problem, file=sys.stderr)
        return 1
    first, second, grades = read_pairs()
    ways = {"TF-IDF": by_tfidf(first, second)}
    ways |= {f.name: by_static_vectors(f, first, second) for f in given.static}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if phrase_vectors():
        ways["the model"] = by_model(first, second)
    chance = np.random.default_rng(0)
    samples = chance.integers(0, len(grades), (SAMPLES, len(grades)))
    of_samples = {
        name: np.array([concordance(scores[k], grades[k]) for k in samples])
        for name, scores in ways.items()
    }
    print("| way | concordance | 95% interval | more than TF-IDF | mean of grade 0 / 1 / 2 |")
    print("|---|---|---|---|---|")
    for name, scores in ways.items():
        low, high = np.quantile(of_samples[name], (0.025, 0.975))
        more = np.quantile(of_samples[name] - of_samples["TF-IDF"], (0.025, 0.975))
        scale = scores.max()
        means = " / ".join(f"{scores[grades == g].mean() / scale:.2f}" for g in (0, 1, 2))
        print(
            f"| {name} | {concordance(scores, grades):.3f} | {low:.3f} to {high:.3f} "
            f"| {more[0]:+.3f} to {more[1]:+.3f} | {means} |"
        )
    if "the model" not in ways:
        print("\nMEANING_MODEL is not set: there is no model to compare.")
        return 0
    print(f"\n{cost()}")
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    print(f"memory added at the peak: {added:.0f} MB, the mapped file included")
    better = np.quantile(of_samples["the model"] - of_samples["TF-IDF"], 0.025) > 0
    return 0 if better else 1


if __name__ == "__main__":
    sys.exit(main())
