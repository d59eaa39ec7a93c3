"""Colors that can be read: WCAG's contrast, and a program's color for either theme."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

# Next to these the color has to be readable: the page and the paper of the light theme.
LIGHT = ("#ffffff", "#f6f5f2")
DARK_PAPER = "#1b232c"
# WCAG 2.2, 1.4.3: what text needs against what is behind it.
READABLE = 4.5
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def luminance(color: str) -> float:
    """Return the relative luminance (WCAG 2.2) of a color such as #0b5c86, from 0 to 1."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors (WCAG 2.2), from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def validate_color(color: str) -> None:
    """Raise ValidationError unless this is a color that is readable on the public pages."""
    if not _COLOR.fullmatch(color):
        raise ValidationError("Write the color as # and six digits or letters a–f, like #0b5c86.")
    found = min(contrast(color, paper) for paper in LIGHT)
    if found < READABLE:
        raise ValidationError(
            "This color is too light: links and buttons in it could not be read. Its contrast "
            "with the page is %(found).1f to 1, and 4.5 to 1 is needed. Choose a darker one.",
            params={"found": found},
        )


def for_the_dark(color: str) -> str:
    """Return the same color, as much lighter as it takes to be readable on dark paper."""
    shares = (step / 20 for step in range(21))
    mixed = (_toward_white(color, share) for share in shares)
    return next(one for one in mixed if contrast(one, DARK_PAPER) >= READABLE + 0.5)


def _toward_white(color: str, share: float) -> str:
    parts = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)
