"""A program's logo: what is taken, and what is made of it."""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO

from django.core.exceptions import ValidationError
from PIL import Image, UnidentifiedImageError

from mentorship.models import Logo, Program

BYTES_AT_MOST = 2 * 1024 * 1024
PIXELS_AT_MOST = 16_000_000
# Twice as large as it is shown, for fine screens.
SIZE = (640, 160)
# A drawing (SVG) can hold scripts and is not taken.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def read_logo(file: BinaryIO) -> bytes:
    """Return an uploaded image as a PNG of the size in which it is shown, with nothing else in it.

    Raise ValidationError if it is no image of a kind that is taken, or too large.
    """
    content = file.read(BYTES_AT_MOST + 1)
    if len(content) > BYTES_AT_MOST:
        raise ValidationError("This file has more than 2 MB. Save the logo smaller.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > PIXELS_AT_MOST:
                raise ValidationError("This image has too many pixels. Save the logo smaller.")
            shown = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise ValidationError(
            "This is not an image that can be shown. Choose a PNG, JPEG, WebP or GIF file."
        ) from None
    shown.thumbnail(SIZE)
    made = io.BytesIO()
    shown.save(made, "PNG", optimize=True)
    return made.getvalue()


def save_logo(program: Program, image: bytes) -> Logo:
    """Show this image, made by `read_logo`, on the pages of a program."""
    digest = hashlib.sha256(image).hexdigest()
    logo, _ = Logo.objects.update_or_create(
        program=program, defaults={"image": image, "digest": digest}
    )
    return logo


def remove_logo(program: Program) -> None:
    """Show no logo on the pages of a program."""
    Logo.objects.filter(program=program).delete()
