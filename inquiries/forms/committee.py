"""What the committee types, row by row."""

from django import forms

from inquiries.actions.assessments import needs_meeting
from inquiries.actions.records import mark_of
from inquiries.forms.clerk_reports import MeetingChoiceField, held_meetings
from inquiries.forms.room import CommentField, VersionField
from inquiries.govuk import GovukForm, RatingField
from inquiries.models import Meeting


class RowForm(GovukForm, forms.Form):
    """The answers about one row of a report: of the row of the update 12, `rating-12`, `text-12` and `seen-12`.

    `seen` says on what they are based: when that was recorded, and a mark of it; nothing where nothing was recorded.
    The page writes the inputs of all rows itself; this checks those that were changed.
    """

    rating = RatingField(required=False)
    text = CommentField(required=False)
    seen = VersionField(required=False)

    def add_prefix(self, field_name):
        return f"{field_name}-{self.prefix}"


def row_answers(posted, key):
    """What was typed about the row of this key as (rating, text, seen); None where the form had no such row."""
    if f"seen-{key}" not in posted:
        return None
    return tuple(posted.get(f"{name}-{key}", "") for name in ("rating", "text", "seen"))


def recorded_answers(recorded, text):
    """What a row starts from: an Assessment or Indication, or None, and its text."""
    if recorded is None:
        return "", "", ""
    rating = "" if recorded.rating is None else str(recorded.rating)
    return rating, text, f"{recorded.recorded_at.isoformat()} {mark_of_answers(rating, text)}"


def mark_of_answers(rating, text):
    return mark_of(f"{text.strip()}\n{rating}")


NOTHING = mark_of_answers("", "")


def is_changed(answers):
    """Whether they are no longer what the form was opened with."""
    rating, text, seen = answers
    return mark_of_answers(rating, text) != (seen.partition(" ")[2] if seen else NOTHING)


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
