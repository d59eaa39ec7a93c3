"""What would change if: the same people, with one thing different. Nothing is saved."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from matching import engine
from matching.domain.proposals.problem import SolvedProblem
from matching.engine.sentences import first_loss
from matching.engine.tiers import affinity_of
from matching.models import Match


@dataclass(frozen=True)
class Scenario:
    """What to change: more mentors in a field, a mentor's capacity, a pair to unlock.

    `mentor` and `unlock` are the keys of a participant and of a match; `capacity` is the mentor's.
    """

    more: engine.NewMentors | None = None
    mentor: int | None = None
    capacity: int = 0
    unlock: int | None = None


def what_if(result: SolvedProblem, scenario: Scenario) -> engine.Difference:
    """Return how the best matching with the change differs from the one without, by names.

    A new mentor counts with the mean affinity of the pairs made. Raise ValidationError if the
    mentor or the pair is not there, or the capacity is below what fixed pairs take.
    """
    problem = result.named
    try:
        other = problem
        if scenario.unlock is not None:
            fixed = result.inputs.fixed
            pairs = [pair for pair, match in fixed.items() if match.pk == scenario.unlock]
            if not pairs:
                raise ValidationError("Choose a pair that is locked or announced.")
            other = engine.unlocked(other, pairs)
        if scenario.mentor is not None:
            keys = [person.pk for person in result.inputs.mentors]
            if scenario.mentor not in keys:
                raise ValidationError("Choose a mentor who is taking part.")
            other = engine.with_capacity(other, {keys.index(scenario.mentor): scenario.capacity})
        if scenario.more is not None and scenario.more.count:
            affinity = affinity_of(problem, result.solution.pairs)
            mean = round(affinity.mean()) if len(affinity) else problem.floor
            other = engine.add_mentors(other, scenario.more, mean)
        return engine.compare(problem, result.solution, other, engine.solve(other))
    except engine.ProblemError as error:
        raise ValidationError(str(error)) from error


def announced_in_the_way(result: SolvedProblem) -> list[str]:
    """Return, in sentences, which announced pairs would have to change to match more mentees.

    Empty where nobody is unmatched, or changing announced pairs would match nobody more, or the
    program ranks keeping announced pairs higher. Locked pairs are not touched.
    """
    problem, solution = result.named, result.solution
    if len(solution.pairs) == len(problem.mentees):
        return []
    announced = [
        pair
        for pair, match in result.inputs.fixed.items()
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
    now = f"go to {problem.mentors[change.now]}" if change.now is not None else "be unmatched"
    why = first_loss(change.loss) if change.loss is not None else "a pair that is not possible"
    return f"{mentee}, announced with {mentor}, would {now}; keeping the pair means {why}."
