"""The tools whose files are known, and questions that stand in a column for each choice."""

import pytest

from mentorship.domain.columns.choices import with_choices
from mentorship.domain.columns.find import find_columns
from mentorship.domain.columns.found import cells_of
from mentorship.domain.columns.known import RESPONSE_COLUMNS, SIGNUP_COLUMNS
from mentorship.domain.columns.profiles import _profiles, profile_of
from mentorship.domain.files.tables import Row, Table

KEYS = {column.key for column in SIGNUP_COLUMNS + RESPONSE_COLUMNS}


def table(headings: str, *rows: str) -> Table:
    cells = [Row(number, row.split("|")) for number, row in enumerate(rows, start=2)]
    return with_choices(Table("a.csv", headings.split("|"), cells))


def test_each_profile_names_only_columns_that_there_are():
    assert {
        (profile.name, key)
        for profile in _profiles()
        for key in profile.columns.values()
        if key and key not in KEYS
    } == set()


@pytest.mark.parametrize(
    ("headings", "tool"),
    [
        ("#|Your email|Response Type|Submit Date (UTC)|Network ID", "Typeform responses"),
        ("Zeitstempel|E-Mail-Adresse|Rolle", "Google Forms responses"),
        ("ID|Heure de début|Heure de fin|Nom", "Microsoft Forms responses"),
        ("Name|Email|Ticket|Mentorship", None),
    ],
)
def test_a_file_is_known_by_its_headings(headings, tool):
    profile = profile_of(headings.split("|"))
    assert (profile and profile.name) == tool


@pytest.mark.parametrize(
    ("headings", "rows"),
    [
        ("Field [Biology]|Field [Physics]", ["Yes|No", "|x"]),
        ("f[S1]. Field [Biology]|f[S2]. Field [Physics]", ["1|0", "0|1"]),
        ("Field - Selected Choice - Biology|Field - Selected Choice - Physics",
         ["Biology|", "|Physics"]),
        ("Field: Biology|Field: Physics", ["TRUE|FALSE", "FALSE|TRUE"]),
        ("Field 1|Field 2", ["Biology|", "Physics|"]),
    ],
)  # fmt: skip
def test_all_ticks_of_a_question_are_one_answer(headings, rows):
    file = table(
        f"Timestamp|Email|Role|{headings}", *(f"2027-06-16|a@x.example|Mentor|{r}" for r in rows)
    )
    found = find_columns(file, RESPONSE_COLUMNS)
    assert [cells_of(row, found)["fields"] for row in file.rows] == ["Biology", "Physics"]


def test_headings_that_begin_alike_without_ticks_are_questions():
    file = table("Contact: email|Contact: phone", "a@x.example|123", "b@x.example|456")
    assert (file.headings, file.choices) == (["Contact: email", "Contact: phone"], [])
