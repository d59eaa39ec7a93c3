"""The forms for files of sheets: one edited workbook to upload, or two sheets to check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from mentorship.domain.files.spreadsheets import read_sheets
from mentorship.domain.files.tables import Table
from mentorship.interfaces.imports.uploads import check_size
from mentorship.interfaces.posted import KeyField, PostedForm


class DropInput(forms.FileInput):
    """A file field that is large enough to drop a file on."""

    def __init__(self, accept: str) -> None:
        super().__init__({"class": "sh-drop", "accept": accept})


class SeveralInput(DropInput):
    """A field for several files."""

    allow_multiple_selected = True

    def __init__(self, accept: str) -> None:
        super().__init__(accept)
        self.attrs["multiple"] = True


class WorkbookForm(forms.Form):
    """The edited workbook of matches."""

    file = forms.FileField(
        label="Edited workbook (XLSX)",
        allow_empty_file=True,
        widget=DropInput(".xlsx"),
        error_messages={"required": "Choose the workbook first."},
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        return check_size(file)


class SaveSheetsForm(PostedForm):
    """The button below the preview of an edited workbook; `read`: its warnings."""

    draft = KeyField()
    read = forms.BooleanField(required=False)


class SeveralFiles(forms.FileField):
    """One or two files; its value is the list of them."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list) else [data] if data else []
        if len(files) > 2:
            raise forms.ValidationError(f"You chose {len(files)} files. Choose two at most.")
        if not files:
            raise forms.ValidationError("Choose the files first.")
        return [check_size(super(SeveralFiles, self).clean(file, initial)) for file in files]


class SheetsForm(forms.Form):
    """Two sheets to check: a file for each, or one workbook that holds both."""

    sheets = SeveralFiles(
        label="Both sheets",
        allow_empty_file=True,
        widget=SeveralInput(".csv,.tsv,.txt,.xlsx,.ods"),
    )

    def tables(self) -> list[Table]:
        """Return all sheets of the files. Raise ValidationError if a file cannot be read."""
        found: list[Table] = []
        for file in self.cleaned_data["sheets"]:
            found += read_sheets(file.read(), file.name).values()
        return found
