"""What a clerk types about a progress report: its dates, who signs, why it is reopened."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.html import format_html

from inquiries import rules
from inquiries.choices import Stage
from inquiries.documents.content import long_date
from inquiries.forms.changes import ChangeForm
from inquiries.govuk import PARTS, Checkboxes, DateParts, GovukForm, Radios, Textarea, TextField
from inquiries.models import Meeting, Person, ProgressUpdate
from inquiries.models.meetings import report_dates

LONGEST_KEY = 18  # digits of a primary key
DATES = ("update_date", "updates_due_on", "sign_off_due_on")


def meeting_name(meeting):
    return f"{long_date(meeting.day)}{f', {meeting.venue}' if meeting.venue else ''}"


class MeetingChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, meeting):
        return meeting_name(meeting)


def held_meetings(committee, now):
    """The meetings at which the committee can have decided something (`rules.check_was_held`), latest first."""
    return committee.meetings.filter(start__lte=now, cancelled_at__isnull=True).order_by("-start")


class LimitedMultipleChoiceField(forms.ModelMultipleChoiceField):
    def clean(self, value):
        # Django asks the database for each number sent, and a number that no column holds is an error there.
        if any(len(number) > LONGEST_KEY for number in value or () if isinstance(number, str)):
            raise ValidationError("Choose from the list")
        return super().clean(value)


class UpdatesField(LimitedMultipleChoiceField):
    def label_from_instance(self, update):
        officer = update.response.lead_officer
        return f"{update.response.references} ({officer or 'no lead officer'})"


class DatesForm(ChangeForm):
    meeting = MeetingChoiceField(
        label="Meeting", queryset=Meeting.objects.none(), required=False, empty_label="No meeting yet"
    )
    update_date = DateParts(label="Date of this update", required=False, help_text="As the report prints it.")
    updates_due_on = DateParts(label="Updates are due on", required=False)
    sign_off_due_on = DateParts(label="Sign-off is due on", required=False)
    cabinet_members = LimitedMultipleChoiceField(
        label="Cabinet Members who sign the report off",
        queryset=Person.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
    )

    def __init__(self, data=None, *, committee, now, people, current=None, **kwargs):
        super().__init__(data, **kwargs)
        upcoming = Q(start__gte=now) | Q(pk=current.pk if current else None)
        self.fields["meeting"].queryset = committee.meetings.filter(upcoming).order_by("start")
        self.fields["cabinet_members"].queryset = people

    def worked_out(self):
        self.full_clean()
        meeting = self.cleaned_data.get("meeting")
        if meeting is None:
            self.errors.clear()
            self.add_error("meeting", "Choose the meeting from which the dates are to be worked out")
            return None
        data = self.data.copy()
        for name, day in report_dates(meeting.day).items():
            for part in PARTS:
                data[f"{name}_{part}"] = str(getattr(day, part))
        return data


class RescheduleForm(DatesForm):
    def __init__(self, data=None, *, report, **kwargs):
        initial = {name: getattr(report, name) for name in ("meeting", *DATES)}
        if report.meeting and not any(initial[name] for name in DATES):
            initial |= report_dates(report.meeting.day)
        # Who has left before they signed is to be replaced: nothing would ever come of leaving them ticked.
        initial["cabinet_members"] = [
            sign_off.person_id
            for sign_off in report.sign_offs.all()
            if sign_off.signed_at is not None or sign_off.person.is_active
        ]
        recorded = {name: getattr(report, name) for name in ("meeting", *DATES)}
        recorded["cabinet_members"] = [sign_off.person for sign_off in report.sign_offs.all()]
        super().__init__(data, current=report.meeting, initial=initial, recorded=recorded, **kwargs)
        if report.signed_off_at is not None:
            del self.fields["cabinet_members"]

    def values(self):
        return {name: self.cleaned_data[name] for name in ("meeting", *DATES)}


class EvidenceFilesForm(GovukForm, forms.Form):
    """Which of the files that officers have added are published. Cleans `allowed` to the records."""

    allowed = forms.MultipleChoiceField(label="Publish these files", required=False)

    def __init__(self, data=None, *, files):
        self.records = {str(file.pk): file for file in files}
        super().__init__(data, initial={"allowed": [key for key, file in self.records.items() if file.allowed_at]})
        link = '<a class="govuk-link" href="{}">Open “{}”</a>, added by {}'
        hints = {
            key: format_html(link, file.get_absolute_url(), file.original_name or file.title, file.uploaded_by)
            for key, file in self.records.items()
        }
        self.fields["allowed"].widget = Checkboxes(hints=hints)
        self.fields["allowed"].choices = [
            (key, f"{file.update.response.references}: {file.title}") for key, file in self.records.items()
        ]

    def clean_allowed(self):
        return [self.records[key] for key in self.cleaned_data["allowed"]]


class EvidenceForm(GovukForm, forms.Form):
    error_focus = "evidence_note"

    evidence_note = TextField(
        label="How is their agreement known?",
        help_text="An e-mail of 3 November, say. The note is kept with the sign-off.",
        widget=Textarea(rows=4),
        error_messages={"required": "Note how the Cabinet Member's agreement is known"},
    )


class ReopenForm(GovukForm, forms.Form):
    to = forms.ChoiceField(
        label="Where should the report go back to?",
        widget=Radios(
            hints={
                Stage.COMMISSIONED: "The updates that you tick below are open again. All sign-offs are withdrawn.",
                Stage.AWAITING_SIGN_OFF: "The texts stay as they are. All sign-offs are withdrawn.",
                Stage.SIGNED_OFF: "It is to be published once more.",
                Stage.PUBLISHED: "The committee's assessments can be changed and are confirmed once more.",
            }
        ),
        error_messages={"required": "Choose where the report goes back to"},
    )
    updates = UpdatesField(
        label="Updates to be written again",
        queryset=ProgressUpdate.objects.none(),
        required=False,
        widget=Checkboxes(small=True),
    )
    reason = TextField(
        label="Why is it reopened?",
        help_text="The reason is kept in the history, and sent to the people who write again.",
        widget=Textarea(rows=4),
        error_messages={"required": "Say why the report is reopened"},
    )

    def __init__(self, data=None, *, report):
        super().__init__(data)
        earlier = rules.STAGES[: rules.STAGES.index(report.stage)]
        self.fields["to"].choices = [(stage, stage.label) for stage in reversed(earlier)]
        self.fields["updates"].queryset = report.updates.for_page()

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("to") == Stage.COMMISSIONED and not cleaned.get("updates") and "updates" not in self.errors:
            self.add_error("updates", "Choose at least one update that is to be written again")
        return cleaned
