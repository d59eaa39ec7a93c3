"""What is wrong with the settings of matching, in a sentence each."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from matching.domain.meaning.model import model_problem


@register("matching")
def check_model(**kwargs: Any) -> list[CheckMessage]:
    """Find out whether the model that the host has set can be used."""
    problem = model_problem()
    hint = "Until then, words are compared by their letters alone."
    return [Warning(problem, hint=hint, id="matching.W001")] if problem else []
