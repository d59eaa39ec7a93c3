"""The commands that import one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from mentorship.domain.columns.profiles import profile_of
from mentorship.domain.files.spreadsheets import content_of
from mentorship.domain.imports.kinds import KINDS, NothingRead, dry_run, run_import
from mentorship.domain.meaning.remembered import EVERYONE, LISTED_AT_MOST, given_by_flags
from mentorship.domain.people.bulk import BATCH
from mentorship.interfaces.commands import JsonCommand
from mentorship.models import Import


class ImportCommand(JsonCommand):
    """A command that imports one file: `FILE [--dry-run] [--sheet NAME] [--column HEADING=KEY]…`"""

    # The checks look at every page of the site, which takes a second and 50 MB.
    requires_system_checks: list[str] = []
    kind: ClassVar[Import.Kind]
    nothing_read = False

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV, TSV, XLSX or ODS")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would change, save nothing"
        )
        parser.add_argument(
            "--sheet", metavar="NAME", default="", help="the sheet of a workbook to read"
        )
        keys = ", ".join(column.key for column in KINDS[self.kind].columns)
        parser.add_argument(
            "--column",
            metavar="HEADING=KEY",
            action="append",
            default=[],
            help="say what a column is, which the program remembers; several times if needed. "
            f"HEADING is a heading or the column’s number, KEY one of: {keys}, or nothing at all "
            "for a column to ignore",
        )
        if KINDS[self.kind].has_words:
            parser.add_argument(
                "--value",
                action="append",
                default=[],
                metavar="TEXT=MEANING",
                help="say what a text in the file means, which the program remembers: mentor, "
                "mentee, no, undecided; in_person, virtual, ask; counts, left_out",
            )
        if self.kind == Import.Kind.SIGNUPS:
            parser.add_argument(
                "--attendance",
                choices=["in_person", "virtual", "ask"],
                help="how everyone attends, for a file that does not say it",
            )

    def act(self, **options: Any) -> dict[str, Any]:
        program, the = options["program"], KINDS[self.kind]
        path = Path(options["file"])
        table = the.read(program, content_of(path), path.name, options["sheet"])
        profile = profile_of(table.headings)
        for note in (f"Looks like {profile.name}." if profile else "", table.note):
            if note:
                self.stderr.write(note)
        given = self._given(options)
        try:
            choice = the.choose(program, table, options["column"])
            said: dict[str, Any] = {"choice": choice, "given": given}
            if options["dry_run"]:
                report = dry_run(program, self.kind, table, progress=self.show_progress, **said)
            else:
                report, _ = run_import(
                    program, self.kind, table, progress=self.show_progress, **said
                )
        except NothingRead as nothing:
            report = nothing.report
        except ValidationError as error:
            code = getattr(error, "code", "")
            if code == "usage":
                raise CommandError(error.messages[0], returncode=2) from error
            if code == "columns":
                raise ValidationError(
                    [*error.messages, "Say what a column is with --column HEADING=KEY."]
                ) from error
            raise
        if KINDS[self.kind].has_words:
            self.say_words(report, taken=options["dry_run"])
        for doubt in report.doubts:
            self.stderr.write(
                f"Row {doubt.row}, {doubt.email}: {doubt.field} not understood: {doubt.value}"
            )
        result: dict[str, Any] = report.as_json()
        result["columns"] = the.taken(program, table, choice)
        return result

    def _given(self, options: dict[str, Any]) -> dict[str, str]:
        try:
            given = given_by_flags(options.get("value", []))
        except ValueError as error:
            raise CommandError(
                f"--value {error}: write TEXT=MEANING, with mentor, mentee, no, undecided, "
                "in_person, virtual, ask, counts or left_out as the meaning.",
                returncode=2,
            ) from error
        if attendance := options.get("attendance"):
            given[EVERYONE] = attendance
        return given

    def say_words(self, report: Any, *, taken: bool) -> None:
        """Print on standard error what is open, and what the file's words were taken for."""
        for note in report.notes:
            self.stderr.write(note)
        for value in report.values[:LISTED_AT_MOST] if taken else ():
            if value.meaning:
                why = f" ({value.why})" if value.why else ""
                self.stderr.write(
                    f"{value.kind} “{value.text}”: {value.meaning}{why}, rows: {value.rows}"
                )
        for question in report.questions:
            if not question.answer:
                self.stderr.write(f"{question.sentence} Answer with {question.flag}.")
        self.nothing_read = report.nothing_read
        if self.nothing_read:
            self.stderr.write(NothingRead(report).messages[0])

    def exit_code(self, result: dict[str, Any]) -> int:
        """Return 1 if something must be answered first, or every row is refused."""
        must = any(question["must"] for question in result.get("questions", []))
        return int(must or self.nothing_read)

    def show_progress(self, done: int, total: int) -> None:
        """Print on standard error how far a long import is."""
        if total > BATCH:
            self.stderr.write(f"{done} of {total} ({100 * done // total} %)")
