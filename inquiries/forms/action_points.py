"""What is typed about an action that a committee asks for."""

from django import forms

from inquiries.forms.changes import ChangeForm
from inquiries.govuk import DateParts, GovukForm, PersonField, Textarea
from inquiries.models.fields import LineFormField

LONGEST = 500


class ActionPointForm(ChangeForm):
    text = LineFormField(
        label="What is to be done?",
        help_text="In a sentence or two, as the committee asked for it. It is printed in the report.",
        max_length=LONGEST,
        widget=Textarea(rows=3, maximum=LONGEST),
        error_messages={"required": "Say what is to be done"},
    )
    owner = PersonField(label="Who does it?", help_text="Type part of the name or job title.")
    due_on = DateParts(label="By when?", error_messages={"required": "Enter the day by which it is to be done"})

    def __init__(self, data=None, *, action=None):
        names = ("text", "owner", "due_on")
        super().__init__(data, recorded={name: getattr(action, name) for name in names} if action else None)


class ActionDoneForm(GovukForm, forms.Form):
    error_focus = "note"

    note = LineFormField(
        label="What was done?",
        help_text="A sentence. The next report to the committee shows it.",
        max_length=LONGEST,
        widget=Textarea(rows=3, maximum=LONGEST),
        error_messages={"required": "Say in a sentence what was done"},
    )
