"""What is typed about an inquiry, its recommendations and Cabinet's responses, and on the pages of their history."""

from django import forms
from django.utils.html import format_html

from inquiries.choices import Ending, Rating
from inquiries.forms.changes import ChangeForm
from inquiries.forms.clerk_reports import MeetingChoiceField, held_meetings
from inquiries.govuk import Checkboxes, DateParts, GovukForm, Radios, Textarea, TextField
from inquiries.models import Meeting


class ReasonForm(GovukForm, forms.Form):
    error_focus = "reason"

    reason = TextField(
        label="Reason",
        help_text="It is kept in the history.",
        widget=Textarea(rows=4),
        error_messages={"required": "Give the reason"},
    )


class RewordForm(ChangeForm, ReasonForm):
    text = TextField(
        label="Wording",
        help_text="As the committee made it. The earlier wording stays in the history.",
        widget=Textarea(rows=8),
        error_messages={"required": "Enter the wording of the recommendation"},
    )
    field_order = ("text", "reason")

    def clean_text(self):
        return self.cleaned_data["text"].replace("\r\n", "\n").strip()


class EndingForm(ReasonForm):
    ending = forms.ChoiceField(
        label="How does it end?",
        choices=Ending.choices,
        widget=Radios(small=True),
        error_messages={"required": "Choose how it ends"},
    )
    on = DateParts(label="When was that decided?", error_messages={"required": "Enter the day of the decision"})
    meeting = MeetingChoiceField(
        label="At which meeting?", queryset=Meeting.objects.none(), required=False, empty_label="None, or not recorded"
    )
    field_order = ("ending", "on", "meeting", "reason")

    def __init__(self, data=None, *, committee, now):
        super().__init__(data)
        self.fields["meeting"].queryset = held_meetings(committee, now)


class EndingsForm(GovukForm, forms.Form):
    """What ends at the meeting of a report: for each of its `updates` `end_12`, `ending_12` and `reason_12`.

    Cleans to `endings`: a list of (recommendation, ending, reason).
    """

    def __init__(self, data=None, *, updates):
        super().__init__(data)
        self.rows = []
        for update in updates:
            # What was ended while this was being filled in stays, with what was entered.
            ticked = data.getlist(f"end_{update.pk}") if data else ()
            answered = update.response.recommendations.all()
            offered = [one for one in answered if not one.ended_as or str(one.pk) in ticked]
            self.rows.append((update, offered))
            if offered:
                self.add_row(update, offered)

    def add_row(self, update, offered):
        assessment, numbers = getattr(update, "assessment", None), update.response.references
        about = format_html('<span class="govuk-visually-hidden"> {}</span>', numbers)
        self.fields[f"end_{update.pk}"] = forms.MultipleChoiceField(
            label=f"What ends of {numbers}?",
            choices=[(one.pk, f"Recommendation {one.reference} ends") for one in offered],
            required=False,
            widget=Checkboxes(small=True),
        )
        self.fields[f"ending_{update.pk}"] = forms.ChoiceField(
            label=format_html("How does it end?{}", about),
            # A list, not radio buttons: with many rows these made most of a long page.
            choices=[("", "Choose"), *(choice for choice in Ending.choices if choice[0] != Ending.IMPLEMENTED)],
            required=False,
            initial=Ending.NOT_DELIVERED if assessment and assessment.rating == Rating.NOT_DELIVERED else "",
        )
        self.fields[f"reason_{update.pk}"] = TextField(
            label=format_html("Why?{}", about),
            help_text="It begins as the committee’s comment." if assessment and assessment.comment else "",
            required=False,
            initial=assessment.comment if assessment else "",
            widget=Textarea(rows=3),
        )

    def lines(self):
        """(update, what can be ended of it, fields or None) for each row."""
        for update, offered in self.rows:
            names = [f"{name}_{update.pk}" for name in ("end", "ending", "reason")] if offered else []
            yield update, offered, [self[name] for name in names]

    def clean(self):
        endings = []
        for update, offered in self.rows:
            if offered:
                endings += self.row_endings(update, offered)
        if not endings and not self.errors:
            first = next((f"end_{update.pk}" for update, offered in self.rows if offered), None)
            self.add_error(first, "Tick what ends")
        return {"endings": endings}

    def row_endings(self, update, offered):
        end, ending, reason = (f"{name}_{update.pk}" for name in ("end", "ending", "reason"))
        ticked = [one for one in offered if str(one.pk) in self.cleaned_data.get(end, ())]
        if not ticked:
            if self.cleaned_data.get(reason) and reason in self.changed_data:
                self.add_error(end, f"{update.response.references}: tick what ends, or clear the reason")
            return []
        for one in ticked:
            if one.ended_as:
                self.add_error(end, f"Recommendation {one.reference} has already ended: {one.ending}")
        if ending in self.cleaned_data and not self.cleaned_data[ending]:
            self.add_error(ending, f"{update.response.references}: choose how it ends")
        if reason in self.cleaned_data and not self.cleaned_data[reason]:
            self.add_error(reason, f"{update.response.references}: say why it ends")
        return [(one, self.cleaned_data.get(ending), self.cleaned_data.get(reason)) for one in ticked]


class TargetDateForm(ChangeForm):
    error_focus = "target_date"

    target_date = DateParts(label="New target date", error_messages={"required": "Enter the new target date"})
    reason = TextField(
        label="Why does it change?",
        required=False,
        help_text="Committees ask. The original date and every change stay visible.",
        widget=Textarea(rows=4),
    )

    def __init__(self, data=None, *, response):
        self.response = response
        super().__init__(data, recorded={"target_date": response.target_date})
        if response.original_target_date is None:
            self.fields["reason"].label = "A note, if you like"
            self.fields["reason"].help_text = ""

    def clean_reason(self):
        if self.response.original_target_date is not None and not self.cleaned_data["reason"].strip():
            raise forms.ValidationError("Say why the target date changes")
        return self.cleaned_data["reason"]


class VersionsForm(GovukForm, forms.Form):
    """Which two versions of a text to compare: by their numbers, the last two where nothing sensible is chosen."""

    earlier = forms.TypedChoiceField(label="Compare", coerce=int, required=False)
    later = forms.TypedChoiceField(label="With", coerce=int, required=False)

    def __init__(self, data, *, labels):
        last = max(labels)
        super().__init__(data or {"earlier": max(last - 1, min(labels)), "later": last})
        for field in self.fields.values():
            field.choices = list(labels.items())

    def chosen(self):
        """The two numbers."""
        fallback = self.fields["earlier"].choices
        numbers = [number for number, _ in fallback]
        if not self.is_valid():
            return numbers[-2] if len(numbers) > 1 else numbers[-1], numbers[-1]
        return self.cleaned_data["earlier"] or numbers[0], self.cleaned_data["later"] or numbers[-1]


class RestoreForm(ReasonForm):
    """An earlier text is restored, with a reason where the action asks for one. `seen` marks the text on the page."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    field_order = ("seen", "reason")

    def __init__(self, data=None, *, seen, asks_for_reason):
        super().__init__(data, initial={"seen": seen})
        if not asks_for_reason:
            del self.fields["reason"]
            self.error_focus = "seen"
