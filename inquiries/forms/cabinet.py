"""What a Cabinet Member types."""

from django import forms

from inquiries.govuk import GovukForm, Textarea


class ReturnForm(GovukForm, forms.Form):
    """Why an update goes back. The note is sent to its lead officer and contributors."""

    error_focus = "note"

    note = forms.CharField(
        label="What would you like changed?",
        help_text="The people who write this update read your note as it stands here.",
        widget=Textarea(rows=6),
        error_messages={"required": "Say what you would like changed"},
    )
