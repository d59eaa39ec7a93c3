"""People who could take either role, and whether one of the two is short."""

from __future__ import annotations

from django.db.models import Count, Sum

from mentorship.models import Participant, Program, Role


def people_who_could_help(program: Program) -> tuple[str, list[Participant]]:
    """Return the role of which there are too few people or places, and who could take it.

    By the numbers alone, so that it can be asked on every page; "" and nobody where none is short.
    One person too many is not short: the one who changed would be left in the other role.
    """
    flexible = flexible_people(program)
    if not flexible:
        return "", []
    people = program.participants.taking_part()
    mentors = people.mentors().filter(capacity__gt=0)
    count = mentors.aggregate(mentors=Count("pk"), places=Sum("capacity"))
    mentees = people.mentees().count()
    short_of = Role.MENTOR if mentees - (count["places"] or 0) > 1 else ""
    short_of = short_of or (Role.MENTEE if count["mentors"] - mentees > 1 else "")
    return str(short_of), [p for p in flexible if short_of and p.role != short_of]


def flexible_people(program: Program) -> list[Participant]:
    """Return who takes part, could take the other role, has no role decided and no match to stay.

    Announced and locked pairs stay, and so do the roles of their people.
    """
    fixed = program.matches.fixed()
    people = program.participants.taking_part().filter(decided_role="", other_role__isnull=False)
    people = people.exclude(pk__in=fixed.values("mentor"))
    return list(people.exclude(pk__in=fixed.values("mentee")).order_by("pk"))
