"""What an import could not read in the responses that count, and the committee has not settled."""

from __future__ import annotations

from mentorship.models import Program, Source, SurveyResponse


def doubtful_answers(program: Program) -> list[SurveyResponse]:
    """Return the newest responses in which something was not understood and is not settled yet.

    A doubt is settled once the committee has decided on that detail of the person.
    """
    answers = (
        SurveyResponse.objects.filter(participant__program=program, participant__withdrawn_at=None)
        .newest()
        .exclude(doubts=[])
    )
    return [answer for answer in answers.select_related("participant") if open_doubts(answer)]


def open_doubts(answer: SurveyResponse) -> list[tuple[str, str]]:
    """Return what is not settled of a response, as (detail, what was written).

    A detail is named as the columns of a person are: `time_zone`.
    """
    person = answer.participant
    settled = {detail for detail, by in person.detail_sources.items() if by == Source.COMMITTEE}
    settled |= {"role"} if person.decided_role else set()
    settled |= {"attendance"} if person.decided_attendance else set()
    doubts = [
        (doubt.get("field", "").replace(" ", "_"), doubt.get("value", ""))
        for doubt in answer.doubts
    ]
    return [doubt for doubt in doubts if doubt[0] not in settled]
