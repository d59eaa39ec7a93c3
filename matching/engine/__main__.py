"""Solve one problem without Django: `python -m matching.engine < problem.json`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from typing import Any, NoReturn

from matching.engine.bins import assign_bins
from matching.engine.certificate import certify
from matching.engine.explain.changes import changed_pairs
from matching.engine.explain.priority_costs import cost_of_priorities
from matching.engine.explain.shortage import missing_mentors, summary
from matching.engine.explain.unmatched import explain_unmatched
from matching.engine.parse import parse_problem
from matching.engine.problem import Problem, ProblemError
from matching.engine.solution import Solution
from matching.engine.solver.solve import solve

_FORMAT = """Read one problem as JSON from standard input, and print its solution as JSON.

mentors     [{"id", "capacity", "attendance": "in_person" or "virtual", "fields": [name...]}...]
mentees     [{"id", "attendance", "fields"}...]

and, if wanted:

affinity    a row of whole numbers from 0 to 1000 for each mentor, one for each mentee
keep_apart, locked, announced
            [[id of a mentor, id of a mentee]...]
priorities  their names in order; all of them unless given
floor       the affinity below which a pair is weak"""
_DIGITS = 20  # of a whole number; everything that is counted here has fewer


def main() -> int:
    """Read a problem from standard input, print its solution, and return the exit code.

    The code is 1, with one sentence on standard error, if the problem is at fault. Both are UTF-8.
    """
    try:
        data = json.loads(
            (sys.stdin.buffer.read() if sys.stdin else b"").decode("utf-8-sig"),
            parse_constant=_not_a_number,
            parse_int=_whole_number,
            object_pairs_hook=_object,
        )
        problem = parse_problem(data)
    except UnicodeDecodeError:
        return _fault("The problem is not UTF-8 text.")
    except json.JSONDecodeError as error:
        return _fault(
            f"The problem is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        )
    except RecursionError:
        return _fault("The problem cannot be read as JSON: it is nested too deeply.")
    except ProblemError as error:
        return _fault(str(error))
    solution = solve(problem)
    certificate = certify(problem, solution)
    # Ids are printed as they were given: a number stays a number.
    mentors = [person["id"] for person in data["mentors"]]
    mentees = [person["id"] for person in data["mentees"]]
    pairs = solution.pairs.tolist()
    bins = assign_bins(problem, solution.pairs)
    result: dict[str, Any] = {
        "status": "optimal" if certificate.valid else "not proven",
        "pairs": [[mentors[i], mentees[j]] for i, j in pairs],
        "tiers": [
            # The bound that the certificate recomputed, not the one that the solver states.
            {"name": t.name, "value": t.value, "bound": certificate.bounds.get(t.name, t.bound)}
            for t in solution.tiers
        ],
        "certificate": {"valid": certificate.valid, "problems": certificate.problems},
        "bins": list(bins.pairs),
        "unmatched_mentees": [mentees[j] for j in bins.mentees],
        "idle_mentors": [mentors[i] for i in bins.mentors],
        "explanations": explanations(problem, solution),
    }
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    except OSError as error:
        # Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # who read the output has read enough of it
            return 128 + signal.SIGPIPE
        return _fault(f"The solution cannot be written: {error.strerror}.")
    return 0


def explanations(problem: Problem, solution: Solution) -> list[str]:
    """Return sentences: who is unmatched and why, who is missing, which announced pairs change.

    The last ones are on the priorities without which something would be better or worse.
    """
    missing = missing_mentors(problem, solution)
    unmatched = len(problem.mentees) - len(solution.pairs)
    return [
        *(reason.sentence for reason in explain_unmatched(problem, solution)),
        *(extra.sentence for extra in missing),
        *([summary(missing, unmatched)] if unmatched else []),
        *(change.sentence for change in changed_pairs(problem, solution)),
        *(
            cost.sentence
            for cost in cost_of_priorities(problem, solution)
            if any(cost.saved.values())
        ),
    ]


def _not_a_number(name: str) -> NoReturn:
    raise ProblemError(f"The problem contains {name}, which is not a whole number.")


def _whole_number(text: str) -> int:
    if len(text) > _DIGITS:
        raise ProblemError(f"The problem contains {text[:_DIGITS]}…, a number that is too large.")
    return int(text)


def _object(parts: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in parts:
        if name in result:
            raise ProblemError(f"One object of the problem has “{name}” twice; remove one.")
        result[name] = value
    return result


def _fault(sentence: str) -> int:
    # Half a character, which JSON can hold, cannot be printed.
    line = " ".join(sentence.split()).encode(errors="backslashreplace").decode()
    print(line, file=sys.stderr)
    return 1


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog="python -m matching.engine",
        description=_FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    sys.exit(main())
