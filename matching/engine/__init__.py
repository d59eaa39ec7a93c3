"""The matcher: whole numbers in, proven best pairs out; no Django anywhere in it (DESIGN §5)."""

from matching.engine.alternatives import Alternative, alternatives
from matching.engine.bins import Bins, assign_bins
from matching.engine.certificate import Certificate, certify
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
from matching.engine.solve import Solution, Tier, solve

__all__ = [
    "AFFINITY_MAX",
    "OTHER",
    "PRIORITIES",
    "AffinityBlocks",
    "Alternative",
    "Bins",
    "Certificate",
    "Problem",
    "ProblemError",
    "Solution",
    "Tier",
    "alternatives",
    "assign_bins",
    "certify",
    "from_matrix",
    "parse_problem",
    "solve",
]
