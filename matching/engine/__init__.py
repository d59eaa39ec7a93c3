"""The matcher: whole numbers in, proven best pairs out; no Django anywhere in it (DESIGN §5)."""

from matching.engine.alternatives import Alternative, alternatives
from matching.engine.bins import Bins, assign_bins
from matching.engine.certificate import Certificate, certify
from matching.engine.changes import Change, changed_pairs
from matching.engine.explain import (
    PriorityCost,
    Unmatched,
    WhyNot,
    cost_of_priorities,
    explain_unmatched,
    why_not,
)
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
from matching.engine.shortage import Extra, missing_mentors, summary
from matching.engine.solve import Solution, Tier, solve
from matching.engine.what_if import (
    Difference,
    NewMentors,
    add_mentors,
    compare,
    locked,
    unlocked,
    with_capacity,
)

__all__ = [
    "AFFINITY_MAX",
    "OTHER",
    "PRIORITIES",
    "AffinityBlocks",
    "Alternative",
    "Bins",
    "Certificate",
    "Change",
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
    "missing_mentors",
    "parse_problem",
    "solve",
    "summary",
    "unlocked",
    "why_not",
    "with_capacity",
]
