"""Who is told, while a proposal is made, how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.models import Proposal


class Watch:
    """Is told what comes next, and may end it by raising an exception; this one looks away."""

    def reading(self) -> None:
        """People and matches are about to be read."""

    def comparing(self) -> None:
        """People are about to be compared."""

    def solving(self, done: int, in_hand: int, of: int) -> None:
        """So many priorities are done, so many are being solved at once, of so many."""

    def proving(self) -> None:
        """The solution is about to be proved."""

    def saving(self) -> None:
        """The pairs are about to be saved; the program is locked."""

    def saved(self, proposal: Proposal) -> None:
        """The pairs are saved, in a transaction that is about to end."""


UNWATCHED = Watch()
