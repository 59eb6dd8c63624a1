"""What a clerk enters after a meeting: who was there, what was decided, the signed minutes."""

import re

from django import forms

from inquiries.choices import ExemptParagraph, Presence
from inquiries.forms.changes import ChangeForm
from inquiries.forms.clerk_meetings import KINDS, PaperFile, TimeOfDay
from inquiries.govuk import Checkboxes, GovukForm, Radios, Textarea, TextField
from inquiries.models import Attendance, DeclarationOfInterest, Minutes, MinutesEdition
from inquiries.models.fields import LineFormField

MOST_ROWS = 40  # of substitutes, and of declarations
LONGEST_LIST = 3000
LONGEST_OUTCOME = 10_000


class RecordField(forms.TypedChoiceField):
    """A choice among records that the page has fetched already. Cleans to the record, or None."""

    def __init__(self, *, records, **kwargs):
        by_key = {str(record.pk): record for record in records}
        choices = [("", "Choose"), *((key, str(record)) for key, record in by_key.items())]
        wrong = {"invalid_choice": "Choose from the list"}
        super().__init__(choices=choices, coerce=by_key.get, empty_value=None, error_messages=wrong, **kwargs)

    def prepare_value(self, value):
        return getattr(value, "pk", value)


class PeopleField(forms.TypedMultipleChoiceField):
    """Some of the people that the page has fetched already. Cleans to a list of them."""

    def __init__(self, *, people, **kwargs):
        by_key = {str(person.pk): person for person in people}
        choices = [(key, person.title_and_name) for key, person in by_key.items()]
        wrong = {"invalid_choice": "Choose from the list"}
        widget = Checkboxes(small=True)
        super().__init__(
            choices=choices, coerce=by_key.get, required=False, widget=widget, error_messages=wrong, **kwargs
        )

    def prepare_value(self, value):
        return [getattr(one, "pk", one) for one in value or ()]


def time_field(label):
    widget = forms.TextInput(attrs={"class": "govuk-input--width-5"})
    return TimeOfDay(label=label, required=False, widget=widget)


def list_field(label, help_text):
    widget = Textarea(rows=3)
    return TextField(label=label, required=False, help_text=help_text, max_length=LONGEST_LIST, widget=widget)


def short_widget():
    return forms.TextInput(attrs={"class": "govuk-input--width-20"})


class AttendanceForm(ChangeForm):
    """`members` are the people with a seat; `items` those of the agenda; `officers` and `guests` who may be ticked.

    `recorded` is what is recorded by now, `initial` what is shown at first.
    """

    started = time_field("Began at")
    ended = time_field("Ended at")

    def __init__(self, data=None, *, members, items, officers, guests, recorded, initial):
        # None for a row that is not filled in: it is compared as empty.
        names = [*recorded, *(data or ())]
        self.substitute_rows = range(1, rows_in(names, "substitute_") + 1)
        self.declaration_rows = range(1, rows_in(names, "declarer_") + 1)
        self.members = members
        times = {name: f"{initial[name]:%H:%M}" for name in ("started", "ended") if initial[name]}
        super().__init__(data, recorded=recorded, initial=initial | times)
        for member in members:
            self.fields[f"presence_{member.pk}"] = forms.ChoiceField(
                label=str(member), choices=Presence.choices, widget=Radios(inline=True, small=True)
            )
            self.fields[f"note_{member.pk}"] = LineFormField(
                label=f"Note on {member}",
                required=False,
                max_length=Attendance._meta.get_field("note").max_length,
                widget=short_widget(),
            )
        for number in self.substitute_rows:
            self.fields[f"substitute_{number}"] = LineFormField(
                label=f"Substitute {number}",
                required=False,
                max_length=Attendance._meta.get_field("name").max_length,
                widget=short_widget(),
            )
            self.fields[f"substitute_for_{number}"] = RecordField(label="In place of", records=members, required=False)
        self.fields["officers"] = PeopleField(label="Officers in attendance", people=officers)
        self.fields["other_officers"] = list_field("Other officers", "One on each line: name, job title.")
        self.fields["guests"] = PeopleField(label="Cabinet Members in attendance", people=guests)
        self.fields["other_guests"] = list_field("Guests and witnesses", "One on each line: name, organisation.")
        for number in self.declaration_rows:
            self.fields[f"declarer_{number}"] = RecordField(label="Who", records=members, required=False)
            self.fields[f"declared_item_{number}"] = RecordField(label="Item", records=items, required=False)
            self.fields[f"nature_{number}"] = LineFormField(
                label="Nature of the interest",
                required=False,
                max_length=DeclarationOfInterest._meta.get_field("nature").max_length,
            )

    def member_fields(self):
        return [(self[f"presence_{one.pk}"], self[f"note_{one.pk}"]) for one in self.members]

    def substitute_fields(self):
        return [(self[f"substitute_{number}"], self[f"substitute_for_{number}"]) for number in self.substitute_rows]

    def declaration_fields(self):
        return [
            [self[f"{name}_{number}"] for name in ("declarer", "declared_item", "nature")]
            for number in self.declaration_rows
        ]


def rows_in(names, prefix):
    """How many rows the form has: those that are filled in, and two more."""
    found = [int(match.group(1)) for name in names if (match := re.fullmatch(rf"{prefix}(\d{{1,2}})", name))]
    return min(max(found, default=0) + 2, MOST_ROWS)


class OutcomesForm(ChangeForm):
    """What was decided of each item: `outcome_12`, and where something is exempt `exempt_12` with `paragraph_12`."""

    first_number = LineFormField(
        label="Number of the first minute",
        required=False,
        max_length=Minutes._meta.get_field("first_number").max_length,
        help_text="Only if your council numbers its minutes: 45, or 45/26. The others count on from it.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )

    def __init__(self, data=None, *, items, recorded):
        super().__init__(data, recorded=recorded)
        for item in items:
            rows = min(max(len(str(recorded[f"outcome_{item.pk}"]).splitlines()) + 3, 4), 16)
            self.fields[f"outcome_{item.pk}"] = TextField(
                label=f"Outcome of item {item.number}",
                required=False,
                max_length=LONGEST_OUTCOME,
                widget=Textarea(rows=rows),
            )
            self.fields[f"exempt_{item.pk}"] = TextField(
                label=f"Exempt part of the minute on item {item.number}",
                required=False,
                help_text="It is never published: it is only in the Word file for clerks.",
                max_length=LONGEST_OUTCOME,
                widget=Textarea(rows=3),
            )
            self.fields[f"paragraph_{item.pk}"] = forms.TypedChoiceField(
                label="Paragraph of Schedule 12A",
                required=False,
                coerce=int,
                empty_value=None,
                choices=[("", "Choose"), *ExemptParagraph.choices],
                error_messages={"invalid_choice": "Choose the paragraph from the list"},
            )


class PublishMinutesForm(GovukForm, forms.Form):
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = LineFormField(
        label="What is corrected, and why?",
        max_length=MinutesEdition._meta.get_field("reason").max_length,
        help_text="Everybody reads this beside the correction.",
        error_messages={"required": "Say what is corrected, and why"},
    )

    def __init__(self, data=None, *, is_correction, seen):
        super().__init__(data, initial={"seen": seen})
        if not is_correction:
            del self.fields["reason"]


class SignedMinutesForm(GovukForm, forms.Form):
    file = PaperFile(help_text=f"{KINDS} It is checked like every paper, and everybody can read it.")

    def __init__(self, data=None, files=None, *, later_meetings):
        super().__init__(data, files)
        self.fields["signed_meeting"] = RecordField(
            label="At which meeting were they signed?",
            records=later_meetings,
            required=False,
            help_text="Leave it empty where it is not in the list.",
        )


class WithdrawMinutesForm(GovukForm, forms.Form):
    reason = LineFormField(
        label="Why is it withdrawn?",
        max_length=MinutesEdition._meta.get_field("withdrawn_reason").max_length,
        help_text="Everybody can read this in its place, so name nothing that is withheld.",
        error_messages={"required": "Say why it is withdrawn"},
    )
