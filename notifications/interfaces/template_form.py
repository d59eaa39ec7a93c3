"""What the editor of an email template sends: the template, and which button was pressed."""

from __future__ import annotations

from django import forms

from mentorship.interfaces.posted import KeyField, PostedForm


class SampleForm(PostedForm):
    """The sample people to fill a template with; an unknown name means the ordinary ones."""

    sample = forms.CharField(required=False, max_length=20)


class TemplateForm(SampleForm):
    """A template as it is typed. Whether it can be used is checked by the domain, line by line.

    `version` is the newest one that the editor knew of, 0 for none.
    """

    subject = forms.CharField(required=False, strip=False)
    body = forms.CharField(required=False, strip=False)
    version = KeyField(required=False)
    restore = KeyField(required=False)
    test = forms.BooleanField(required=False)
    default = forms.BooleanField(required=False)

    def clean_body(self) -> str:
        """Return the body with one sign for each line break, of which browsers send two."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")
