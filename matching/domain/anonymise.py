"""Removing what people wrote from the matches, help requests and feedback of a past program."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from matching.domain.exclusions.past_pairs import forget_addresses
from matching.models import (
    BoardStep,
    Concern,
    ConcernEntry,
    Feedback,
    KeepApart,
    Match,
    MentorAnswer,
    PastPair,
    Proposal,
    ProposalRun,
    WishDecision,
)
from mentorship.domain.programs.anonymise import forget_log
from mentorship.models import Participant, Program


def anonymise_matches(program: Program) -> None:
    """Empty all free text about a program's matches; the matched pairs (by number) stay.

    Call it before the people themselves, in a transaction that has locked the program: other
    programs' earlier pairs lose the addresses of these people. It cannot be undone.
    """
    forget_addresses(
        list(program.participants.values_list("email", flat=True)),
        Program.objects.exclude(pk=program.pk),
    )
    matches: QuerySet[Match] = Match.objects.filter(program=program)
    matches.update(dissolved_why="", note=None)
    Match.history.filter(program=program).update(
        dissolved_why="", note=None, history_change_reason=None
    )
    BoardStep.objects.filter(program=program).delete()
    keep_aparts = KeepApart.objects.filter(program=program)
    keep_aparts.update(note="")
    WishDecision.objects.filter(participant__program=program).delete()
    MentorAnswer.objects.filter(program=program).update(words="")
    PastPair.objects.filter(program=program).delete()
    Proposal.objects.filter(program=program).update(why_not_proven="")
    ProposalRun.objects.filter(program=program).delete()
    concerns = Concern.objects.filter(program=program)
    concerns.update(text="", outcome="")
    # Nobody is left to help.
    concerns.filter(status=Concern.Status.OPEN).update(
        status=Concern.Status.SETTLED, settled_at=timezone.now()
    )
    ConcernEntry.objects.filter(concern__program=program).delete()
    feedback = Feedback.objects.filter(program=program)
    feedback.update(went_well="", do_better="")
    forget_log(Match, matches)
    forget_log(KeepApart, keep_aparts)
    forget_log(Concern, concerns)
    forget_log(Feedback, feedback)


def anonymise_matches_of(person: Participant) -> None:
    """Empty all free text about one person's matches, and what they or others said with them.

    Call it before the person's own row is anonymized, in a transaction that has locked the program.
    It cannot be undone.
    """
    program = person.program_id
    matches: QuerySet[Match] = Match.objects.filter(Q(mentor=person) | Q(mentee=person))
    keys = list(matches.values_list("pk", flat=True))
    matches.update(dissolved_why="", note=None)
    Match.history.filter(id__in=keys).update(
        dissolved_why="", note=None, history_change_reason=None
    )
    for step in BoardStep.objects.filter(program=program):
        ours = [change for change in step.changes if change["match"] in keys]
        for change in ours:
            for row in filter(None, (change["before"], change["after"])):
                row.update({name: "" for name in ("dissolved_why", "note") if row.get(name)})
        if ours:
            BoardStep.objects.filter(pk=step.pk).update(changes=step.changes)
    # What has kept a proposal from being made may name anybody; each can be made again.
    ProposalRun.objects.filter(program=program).delete()
    KeepApart.objects.filter(Q(first=person) | Q(second=person)).delete()
    WishDecision.objects.filter(participant=person).delete()
    MentorAnswer.objects.filter(Q(mentor=person) | Q(mentee=person)).update(words="")
    concerns = Concern.objects.filter(participant=person)
    concerns.update(text="", outcome="")
    ConcernEntry.objects.filter(concern__in=concerns).delete()
    Feedback.objects.filter(participant=person).update(went_well="", do_better="")
    for model, rows in (
        (Match, matches),
        (Concern, concerns),
        (KeepApart, KeepApart.objects.none()),
    ):
        forget_log(model, rows)
