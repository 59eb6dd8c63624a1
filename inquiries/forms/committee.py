"""What the committee types, row by row."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError

from inquiries.actions.assessments import needs_meeting
from inquiries.choices import Rating
from inquiries.forms.clerk_reports import MeetingChoiceField, held_meetings
from inquiries.govuk import GovukForm, Radios, RatingField, Textarea, TextField
from inquiries.models import Meeting

HINTS = {rating.value: rating.guidance for rating in Rating}


class _RowForm(GovukForm, forms.Form):
    """A form that is on the page once for each row: its ids carry the update's number, its names do not."""

    error_focus = "rating"

    def __init__(self, *args, update, **kwargs):
        self.update = update
        super().__init__(*args, auto_id=f"row-{update.pk}-%s", **kwargs)


class AssessmentForm(_RowForm):
    """The committee's judgement of one row. `seen` is when the judgement on which it is based was recorded."""

    rating = RatingField(label="The committee's assessment", required=False, widget=Radios(hints=HINTS))
    comment = TextField(label="Comment", required=False, widget=Textarea(rows=3))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, update):
        recorded = getattr(update, "assessment", None)
        super().__init__(data, update=update, initial=self._initial(recorded) if recorded else None)
        self.fields["rating"].choices = [*self.fields["rating"].choices[:-1], ("", "Not assessed yet")]

    @staticmethod
    def _initial(recorded):
        return {"rating": recorded.rating, "comment": recorded.comment, "seen": recorded.recorded_at.isoformat()}

    def after(self, recorded):
        """The same answers, now based on `recorded`, which another person recorded in the meantime."""
        answers = self.data.copy()
        answers["seen"] = recorded.recorded_at.isoformat() if recorded else ""
        form = AssessmentForm(answers, update=self.update)
        form.add_error(
            "rating",
            f"{recorded.recorded_by if recorded else 'Someone'} has recorded an assessment of "
            f"{self.update.response.references} while you were writing. Compare the two, then save the one to keep.",
        )
        return form

    def clean_seen(self):
        """The moment, or None where nothing had been recorded."""
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None
        except ValueError:
            raise ValidationError("This page was not complete. Open it again, then save.") from None


class IndicationForm(_RowForm):
    """One member's own view of one row."""

    rating = RatingField(label="Your own view", widget=Radios(hints=HINTS))
    note = TextField(label="Your note", required=False, widget=Textarea(rows=3))

    def __init__(self, data=None, *, update, own=None):
        initial = {"rating": own.rating, "note": own.note} if own else None
        super().__init__(data, update=update, initial=initial)
        self.fields["rating"].choices = self.fields["rating"].choices[:-1]
        # The summary at the top of the page is far from the row.
        self.fields["rating"].error_messages["required"] = (
            f"Choose one of the four ratings for {update.response.references}"
        )


class ConfirmAssessmentsForm(GovukForm, forms.Form):
    """Asks for the meeting where the report has none that was held. `seen` is the version of the ratings shown."""

    error_focus = "meeting"

    meeting = MeetingChoiceField(
        label="At which meeting did the committee make these assessments?",
        queryset=Meeting.objects.none(),
        empty_label="Choose the meeting",
        help_text="If it is not in the list, a clerk can add it.",
        error_messages={
            name: "Choose the meeting at which the committee decided" for name in ("required", "invalid_choice")
        },
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, report, now):
        super().__init__(data)
        if needs_meeting(report):
            self.fields["meeting"].queryset = held_meetings(report.inquiry.committee, now)
        else:
            del self.fields["meeting"]
