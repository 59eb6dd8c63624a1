"""A letter that asks for Cabinet's response: to whom it goes, its words, the day on which it is sent."""

from django import forms

from inquiries.documents.letter import NAMELESS
from inquiries.govuk import DateParts, GovukForm, Radios, Textarea, TextField
from inquiries.models import CabinetMember
from inquiries.models.fields import LineFormField

OTHER = "other"


class LetterForm(GovukForm, forms.Form):
    recipient = forms.ChoiceField(
        label="To whom does it go?", widget=Radios(), error_messages={"required": "Choose to whom the letter goes"}
    )
    other = LineFormField(
        label="Name and office, for another person or a health body",
        help_text="For example: Councillor Jane Smith, Leader of the Council; or the Chief Executive of a trust.",
        required=False,
        max_length=300,
    )
    body = TextField(
        label="The letter",
        help_text="Date, address, greeting and your name are added. An empty line begins a new paragraph.",
        widget=Textarea(rows=14),
        error_messages={"required": "Write the letter"},
    )
    sent_on = DateParts(label="Sent on", error_messages={"required": "Enter the day on which the letter is sent"})

    def __init__(self, data=None, *, today, **kwargs):
        super().__init__(data, **kwargs)
        seats = CabinetMember.objects.on(today).select_related("person")
        self.people = {str(seat.pk): seat for seat in seats}
        choices = [(key, f"{seat.person}, Cabinet Member for {seat.portfolio}") for key, seat in self.people.items()]
        self.fields["recipient"].choices = [*choices, (OTHER, "Another person or body")]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("recipient") == OTHER and not cleaned.get("other"):
            self.add_error("other", "Enter to whom the letter goes")
        return cleaned

    def values(self):
        """What `record_letter` takes."""
        seat = self.people.get(self.cleaned_data["recipient"])
        named = dict(self.fields["recipient"].choices)[self.cleaned_data["recipient"]]
        return {
            "addressed_to": named if seat else self.cleaned_data["other"],
            "salutation": f"Dear {seat.person}" if seat else NAMELESS,
            "body": self.cleaned_data["body"],
            "sent_on": self.cleaned_data["sent_on"],
        }
