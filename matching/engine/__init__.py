"""The matcher: whole numbers in, the best pairs and their proof out; no Django anywhere in it.

`problem`, `solution` and `sentences` are what everything else builds on. `solver` finds the pairs,
`certificate` proves them without it, `bins` divides them among the fields, `explain` answers
questions about them.
"""

from matching.engine.bins import Bins, assign_bins
from matching.engine.certificate import Certificate, certify
from matching.engine.explain.alternatives import Alternative, alternatives
from matching.engine.explain.changes import ChangedPair, changed_pairs
from matching.engine.explain.priority_costs import PriorityCost, cost_of_priorities
from matching.engine.explain.rematch import Chain, mentees_for, mentors_for
from matching.engine.explain.shortage import Extra, missing_mentors, summary
from matching.engine.explain.unmatched import Unmatched, explain_unmatched
from matching.engine.explain.what_if import (
    Difference,
    NewMentors,
    add_mentors,
    compare,
    locked,
    unlocked,
    with_capacity,
)
from matching.engine.explain.why_not import WhyNot, why_not
from matching.engine.parse import parse_problem
from matching.engine.problem import (
    AFFINITY_MAX,
    OTHER,
    PRIORITIES,
    AffinityBlocks,
    Problem,
    ProblemError,
    from_matrix,
)
from matching.engine.solution import Solution, Tier
from matching.engine.solver.solve import solve

__all__ = [
    "AFFINITY_MAX",
    "OTHER",
    "PRIORITIES",
    "AffinityBlocks",
    "Alternative",
    "Bins",
    "Certificate",
    "Chain",
    "ChangedPair",
    "Difference",
    "Extra",
    "NewMentors",
    "PriorityCost",
    "Problem",
    "ProblemError",
    "Solution",
    "Tier",
    "Unmatched",
    "WhyNot",
    "add_mentors",
    "alternatives",
    "assign_bins",
    "certify",
    "changed_pairs",
    "compare",
    "cost_of_priorities",
    "explain_unmatched",
    "from_matrix",
    "locked",
    "mentees_for",
    "mentors_for",
    "missing_mentors",
    "parse_problem",
    "solve",
    "summary",
    "unlocked",
    "why_not",
    "with_capacity",
]
