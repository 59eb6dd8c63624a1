"""More time for a progress update: what an officer asks for, and what a clerk decides."""

from django import forms

from inquiries.govuk import DateParts, GovukForm, Radios, Textarea, TextField

GRANT, REFUSE = "grant", "refuse"


class MoreTimeForm(GovukForm, forms.Form):
    wanted_until = DateParts(
        label="When can you submit it?", error_messages={"required": "Enter the date by which you can submit it"}
    )
    reason = TextField(
        label="Why do you need more time?",
        help_text="The clerks read it, and it is kept in the history.",
        widget=Textarea(rows=4),
        error_messages={"required": "Say why you need more time"},
    )


class DecisionForm(GovukForm, forms.Form):
    decision = forms.ChoiceField(
        label="Do you grant more time?",
        choices=[(GRANT, "Yes"), (REFUSE, "No, the date stays")],
        widget=Radios(),
        error_messages={"required": "Choose whether you grant more time"},
    )
    granted_until = DateParts(label="New date, if you grant it", required=False)
    note = TextField(
        label="Note to the officer",
        help_text="It is sent with your decision. If you refuse, say why.",
        required=False,
        widget=Textarea(rows=4),
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("decision") == REFUSE and not cleaned.get("note", "").strip():
            self.add_error("note", "Say why more time is refused")
        if cleaned.get("decision") == GRANT and not cleaned.get("granted_until") and "granted_until" not in self.errors:
            self.add_error("granted_until", "Enter the new date")
        return cleaned
