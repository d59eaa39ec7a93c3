"""The forms of the import pages: the file, its columns, and whose the waiting responses are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from unfold.widgets import UnfoldAdminFileFieldWidget

from mentorship.domain.imports.kinds import ImportKind
from mentorship.interfaces.posted import PostedForm
from mentorship.models import Import, Participant, normalise_address

# Fifty thousand people as CSV are half of it.
UPLOAD_AT_MOST = 10 * 1024 * 1024


def check_size(file: UploadedFile[Any], way_out: str = "") -> UploadedFile[Any]:
    """Return the file. Raise ValidationError, with the way out, if it is too large to be read."""
    if file.size and file.size > UPLOAD_AT_MOST:
        raise forms.ValidationError(
            f"{file.name} is {filesizeformat(file.size)}. The limit is "
            f"{filesizeformat(UPLOAD_AT_MOST)}.{way_out}"
        )
    return file


class UploadForm(forms.Form):
    """One spreadsheet, not too large."""

    file = forms.FileField(
        label="File",
        allow_empty_file=True,
        help_text=f"CSV, TSV, XLSX or ODS, at most {filesizeformat(UPLOAD_AT_MOST)}",
        widget=UnfoldAdminFileFieldWidget(
            attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ods", "data-at-most": UPLOAD_AT_MOST}
        ),
        error_messages={"required": "Choose a file first."},
    )

    def clean_file(self) -> UploadedFile[Any]:
        return check_size(
            self.cleaned_data["file"], " Leave out columns that you don’t need, or use the command."
        )


class ColumnsForm(PostedForm):
    """What each column of a draft's file is: one value for each, in their order, or ""."""

    column = forms.Field(required=False, widget=forms.SelectMultiple)

    def keys(self) -> list[str]:
        """Return what was chosen; what is wrong with it the domain says in sentences."""
        return list(self.values_or_400()["column"] or [])


class SheetForm(PostedForm):
    """Which sheet of a draft's workbook is to be read."""

    sheet = forms.CharField(max_length=255)


class AnswersForm(PostedForm):
    """What the words of a draft's file mean: keys, and a meaning or "" for each of them."""

    key = forms.Field(required=False, widget=forms.SelectMultiple)
    meaning = forms.Field(required=False, widget=forms.SelectMultiple)

    def answers(self) -> tuple[list[str], list[str]]:
        """Return keys and meanings; whether they fit the file the domain says in sentences."""
        said = self.values_or_400()
        return list(said["key"] or []), list(said["meaning"] or [])


class SignupForm(PostedForm):
    """A sign-up that names no role yet, by its key, and what was chosen for it."""

    key = forms.CharField()
    choice = forms.CharField()


class AttachForm(PostedForm):
    """An unknown address whose responses wait, and the person whose they are."""

    unknown = forms.CharField(required=False)
    person = forms.CharField(required=False)

    def __init__(self, done: Import, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.done = done

    def clean_person(self) -> Participant:
        address = normalise_address(self.cleaned_data["person"])
        person = Participant.objects.filter(program=self.done.program_id, email=address).first()
        if person is None:
            shown = address or "(blank)"
            raise forms.ValidationError(
                f"Nobody in {self.done.program} has the email address {shown}."
            )
        return person


def meanings(kind: ImportKind) -> Sequence[tuple[str, str]]:
    """Return what a column can be: the values of the page's lists, and what they are called."""
    return [(column.key, column.called) for column in kind.columns]
