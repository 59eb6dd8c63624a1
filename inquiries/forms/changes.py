"""Forms that change a record, which other people may change while they are open."""

import re
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils import timezone

from inquiries.actions.records import mark_of
from inquiries.documents.content import long_date
from inquiries.govuk import GovukForm
from inquiries.models import Entry


class ChangeForm(GovukForm, forms.Form):
    """A form that may change a record. Marks of what was recorded when it was opened travel with it in `based_on`.

    `recorded` are the values by the names that the action takes; None where the form is about a new record.
    """

    # Where the action's name is not that of a field: the field beside which a change by other people is shown.
    shown_beside: dict[str, str] = {}

    def __init__(self, data=None, *, recorded=None, initial=None, **kwargs):
        super().__init__(data, initial=recorded if initial is None else initial, **kwargs)
        if recorded is not None:
            self.fields["based_on"] = forms.CharField(required=False, widget=forms.HiddenInput)
            self.initial["based_on"] = write_marks({name: mark_of(value) for name, value in recorded.items()})

    def clean_based_on(self):
        try:
            return read_marks(self.cleaned_data["based_on"])
        except ValueError:
            raise ValidationError("This page came back incomplete. Open it again and try again.") from None

    def show_changes(self, clash):
        """Beside each field what other people saved; saved once more, the form replaces it."""
        for name, value in clash.saved.items():
            beside = self.shown_beside.get(name, name)
            self.add_error(beside, f"{describe_change(clash.record, name, value, self.fields[beside])} {REPLACE}")
        marks = self.cleaned_data["based_on"] | {name: mark_of(value) for name, value in clash.saved.items()}
        self.data = self.data.copy()
        self.data["based_on"] = write_marks(marks)


REPLACE = "What you entered is not saved: save again to replace it."
MARKS = re.compile(r"(\w+=[0-9a-f]{16}( |$))*")


def write_marks(marks):
    return " ".join(f"{name}={mark}" for name, mark in marks.items())


def read_marks(text):
    """What `write_marks` wrote, or None for nothing. Raises ValueError."""
    if not MARKS.fullmatch(text):
        raise ValueError
    return dict(part.split("=") for part in text.split()) or None


def describe_change(record, name, value, field):
    """Who changed the field of this name to `value`, and when."""
    entry = Entry.objects.about(record).filter(changes__has_key=name).first()
    who, when = "Someone else", ""
    if entry is not None:
        at = timezone.localtime(entry.at)
        who, when = entry.by_name, f" at {at:%H:%M}"
        when += "" if at.date() == timezone.localdate() else f" on {long_date(at)}"
    shown = shown_value(value, field)
    return f"{who} changed this to “{shown}”{when}." if shown else f"{who} left this empty{when}."


def shown_value(value, field):
    if isinstance(value, list | tuple | QuerySet):
        return ", ".join(str(one) for one in value)
    if isinstance(value, Model):
        return field.label_from_instance(value) if hasattr(field, "label_from_instance") else str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return f"{long_date(local)} at {local:%H:%M}"
    if isinstance(value, date):
        return long_date(value)
    labels = dict(getattr(field, "choices", ()))
    return str(labels.get("" if value is None else value, "" if value is None else value))
