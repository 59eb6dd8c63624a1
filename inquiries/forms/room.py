"""What the chair and the clerk record while the committee meets, and what they correct afterwards."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from inquiries.choices import Rating
from inquiries.govuk import GovukForm, Radios, RatingField, Textarea, TextField
from inquiries.rules import LONGEST_COMMENT


class VersionField(forms.CharField):
    """When what the page showed had been recorded, perhaps with a mark of it behind; None where nothing was."""

    widget = forms.HiddenInput

    def clean(self, value):
        text = super().clean(value).partition(" ")[0]
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            raise ValidationError("This page was not complete. Open it again, then save.") from None


class CommentField(TextField):
    default_validators = [
        MaxLengthValidator(
            LONGEST_COMMENT, f"Make the text shorter: it can have at most {LONGEST_COMMENT:,} characters."
        )
    ]


class RoomForm(GovukForm, forms.Form):
    """The rating is the button that was pressed; nothing for "to be assessed"."""

    rating = RatingField(label="Rating", required=False)
    comment = CommentField(label="Comment", required=False)
    seen = VersionField(required=False)


class CorrectionForm(GovukForm, forms.Form):
    rating = RatingField(
        label="The committee's assessment",
        required=False,
        widget=Radios(hints={rating.value: rating.guidance for rating in Rating}),
    )
    comment = CommentField(label="Comment", required=False, widget=Textarea(rows=3))
    reason = CommentField(
        label="Why is it corrected?",
        help_text="Everybody can read this beside the assessment.",
        widget=Textarea(rows=3),
        error_messages={"required": "Say why the assessment is corrected"},
    )
    seen = VersionField(required=False)

    def __init__(self, data=None, *, recorded):
        initial = {"seen": recorded.recorded_at.isoformat(), "rating": recorded.rating, "comment": recorded.comment}
        super().__init__(data, initial=initial if recorded.pk else None)
