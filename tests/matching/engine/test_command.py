"""`python -m matching.engine`: what it prints, and what it says about bad input."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys

import pytest

from matching.engine import Certificate
from matching.engine import __main__ as command

MENTORS = [
    {"id": "ada", "capacity": 2, "attendance": "virtual", "fields": ["Physics"]},
    {"id": "bo", "capacity": 1, "attendance": "in_person", "fields": ["Biology", "Physics"]},
    {"id": "cy", "capacity": 0, "attendance": "in_person", "fields": []},
]
MENTEES = [
    {"id": "xi", "attendance": "virtual", "fields": ["Physics"]},
    {"id": "yo", "attendance": "in_person", "fields": ["Biology"]},
    {"id": "zu", "attendance": "in_person", "fields": []},
]
PROBLEM = {
    "mentors": MENTORS,
    "mentees": MENTEES,
    "affinity": [[900, 100, 50], [300, 800, 70], [0, 0, 0]],
    "keep_apart": [["ada", "zu"], ["bo", "zu"]],
    "announced": [["bo", "yo"], ["cy", "xi"]],
    "floor": 100,
}
SOLVED = {
    "status": "optimal",
    "pairs": [["ada", "xi"], ["bo", "yo"]],
    "tiers": [
        {"name": "unmatched", "value": 1, "bound": 1},
        {"name": "changed", "value": 1, "bound": 1},
        {"name": "spread", "value": 0, "bound": 0},
        {"name": "mixed", "value": 0, "bound": 0},
        {"name": "cross_field", "value": 0, "bound": 0},
        {"name": "weak", "value": 0, "bound": 0},
        {"name": "affinity", "value": -1700, "bound": -1700},
    ],
    "certificate": {"valid": True, "problems": []},
    "bins": ["Physics", "Biology"],
    "unmatched_mentees": ["zu"],
    "idle_mentors": ["cy"],
    "explanations": [
        "zu is marked “do not match” with every mentor who has a place.",
        "One more in-person mentor in Other would mean 1 fewer unmatched mentee "
        "and 850 more total affinity.",
        "1 more mentor would be enough: 1 in Other (in person).",
        "xi was announced with cy but now has ada: cy is not taking mentees.",
    ],
}


@pytest.fixture
def solve_text(monkeypatch, capsys):
    """Return the command, run in this process: text in; exit code, output and error output out."""

    class Input:
        def __init__(self, content):
            self.buffer = self
            self.read = lambda: content

    def run(text):
        content = text if isinstance(text, bytes) else text.encode()
        monkeypatch.setattr(sys, "stdin", Input(content))
        code = command.main()
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_problem_is_solved_by_the_real_command():
    done = subprocess.run(
        [sys.executable, "-m", "matching.engine"],
        input=json.dumps(PROBLEM),
        capture_output=True,
        check=False,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == SOLVED


def test_letters_are_printed_as_utf_8_wherever_it_runs():
    problem = {"mentors": [{**MENTORS[0], "id": "Ada Łuż"}], "mentees": [MENTEES[0]]}
    done = subprocess.run(
        [sys.executable, "-m", "matching.engine"],
        input=json.dumps(problem).encode(),
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode())["pairs"] == [["Ada Łuż", "xi"]]


@pytest.mark.parametrize(
    ("output", "code", "said"),
    [
        (None, 128 + signal.SIGPIPE, b""),
        ("/dev/full", 1, b"The solution cannot be written: No space left on device.\n"),
    ],
)
def test_output_that_nobody_takes_is_no_error_of_the_program(output, code, said):
    reading, writing = os.pipe()
    os.close(reading)
    if output:
        os.close(writing)
        writing = os.open(output, os.O_WRONLY)
    done = subprocess.run(
        [sys.executable, "-m", "matching.engine"],
        input=json.dumps(PROBLEM).encode(),
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (code, said)


def test_no_input_at_all_is_said(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", None)  # as Python has it if whoever started it closed it

    assert command.main() == 1
    assert capsys.readouterr().err == (
        "The problem is not JSON: Expecting value in line 1, column 1.\n"
    )


def test_output_is_the_same_byte_for_byte_in_any_order_of_the_input(solve_text):
    rng = random.Random(1)
    outputs = set()
    for _ in range(10):
        rows, columns = rng.sample(range(3), 3), rng.sample(range(3), 3)
        shuffled = {
            **PROBLEM,
            "mentors": [MENTORS[row] for row in rows],
            "mentees": [MENTEES[column] for column in columns],
            "affinity": [[PROBLEM["affinity"][row][column] for column in columns] for row in rows],
            "keep_apart": rng.sample(PROBLEM["keep_apart"], 2),
            "announced": rng.sample(PROBLEM["announced"], 2),
        }
        outputs.add(solve_text(json.dumps(shuffled)))
    assert len(outputs) == 1
    assert json.loads(next(iter(outputs))[1]) == SOLVED


def test_the_printed_bound_is_the_one_that_the_certificate_counted(solve_text, monkeypatch):
    monkeypatch.setattr(
        command, "certify", lambda *_: Certificate(False, ["Not so."], {"affinity": -1701})
    )

    result = json.loads(solve_text(json.dumps(PROBLEM))[1])

    assert result["tiers"] == [*SOLVED["tiers"][:-1], SOLVED["tiers"][-1] | {"bound": -1701}]
    assert (result["status"], result["certificate"]["problems"]) == ("not proven", ["Not so."])


def test_a_mark_of_the_byte_order_is_no_fault(solve_text):
    assert solve_text("\ufeff" + json.dumps(PROBLEM)) == solve_text(json.dumps(PROBLEM))


def test_numbers_as_ids_stay_numbers(solve_text):
    problem = {"mentors": [{"id": 7, "capacity": 1}], "mentees": [{"id": 7}]}

    assert json.loads(solve_text(json.dumps(problem))[1])["pairs"] == [[7, 7]]


def test_nobody_at_all_is_a_problem_too(solve_text):
    code, output, _ = solve_text('{"mentors": [], "mentees": []}')

    assert (code, json.loads(output)["pairs"]) == (0, [])


def changed(**parts):
    return json.dumps({**PROBLEM, **parts})


def with_mentor(**parts):
    return changed(mentors=[{**MENTORS[0], **parts}, *MENTORS[1:]])


BAD = {
    "The problem is not JSON: Expecting value in line 1, column 1.": "mentors",
    "The problem is not UTF-8 text.": b"\xff\xfe{}",
    "The problem contains NaN, which is not a whole number.": '{"floor": NaN}',
    "The problem contains Infinity, which is not a whole number.": '{"floor": Infinity}',
    "The problem must be a JSON object with “mentors” and “mentees”.": "[]",
    "The problem has no “mentees”; add a list of them.": '{"mentors": []}',
    "“mentors” must be a list.": changed(mentors={}),
    "A problem has no part called “mentoring”; its parts are mentors, mentees, affinity, "
    "keep_apart, locked, announced, priorities, floor.": changed(mentoring=1),
    "The person at number 1 of “mentors” must be an object with an “id”.": changed(mentors=[1]),
    "The mentor “ada” is given twice.": changed(mentors=[*MENTORS, MENTORS[0]], affinity=None),
    "The capacity of ada is -1; it must be a whole number, 0 or more.": with_mentor(capacity=-1),
    "The capacity of ada is 1.5; it must be a whole number, 0 or more.": with_mentor(capacity=1.5),
    "The capacity of ada is true; it must be a whole number, 0 or more.": with_mentor(
        capacity=True
    ),
    'The attendance of ada is "maybe"; it must be “in_person” or “virtual”.': with_mentor(
        attendance="maybe"
    ),
    "The fields of ada must be a list of names.": with_mentor(fields="Physics"),
    "“locked” names the mentor “eve”, who is not in “mentors”.": changed(locked=[["eve", "xi"]]),
    "“keep_apart” names the mentee “ada”, who is not in “mentees”.": changed(
        keep_apart=[["ada", "ada"]]
    ),
    '["ada"] in “announced” must be a pair of a mentor and a mentee.': changed(announced=[["ada"]]),
    "ada and zu are locked as a pair but marked “do not match”; remove one of the two.": changed(
        locked=[["ada", "zu"]]
    ),
    "cy has 1 locked mentee but a capacity of 0; unlock a pair or raise the capacity.": changed(
        locked=[["cy", "xi"]]
    ),
    "xi is locked to two mentors, ada and bo; unlock one of the pairs.": changed(
        locked=[["ada", "xi"], ["bo", "xi"]]
    ),
    "“affinity” has 1 row for 3 mentors; it must have one row for each mentor.": changed(
        affinity=[[1, 2, 3]]
    ),
    "The affinity of bo has 1 number for 3 mentees; it must have one number for each mentee.": (
        changed(affinity=[[1, 2, 3], [4], [5, 6, 7]])
    ),
    "The affinity of ada and yo is 1001; it must be a whole number from 0 to 1000.": changed(
        affinity=[[0, 1001, 0]] * 3
    ),
    "The affinity of ada and yo is 0.5; it must be a whole number from 0 to 1000.": changed(
        affinity=[[0, 0.5, 0]] * 3
    ),
    "“speed” is not a priority; the priorities are unmatched, changed, spread, mixed, "
    "cross_field, weak, affinity.": changed(priorities=["speed"]),
    "The priority “weak” is given twice.": changed(priorities=["weak", "weak"]),
    "The minimum affinity (“floor”) is 1001; it must be from 0 to 1000.": changed(floor=1001),
    "The minimum affinity (“floor”) is null; it must be a whole number from 0 to 1000.": changed(
        floor=None
    ),
    'The capacity of ada is "2"; it must be a whole number, 0 or more.': with_mentor(capacity="2"),
    "bo has 2 locked mentees but a capacity of 1; unlock a pair or raise the capacity.": changed(
        mentors=[MENTORS[0], {**MENTORS[1], "capacity": 1}, MENTORS[2]],
        locked=[["bo", "xi"], ["bo", "yo"]],
    ),
    "The affinity of ada and yo is -1; it must be a whole number from 0 to 1000.": changed(
        affinity=[[0, -1, 0]] * 3
    ),
    "The affinity of ada and yo is Infinity; it must be a whole number from 0 to 1000.": changed(
        affinity=[[0, 7, 0]] * 3
    ).replace("7", "1e999"),
    'The id "" in number 1 of “mentees” must be text that is not empty, or a whole number.': (
        changed(mentees=[{"id": ""}])
    ),
    'The id "\\ud800" in number 1 of “mentees” must be text that is not empty, or a whole '
    "number.": changed(mentees=[{"id": "\ud800"}]),
    "The mentee “x y” is given twice.": changed(
        mentees=[{"id": "x\ny"}] * 2, keep_apart=[], announced=[], affinity=None
    ),
    "One object of the problem has “mentees” twice; remove one.": '{"mentees": [], "mentees": []}',
    "The problem contains 99999999999999999999…, a number that is too large.": (
        '{"floor": ' + "9" * 5000 + "}"
    ),
    "The problem cannot be read as JSON: it is nested too deeply.": "[" * 100_000,
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_is_refused_in_one_sentence(solve_text, sentence):
    assert solve_text(BAD[sentence]) == (1, "", sentence + "\n")
