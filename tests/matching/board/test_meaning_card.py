"""A pair's card says which two phrases met in meaning."""

from django.urls import reverse

from matching.domain.matches.changes import create_match
from matching.domain.matches.people import read_people
from matching.interfaces.board.cards import pair_card
from tests.factories import ParticipantFactory


def card_of(program, wanted):
    program.affinity_weights = {"meaning": 1}
    program.save()
    mentor = ParticipantFactory(program=program, name="Ada", notes="CUDA kernels; coral reefs")
    mentee = ParticipantFactory(program=program, name="Ben", mentee=True, topics_wanted=wanted)
    match = create_match(mentor, mentee)
    return match, pair_card(read_people(program), match)


def test_the_card_shows_the_part_and_the_two_phrases(program, word_model):
    _, card = card_of(program, "I would like to talk about GPU programming, writing grants")

    (bar,) = [bar for bar in card.bars if bar.phrases]
    assert (bar.name, bar.points, bar.most) == ("Same meaning", 978, 1000)
    assert bar.phrases == ("CUDA kernels", "GPU programming")
    assert card.because == (
        "Matched because both attend in person and “CUDA kernels” and “GPU programming” are close "
        "in meaning."
    )


def test_what_people_wrote_is_escaped(program, word_model, signed_in):
    match, _ = card_of(program, "<b>CUDA</b>")

    page = signed_in.get(reverse("board_panel"), {"mentee": match.mentee_id}).text

    assert "Ben wrote “&lt;b&gt;CUDA&lt;/b&gt;”" in page
    assert "<b>CUDA" not in page


def test_without_the_model_the_points_stay_and_no_phrases_are_named(program, word_model, settings):
    match, _ = card_of(program, "GPU programming")
    settings.MEANING_MODEL = ""

    card = pair_card(read_people(program), match)

    assert [(bar.name, bar.points, bar.phrases) for bar in card.bars] == [
        ("Interests and notes", 0, None),
        ("Same meaning", 978, None),
        ("Hopes and offers", 0, None),
    ]
    assert card.because == (
        "Matched because both attend in person and what they wrote is close in meaning."
    )
