"""Affinity by meaning: the two phrases that are closest, by a model of the host's."""

import numpy as np
import pytest
from django.core.checks import run_checks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.domain.affinity import meaning
from matching.domain.affinity.answers import NewestAnswers
from matching.domain.affinity.meaning import SameMeaning, met_in_meaning
from matching.domain.affinity.score import Affinity, fingerprint
from matching.domain.meaning import model
from tests.matching.affinity.test_affinity import person, program
from tests.matching.meaning.models import WORDS

MENTORS = [
    person(topics_offered="CUDA kernels, coral reefs", notes="I am happy to talk about galaxies."),
    person(notes="How to write: writing grants"),
    person(notes="I would like to talk"),
]
MENTEES = [
    person(topics_wanted="GPU programming", notes="oceans"),
    person(notes="I love telescopes and 2027"),
    person(),
    person(notes="我们"),
]


def test_a_pair_scores_its_closest_phrases_and_who_named_nothing_the_average(word_model):
    affinity = Affinity(program(meaning=1), MENTORS, MENTEES)

    # By hand, from WORDS: the cosine of (0, 0, 1, 8) and (0, 0, 0, 9) is 8 / 65 ** 0.5 = 0.992,
    # and so is that of (1, 0, 8, 0) and (0, 0, 9, 0).
    # GPU (1, 0) and programming (5, 2) / 29 ** 0.5 make (1.928, 0.371); writing grants is (0, 1).
    average = (992 + 992 + 189 + 0) // 4
    assert affinity.block(0, 3).tolist() == [
        [992, 992, average, average],
        [189, 0, average, average],
        [average] * 4,
    ]


def test_says_which_two_phrases_met(word_model):
    assert met_in_meaning(MENTORS[0], MENTEES[0]) == ("coral reefs", "oceans")
    assert met_in_meaning(MENTORS[0], MENTEES[1]) == ("galaxies", "telescopes")
    assert met_in_meaning(MENTORS[1], MENTEES[0]) == ("writing grants", "GPU programming")
    assert met_in_meaning(MENTORS[2], MENTEES[0]) is None
    assert met_in_meaning(MENTORS[0], MENTEES[2]) is None


def test_without_a_model_meaning_is_no_part():
    affinity = Affinity(program(meaning=1, interests=1), MENTORS, MENTEES)

    assert affinity.of_pairs([0], [0]) == [{"interests": 0, "hopes": 0}]
    assert affinity.silent == ["sector", "seniority", "questions", "wish"]
    assert met_in_meaning(MENTORS[0], MENTEES[0]) is None


def test_another_model_is_another_result(word_model, settings):
    with_model = fingerprint(program(), MENTORS, MENTEES, NewestAnswers())
    settings.MEANING_MODEL = ""
    assert fingerprint(program(), MENTORS, MENTEES, NewestAnswers()) != with_model


def test_a_model_that_cannot_be_used_is_warned_of_and_left_out(settings, tmp_path):
    assert run_checks(tags=["matching"]) == []
    settings.MEANING_MODEL = str(tmp_path / "gone")

    (warning,) = run_checks(tags=["matching"])

    assert warning.msg == (
        f"The model in MEANING_MODEL={tmp_path}/gone cannot be used: "
        f"No such file or directory: {tmp_path}/gone/config.json."
    )
    assert Affinity(program(meaning=1), MENTORS, MENTEES).block(0, 1).tolist() == [[0] * 4]


def test_vectors_of_phrases_are_computed_once(word_model, monkeypatch):
    vectors = model.phrase_vectors()
    before = vectors.of(["cuda", "coral reefs"])
    monkeypatch.setattr(vectors._model, "vectors", lambda phrases: np.zeros((0, 8)))

    assert vectors.of(["coral reefs", "cuda"])[::-1].tolist() == before.tolist()


WRITTEN = st.lists(st.sampled_from([*WORDS, "unheard", "I", ",", "and"]), max_size=9).map(" ".join)
PEOPLE = st.lists(st.builds(person, notes=WRITTEN, topics_offered=WRITTEN), min_size=1, max_size=6)


@given(PEOPLE, PEOPLE, st.integers(1, 6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pairs_and_blocks_of_any_size_agree(word_model, mentors, mentees, size):
    vectors = model.phrase_vectors()
    part = SameMeaning(vectors, mentors, mentees)
    starts = range(0, len(mentors), size)
    blocks = np.vstack([part.block(s, min(s + size, len(mentors))) for s in starts])
    rows, columns = (grid.ravel() for grid in np.indices(blocks.shape))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meaning, "_CELLS", 1)
        narrow = part.block(0, len(mentors))

    assert narrow.tolist() == blocks.tolist()
    assert part.of_pairs(rows, columns).tolist() == blocks.ravel().tolist()
    assert blocks.min() >= 0
    assert blocks.max() <= 1000
    turned = SameMeaning(vectors, mentees, mentors)
    assert turned.block(0, len(mentees)).T.tolist() == blocks.tolist()
