"""A choice among people."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator

from mentorship.models import Participant


class _People(ModelChoiceIterator):
    def __iter__(self) -> Any:
        names = self.queryset.order_by().values_list("name", flat=True)
        field: Any = self.field
        field.shared = {name for name, number in Counter(names).items() if number > 1}
        yield from super().__iter__()


class PersonField(forms.ModelChoiceField):
    """A choice among people by name; those who share one have their address after it."""

    iterator = _People
    shared: frozenset[str] | set[str] = frozenset()

    def label_from_instance(self, person: Any) -> str:
        assert isinstance(person, Participant)
        return f"{person.name} <{person.email}>" if person.name in self.shared else str(person)
