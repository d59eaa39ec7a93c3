"""What would be if: the same people with something changed. Nothing of this is saved."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from matching import engine
from matching.domain.proposals.solved import Solved
from matching.engine.sentences import first_loss
from matching.engine.tiers import affinity_of
from matching.models import Match


@dataclass(frozen=True)
class Wish:
    """What to change: more mentors in a field, a mentor's capacity, a pair that is kept.

    `mentor` and `unlock` are the keys of a participant and of a match.
    """

    more: engine.NewMentors | None = None
    mentor: int | None = None
    places: int = 0
    unlock: int | None = None


def what_if(result: Solved, wish: Wish) -> engine.Difference:
    """Give how the best matching with the change differs from the one without, by names.

    A new mentor counts with the mean affinity of the pairs made. Raises ValidationError if the
    mentor or the pair is not there, or the capacity is below what kept pairs take.
    """
    problem = result.named
    try:
        other = problem
        if wish.unlock is not None:
            places = [place for place, m in result.inputs.kept.items() if m.pk == wish.unlock]
            if not places:
                raise ValidationError("Choose a pair that is locked or announced.")
            other = engine.unlocked(other, places)
        if wish.mentor is not None:
            keys = [person.pk for person in result.inputs.mentors]
            if wish.mentor not in keys:
                raise ValidationError("Choose a mentor who takes part.")
            other = engine.with_capacity(other, {keys.index(wish.mentor): wish.places})
        if wish.more is not None and wish.more.count:
            affinity = affinity_of(problem, result.solution.pairs)
            mean = round(affinity.mean()) if len(affinity) else problem.floor
            other = engine.add_mentors(other, wish.more, mean)
        return engine.compare(problem, result.solution, other, engine.solve(other))
    except engine.ProblemError as error:
        raise ValidationError(str(error)) from error


def announced_in_the_way(result: Solved) -> list[str]:
    """Say which announced pairs would have to change so that more mentees have a mentor, and why.

    Empty where nobody is left, or changing announced pairs would place nobody more, or the program
    holds announced pairs dearer than that. Pairs that the committee locked are not touched.
    """
    problem, solution = result.named, result.solution
    if len(solution.pairs) == len(problem.mentees):
        return []
    announced = [
        place
        for place, match in result.inputs.kept.items()
        if match.status == Match.Status.ANNOUNCED and not match.locked
    ]
    if not announced:
        return []
    free = engine.unlocked(problem, announced)
    then = engine.solve(free)
    if len(then.pairs) <= len(solution.pairs):
        return []
    return [_sentence(free, change) for change in engine.changed_pairs(free, then)]


def _sentence(problem: engine.Problem, change: engine.ChangedPair) -> str:
    mentor, mentee = problem.mentors[change.mentor], problem.mentees[change.mentee]
    now = f"go to {problem.mentors[change.now]}" if change.now is not None else "have no mentor"
    why = first_loss(change.loss) if change.loss is not None else "a pair that cannot be"
    return f"{mentee}, announced with {mentor}, would {now}; keeping the pair means {why}."
