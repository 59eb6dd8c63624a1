"""What a clerk says when progress reports are commissioned: of each inquiry which, for which meeting, who signs."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from inquiries.actions.commission import Round
from inquiries.documents.content import long_date
from inquiries.forms.clerk_reports import DATES, LimitedMultipleChoiceField, meeting_name
from inquiries.govuk import Checkboxes, DateParts, GovukForm, PersonField, Radios

# Meetings that are offered.
WITHIN = timedelta(days=400)


class CommissionForm(GovukForm, forms.Form):
    """`inquiries` are `views.clerk_commission.AskedInquiry`."""

    meeting = forms.TypedChoiceField(
        label="For which meeting?",
        required=False,
        widget=Radios,
        empty_value=None,
        error_messages={"invalid_choice": "Choose a meeting from the list"},
    )
    updates_due_on = DateParts(label="Updates are due on", required=False)
    sign_off_due_on = DateParts(label="Sign-off is due on", required=False)
    update_date = DateParts(label="Date of this update", required=False, help_text="As the report prints it.")

    def __init__(self, data=None, *, inquiries, committee, people, now, meeting=None):
        self.inquiries = inquiries
        today = timezone.localdate(now)
        due = max((asked.due for asked in inquiries if asked.due), default=today)
        near = committee.meetings.filter(start__gte=now, start__lte=now + WITHIN, cancelled_at__isnull=True)
        near = list(near.order_by("start"))
        super().__init__(data, initial={"meeting": suggest_meeting(near, meeting, due, today)})
        field, keys = self.fields["meeting"], {str(each.pk): each for each in near}
        field.choices = [*((key, meeting_name(each)) for key, each in keys.items()), ("", "No meeting yet")]
        field.coerce = keys.get
        field.widget.hints = {key: meeting_hint(each, today) for key, each in keys.items()}
        field.widget.hints[""] = "Then set the dates below yourself."
        for asked in inquiries:
            self.add_fields_of(asked, people)

    def add_fields_of(self, asked, people):
        self.fields[f"months_{asked.inquiry.slug}"] = forms.IntegerField(
            label="How many months after the response?",
            initial=asked.months,
            min_value=1,
            max_value=240,
            widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
            help_text=asked.why_months,
            error_messages={
                name: "Enter the months as a number between 1 and 240"
                for name in ("required", "invalid", "min_value", "max_value")
            },
        )
        if not asked.named or len(self.inquiries) == 1:
            self.fields[f"cabinet_members_{asked.inquiry.slug}"] = LimitedMultipleChoiceField(
                label="Cabinet Members who also sign it off" if asked.named else "Cabinet Members who sign it off",
                queryset=people,
                required=False,
                widget=Checkboxes(small=True),
            )
        for response in asked.unnamed:
            self.fields[f"officer_{response.pk}"] = PersonField(
                label=f"Lead officer for {response.references}", required=False
            )

    def fields_of(self, asked):
        """The fields of one inquiry, for the page: months, Cabinet Members (or None), lead officers."""
        signers = f"cabinet_members_{asked.inquiry.slug}"
        return {
            "months": self[f"months_{asked.inquiry.slug}"],
            "cabinet_members": self[signers] if signers in self.fields else None,
            "officers": [self[f"officer_{response.pk}"] for response in asked.unnamed],
        }

    def clean(self):
        cleaned = super().clean()
        for asked in self.inquiries:
            name = f"months_{asked.inquiry.slug}"
            if cleaned.get(name) in asked.used:
                self.add_error(name, f"This inquiry already has a report {cleaned[name]} months on")
        return cleaned

    @property
    def has_own_dates(self):
        return any(self[name].errors or any(self[name].value() or ()) for name in DATES)

    def rounds(self):
        cleaned = self.cleaned_data
        return [
            Round(
                inquiry=asked.inquiry,
                months_on=cleaned[f"months_{asked.inquiry.slug}"],
                cabinet_members=tuple(cleaned.get(f"cabinet_members_{asked.inquiry.slug}", ())),
                lead_officers={r: officer for r in asked.unnamed if (officer := cleaned[f"officer_{r.pk}"])},
            )
            for asked in self.inquiries
        ]

    def dates(self):
        return {name: self.cleaned_data[name] for name in ("meeting", *DATES)}


def meeting_hint(meeting, today):
    dates = meeting.deadlines
    if dates.updates < today:
        return (
            f"Too soon: updates would have been due on {long_date(dates.updates)}. Choose a later meeting, or set the "
            "dates below yourself."
        )
    return (
        f"Updates by {long_date(dates.updates)}, sign-off by {long_date(dates.sign_off)}, "
        f"published by {long_date(dates.publication)}."
    )


def suggest_meeting(meetings, wanted, due, today):
    """The key, a text: `wanted`; else that of the first on the day `due` or later that is not too soon."""
    if wanted in {str(meeting.pk) for meeting in meetings}:
        return wanted
    possible = [meeting for meeting in meetings if meeting.deadlines.updates >= today]
    chosen = next((meeting for meeting in possible if meeting.day >= due), possible[-1] if possible else None)
    return str(chosen.pk) if chosen else ""
