"""Random conferences for the benchmarks, with the shares found in the sample files."""

from __future__ import annotations

import numpy as np

from matching.engine import Problem, from_matrix

FIELDS = (
    "Physics/Astro/Chemistry",
    "Biology/Health",
    "Social Science/Econ",
    "Meteorology/Geology/Oceanography/Petrology",
    "CompSci/DS/ML",
    "Software Engineering",
    "Other",
)
FIELD_SHARE = (0.22, 0.2, 0.1, 0.12, 0.3, 0.25, 0.05)


def conference(people: int, seed: int = 0) -> Problem:
    """Return a conference of so many people: 45 in 100 are mentors, 1 in 5 is virtual.

    Mentors take one mentee (6 in 10), two (3 in 10) or three. One in 20 people has no known field.
    Affinity is what a few shared interests and some chance make of it. A few pairs are excluded
    because they share an employer.
    """
    rng = np.random.default_rng(seed)
    n = round(0.45 * people)
    m = people - n

    def fields(count: int) -> np.ndarray:
        has = rng.random((count, len(FIELDS))) < FIELD_SHARE
        has[rng.random(count) < 0.05] = False
        return has

    interests = 12
    likes = [rng.random((count, interests)).astype(np.float32) ** 3 for count in (n, m)]
    for like in likes:
        like /= np.linalg.norm(like, axis=1, keepdims=True)
    affinity = np.empty((n, m), np.int16)
    step = max(1, 2_000_000 // max(1, m))
    for start in range(0, n, step):
        stop = min(n, start + step)
        block = likes[0][start:stop] @ likes[1].T * 700
        block += rng.random((stop - start, m), np.float32) * 300
        affinity[start:stop] = block
    employer = [rng.integers(0, max(2, people // 4), count) for count in (n, m)]
    order = np.argsort(employer[1], kind="stable")
    first = np.searchsorted(employer[1][order], employer[0])
    last = np.searchsorted(employer[1][order], employer[0], side="right")
    rows = np.repeat(np.arange(n), last - first)
    offset = np.arange(len(rows)) - np.repeat(
        np.cumsum(last - first) - (last - first), last - first
    )
    columns = order[np.repeat(first, last - first) + offset]
    return Problem(
        mentors=tuple(f"mentor{number:06d}" for number in range(n)),
        mentees=tuple(f"mentee{number:06d}" for number in range(m)),
        capacity=rng.choice([1, 2, 3], n, p=[0.6, 0.3, 0.1]),
        mentor_virtual=rng.random(n) < 0.2,
        mentee_virtual=rng.random(m) < 0.2,
        mentor_fields=fields(n),
        mentee_fields=fields(m),
        fields=FIELDS,
        other="Other",
        affinity=from_matrix(affinity),
        exclusions=np.column_stack([rows, columns]).astype(np.int64),
        floor=200,
    )
