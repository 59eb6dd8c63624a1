"""What a clerk types about a committee's work programme and its standing items."""

from django import forms

from inquiries.choices import ProgrammeKind
from inquiries.documents.content import long_date
from inquiries.forms.changes import ChangeForm
from inquiries.govuk import Checkboxes, GovukForm, Radios, Textarea, TextField
from inquiries.models import ProgrammeEntry
from inquiries.models.fields import LineFormField
from inquiries.rules import add_months

MONTHS_AHEAD = 18
LENGTHS = {field.name: field.max_length for field in ProgrammeEntry._meta.concrete_fields}
LONGEST_ITEMS = 4_000


class EntryForm(ChangeForm):
    """`meetings` are those of the committee to come, and one that is recorded; `entry` is the one that is changed."""

    title = LineFormField(label="Title", max_length=LENGTHS["title"], help_text="As an agenda is to name it.")
    purpose = LineFormField(
        label="What is it for?",
        required=False,
        max_length=LENGTHS["purpose"],
        help_text="What the committee wants to find out or to do, in a sentence.",
    )
    contact = LineFormField(
        label="Lead or contact",
        required=False,
        max_length=LENGTHS["contact"],
        help_text="Name, job title or organisation, as they are to be printed.",
    )
    kind = forms.ChoiceField(
        label="What is it?",
        choices=ProgrammeKind.choices,
        initial=ProgrammeKind.OTHER,
        widget=Radios(small=True),
        error_messages={name: "Choose what it is" for name in ("required", "invalid_choice")},
    )
    when = forms.ChoiceField(
        label="For when?",
        required=False,
        help_text="A meeting, or a month while none is called.",
        error_messages={"invalid_choice": "Choose a meeting or a month from the list"},
    )

    def __init__(self, data=None, *, meetings, today, entry=None, **kwargs):
        if entry is not None:
            kwargs["recorded"] = {
                name: getattr(entry, name) for name in ("title", "purpose", "contact", "kind", "when")
            }
        super().__init__(data, **kwargs)
        months = [add_months(today.replace(day=1), count) for count in range(MONTHS_AHEAD + 1)]
        if entry is not None and entry.month and entry.month not in months:
            months.insert(0, entry.month)
        self.fields["when"].choices = [
            ("", "No date yet"),
            ("Meetings", [(f"meeting-{meeting.pk}", long_date(meeting.day)) for meeting in meetings]),
            ("Months", [(f"{month:%Y-%m}", f"{month:%B %Y}") for month in months]),
        ]


class DropEntryForm(GovukForm, forms.Form):
    reason = TextField(
        label="Why is it dropped?",
        help_text="The reason is kept in the history.",
        max_length=LENGTHS["dropped_reason"],
        widget=Textarea(rows=3, maximum=LENGTHS["dropped_reason"]),
        error_messages={"required": "Say why the entry is dropped"},
    )


class StandingItemsForm(ChangeForm):
    start = TextField(
        label="At the start of an agenda",
        help_text="One item on each line, in their order.",
        required=False,
        max_length=LONGEST_ITEMS,
        widget=Textarea(rows=5),
    )
    end = TextField(
        label="At the end of an agenda",
        help_text="One item on each line, in their order.",
        required=False,
        max_length=LONGEST_ITEMS,
        widget=Textarea(rows=5),
    )


class ProposalsForm(GovukForm, forms.Form):
    proposals = forms.MultipleChoiceField(
        label="Add to the agenda",
        widget=Checkboxes(),
        error_messages={
            "required": "Tick what is to be added",
            "invalid_choice": "What is proposed has just changed. Look at it again.",
        },
    )

    def __init__(self, data=None, *, found):
        offered = [one for one in found if not one.to_commission]
        super().__init__(data, initial={"proposals": [one.key for one in offered if one.is_urged]})
        self.fields["proposals"].choices = [(one.key, one.title) for one in offered]
        self.fields["proposals"].widget.hints = {one.key: one.reason for one in offered}
