"""Check a program's live matches, or two hand-made sheets."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from matching.domain.matches.checks import Finding, check_matches
from matching.domain.sheets.check import check_sheets
from matching.domain.sheets.columns import MENTEE_COLUMNS, MENTOR_COLUMNS, sheet_of
from mentorship.domain.files.spreadsheets import read_file_sheets
from mentorship.interfaces.commands import JsonCommand, find_program


class Command(JsonCommand):
    help = (
        "Check the live matches of a program (--program), or two hand-made sheets"
        " (--mentors and --mentees). Exits with 1 when there are problems."
    )
    needs_program = False

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--program", metavar="SLUG")
        parser.add_argument("--mentors", metavar="FILE", help="the sheet of mentors")
        parser.add_argument("--mentees", metavar="FILE", help="the sheet of mentees")

    def act(self, **options: Any) -> dict[str, Any]:
        slug, mentors, mentees = options["program"], options["mentors"], options["mentees"]
        if slug and not (mentors or mentees):
            findings, matches = check_matches(find_program(slug))
            pairs = [[match.mentor.email, match.mentee.email] for match in matches]
            return {"problems": [_as_json(each) for each in findings], "pairs": sorted(pairs)}
        if mentors and mentees and not slug:
            return check_sheets(
                sheet_of(read_file_sheets(mentors).values(), MENTOR_COLUMNS),
                sheet_of(read_file_sheets(mentees).values(), MENTEE_COLUMNS),
            ).as_json()
        raise CommandError("Pass either --program, or both --mentors and --mentees.", returncode=2)

    def words(self, result: dict[str, Any]) -> str:
        lines = []
        for problem in result["problems"]:
            who = " and ".join(filter(None, [problem["mentor"], problem["mentee"]]))
            label = "warning" if problem.get("warning") else "problem"
            lines.append(f"{label} {problem['kind']}: {who}: {problem['detail']}")
        serious = sum(not problem.get("warning") for problem in result["problems"])
        lines.append(
            f"Pairs: {len(result['pairs'])}. Problems: {serious}."
            f" Warnings: {len(result['problems']) - serious}."
        )
        return "\n".join(lines)

    def exit_code(self, result: dict[str, Any]) -> int:
        return int(any(not problem.get("warning") for problem in result["problems"]))


def _as_json(finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": finding.kind,
        "mentor": finding.mentor.email,
        "mentee": finding.mentee.email if finding.mentee else None,
        "detail": finding.detail,
    }
    return found | {"warning": True} if finding.warning else found
