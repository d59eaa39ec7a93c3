"""Find the best matching of a program and write it as draft matches."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from matching.domain.proposals.propose import as_json, propose
from mentorship.interfaces.commands import JsonCommand


class Command(JsonCommand):
    help = "Propose matches: keeps locked and announced pairs and replaces all other drafts."
    # They look at every page of the site, which takes as long as the proposal.
    requires_system_checks: list[str] = []

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say it, but save nothing")

    def act(self, **options: Any) -> dict[str, Any]:
        return as_json(propose(options["program"], dry_run=options["dry_run"]))

    def words(self, result: dict[str, Any]) -> str:
        pairs, waiting, idle = (
            result["pairs"],
            result["unmatched_mentees"],
            result["idle_mentors"],
        )
        proven = "proven best" if result["status"] == "optimal" else "not proven best"
        lines = [
            f"{len(pairs)} pairs of {result['mentors']} mentors and {result['mentees']} mentees,"
            f" {proven}, in {result['seconds']} s."
        ]
        lines += [f"  {t['name']}: {t['value']} (bound {t['bound']})" for t in result["tiers"]]
        lines.append(f"Mentees without a mentor: {', '.join(waiting) or 'none'}.")
        lines.append(f"Mentors without a mentee: {', '.join(idle) or 'none'}.")
        return "\n".join(lines)
