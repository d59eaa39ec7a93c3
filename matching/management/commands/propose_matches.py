"""Find the best matching of a program and save it as draft matches."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import ngettext

from matching.domain.proposals.propose import as_json, propose
from mentorship.interfaces.commands import JsonCommand


class Command(JsonCommand):
    help = "Propose matches. Locked and announced pairs stay; all other drafts are replaced."
    # The checks look at every page of the site, which takes as long as the proposal.
    requires_system_checks: list[str] = []

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="print the proposal, save nothing"
        )

    def act(self, **options: Any) -> dict[str, Any]:
        return as_json(propose(options["program"], dry_run=options["dry_run"]))

    def words(self, result: dict[str, Any]) -> str:
        pairs, waiting, idle = (
            result["pairs"],
            result["unmatched_mentees"],
            result["idle_mentors"],
        )
        proven = "proven best" if result["status"] == "optimal" else "not proven best"
        people = ", ".join(
            (
                ngettext("%d mentor", "%d mentors", result["mentors"]) % result["mentors"],
                ngettext("%d mentee", "%d mentees", result["mentees"]) % result["mentees"],
            )
        )
        made = ngettext("%d pair", "%d pairs", len(pairs)) % len(pairs)
        lines = [f"{made} ({people}), {proven}, in {result['seconds']} s."]
        lines += [f"  {t['name']}: {t['value']} (bound {t['bound']})" for t in result["tiers"]]
        lines.append(f"Unmatched mentees: {', '.join(waiting) or 'none'}.")
        lines.append(f"Unmatched mentors: {', '.join(idle) or 'none'}.")
        return "\n".join(lines)
