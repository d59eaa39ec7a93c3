"""Text that must not run as a formula, and text that must stay readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.domain.files.formulas import defuse, undo_defusing

STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
HOSTILE = st.text(st.sampled_from([*STARTS, *"'\"’“ \u00a0\u200b1a.("]))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "@SUM(A1)",
        "+A1",
        "-1+1",
        "- first of a list",
        "\t=1",
        "\rx",
        "  =1",
        "'=1",
        '"=1',
        "“=1",
        "\uff1d1",
        "\u200b=1",
        "+1-555-0100",
        "+",
    ],
)
def test_what_could_run_is_marked_as_text_and_comes_back(text):
    assert defuse(text) == f"'{text}"
    assert undo_defusing(f"'{text}") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+1 555 0100",
        "+1 (555) 0100",
        "-5",
        "-1,234.50",
        "a=1",
        "Ada",
        "'quoted'",
        "O'Neil",
        "5",
    ],
)
def test_what_reads_well_stays(text):
    assert defuse(text) == text
    assert undo_defusing(text) == text


@pytest.mark.slow
@given(st.one_of(HOSTILE, st.text()))
def test_every_text_comes_back_and_starts_no_formula(text):
    cell = defuse(text)

    assert undo_defusing(cell) == text
    assert not cell.startswith(tuple(STARTS)) or not set(cell[1:]) - set("0123456789 .,()")
