"""Officer reports as a clerk commissions them, and as they are written."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.template.defaultfilters import filesizeformat

from inquiries.actions.officer_reports import CONTACT_FIELDS
from inquiries.choices import ItemKind, SignatureRole
from inquiries.documents.officer_report import TEMPLATE_SECTIONS
from inquiries.forms.changes import ChangeForm
from inquiries.forms.clerk_meetings import exempt_paragraph_field
from inquiries.forms.clerk_reports import MeetingChoiceField
from inquiries.forms.officer import TOO_LONG, ContributorFields, version_field
from inquiries.govuk import DateParts, GovukForm, PersonField, Textarea, TextField
from inquiries.imports import Unreadable
from inquiries.imports.officer_report import read_officer_report
from inquiries.models import AgendaItem, Meeting, OfficerReport, OfficerReportPicture, Person
from inquiries.models.fields import LineFormField
from inquiries.rules import LONGEST_TEXT
from inquiries.uploads.paper import Rejected
from inquiries.uploads.picture import LARGEST_FILE, process_picture

LONGEST_TITLE = OfficerReport._meta.get_field("title").max_length
LONGEST_HEADING = 200
LARGEST_WORD = 10 * 1024 * 1024
MOST_SECTIONS = 30
GUIDANCE = {section.heading: section for section in TEMPLATE_SECTIONS}
DATE_HINT = "Leave it empty for {}, worked out from the meeting."


class SettledForm(ChangeForm):
    """What a clerk settles of an officer report."""

    title = LineFormField(label="Title of the report", max_length=LONGEST_TITLE)
    author = PersonField(label="Author", help_text="The lead officer who writes it. Type part of the name.")
    director = PersonField(
        label="Director who signs it off",
        required=False,
        help_text="Type part of the name. One of the two signs, or both.",
    )
    cabinet_member = PersonField(
        label="Cabinet Member who signs it off", required=False, help_text="Type part of the name."
    )
    text_due = DateParts(label="Text is due on", required=False)
    sign_off_due = DateParts(label="Sign-off is due on", required=False)
    exempt_paragraph = exempt_paragraph_field()

    def __init__(self, data=None, *, deadlines, **kwargs):
        super().__init__(data, **kwargs)
        for name, day in (("text_due", deadlines.updates), ("sign_off_due", deadlines.sign_off)):
            self.fields[name].help_text = DATE_HINT.format(f"{day.day} {day:%B %Y}")

    def clean(self):
        cleaned = super().clean()
        names = {"director", "cabinet_member"}
        if not (names & self.errors.keys() or any(cleaned.get(name) for name in names)):
            self.add_error("director", "Name the director or the Cabinet Member who signs the report, or both")
        return cleaned


class ItemChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, item):
        return f"{item.number}. {item.title}"


class CommissionReportForm(SettledForm):
    item = ItemChoiceField(
        label="For which item?",
        queryset=AgendaItem.objects.none(),
        required=False,
        empty_label="A new item, with the title of the report",
        error_messages={"invalid_choice": "Choose the item from the list"},
    )
    field_order = ("item", "title", "author", "director", "cabinet_member", "text_due", "sign_off_due")

    def __init__(self, data=None, *, meeting, item=None):
        initial = {"item": item.pk, "title": item.title} if item else {}
        super().__init__(data, deadlines=meeting.deadlines, initial=initial)
        self.fields["item"].queryset = meeting.items.on_agenda().exclude(kind=ItemKind.REPORT)


class MoveReportForm(GovukForm, forms.Form):
    meeting = MeetingChoiceField(
        label="To which meeting?",
        queryset=Meeting.objects.none(),
        empty_label="Choose a meeting",
        error_messages={"required": "Choose the meeting", "invalid_choice": "Choose a meeting from the list"},
    )
    text_due = DateParts(label="Text is due on", required=False, help_text=DATE_HINT.format("the usual date"))
    sign_off_due = DateParts(label="Sign-off is due on", required=False, help_text=DATE_HINT.format("the usual date"))
    note = TextField(
        label="Why is it moved?",
        required=False,
        help_text="It is sent to those who write and sign the report, and kept in the history.",
        widget=Textarea(rows=3),
    )

    def __init__(self, data=None, *, report, now):
        super().__init__(data)
        coming = Meeting.objects.filter(committee=report.meeting.committee, start__gt=now, cancelled_at__isnull=True)
        self.fields["meeting"].queryset = coming.exclude(pk=report.meeting.pk).order_by("start")
        if report.signed_off_at is not None:
            del self.fields["text_due"], self.fields["sign_off_due"]


class ItemQueryForm(forms.Form):
    item = forms.ModelChoiceField(queryset=AgendaItem.objects.none(), required=False)

    def __init__(self, data, *, meeting):
        super().__init__(data)
        self.fields["item"].queryset = meeting.items.on_agenda().exclude(kind=ItemKind.REPORT)

    def found(self):
        return self.cleaned_data["item"] if self.is_valid() else None


class ChangeReportForm(SettledForm):
    def __init__(self, data=None, *, report, signers):
        names = ("title", "author", "exempt_paragraph", "text_due", "sign_off_due")
        recorded = {name: getattr(report, name) for name in names} | {str(role): one for role, one in signers.items()}
        super().__init__(data, deadlines=report.meeting.deadlines, recorded=recorded)
        for name in ("author", *SignatureRole):
            if person := recorded[name]:
                self.fields[name].known = {str(person.pk): person}


class ReportForm(ContributorFields, GovukForm, forms.Form):
    """An officer report as it is being written: `heading_1`, `text_1` and so on are its sections.

    The headings of the template are fixed. `people` are those who may be named as contributors, None where the writer
    may not name any.
    """

    fewest_contributors = 2

    version = version_field()
    title = LineFormField(label="Title", max_length=LONGEST_TITLE)
    contact_name = LineFormField(label="Name", required=False, max_length=200)
    contact_job_title = LineFormField(label="Job title", required=False, max_length=200)
    contact_telephone = LineFormField(label="Telephone", required=False, max_length=50)
    contact_email = forms.EmailField(
        label="E-mail address",
        required=False,
        error_messages={"invalid": "Enter an e-mail address like name@example.org"},
    )

    def __init__(self, data=None, *, report, people=None):
        self.report = report
        initial = {name: getattr(report, name) for name in ("version", "title", *CONTACT_FIELDS)}
        numbered = list(enumerate(report.sections, start=1))
        initial |= {f"heading_{n}": section["heading"] for n, section in numbered}
        initial |= {f"text_{n}": section["text"] for n, section in numbered}
        initial |= {f"contributor_{n}": person for n, person in enumerate(report.contributor_names, start=1)}
        super().__init__(data, initial=initial)
        sent = [int(name[5:]) for name in self.data if re.fullmatch("text_[0-9]{1,2}", name)]
        self.count = min(max([len(report.sections) + 1, *sent]), MOST_SECTIONS)
        for number in range(1, self.count + 1):
            self.add_section(number)
        self.add_contributor_fields(people, report.contributor_names)

    def add_section(self, number):
        heading = self.heading(number)
        template = GUIDANCE.get(heading)
        self.fields[f"heading_{number}"] = LineFormField(label="Heading", required=False, max_length=LONGEST_HEADING)
        if template:
            self.fields[f"heading_{number}"].widget = forms.HiddenInput()
        self.fields[f"text_{number}"] = TextField(
            label=heading or "Text of a further section",
            required=False,
            help_text=template.guidance if template else "",
            widget=Textarea(rows=4 if heading in ("Purpose", "") else 8),
            validators=[MaxLengthValidator(LONGEST_TEXT, TOO_LONG)],
        )

    def heading(self, number):
        sent = self.data.get(f"heading_{number}", "").strip()
        return sent or self.initial.get(f"heading_{number}", "")

    @property
    def sections(self):
        """(heading field, text field, whether the heading is of the template) of each."""
        return [
            (self[f"heading_{n}"], self[f"text_{n}"], self.heading(n) in GUIDANCE) for n in range(1, self.count + 1)
        ]

    @property
    def contact_fields(self):
        return [self[name] for name in CONTACT_FIELDS]

    def clean(self):
        cleaned, seen = super().clean(), set()
        for number in range(1, self.count + 1):
            heading, text = cleaned.get(f"heading_{number}", ""), cleaned.get(f"text_{number}", "")
            if text and not heading:
                self.add_error(f"heading_{number}", "Give this section a heading")
            if heading and heading.casefold() in seen:
                self.add_error(f"heading_{number}", f"There is a section “{heading}” already")
            seen.add(heading.casefold())
        return cleaned

    def values(self):
        """What `officer_reports.save` takes, of what was sent; the form is valid."""
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in ("version", "title", *CONTACT_FIELDS) if name in self.data}
        pairs = [(cleaned[f"heading_{n}"], cleaned[f"text_{n}"]) for n in range(1, self.count + 1)]
        values["sections"] = [(heading, text) for heading, text in pairs if heading]
        return values | self.sent_contributors()


class PictureForm(GovukForm, forms.Form):
    file = forms.FileField(
        label="Picture",
        help_text=f"A PNG or JPEG file of at most {filesizeformat(LARGEST_FILE)}.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        error_messages={name: "Choose the file of the picture" for name in ("required", "missing", "empty")},
    )
    alternative_text = LineFormField(
        label="What does it show?",
        max_length=OfficerReportPicture._meta.get_field("alternative_text").max_length,
        help_text="Say in words what a reader is to learn from it, for people who have it read aloud.",
        error_messages={"required": "Say what the picture shows"},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            return process_picture(file, file.name)
        except Rejected as rejected:
            raise ValidationError(str(rejected)) from None

    def clean(self):
        cleaned = super().clean()
        if self.errors and "file" in cleaned:
            self.add_error("file", "Choose the file again: it cannot be kept while something else is put right")
        return cleaned


class WordUploadForm(GovukForm, forms.Form):
    """A report in Word. `cleaned_data` then holds `file`, and `read` as it was read."""

    file = forms.FileField(
        label="The report, as a Word document",
        help_text=f"A .docx file of at most {filesizeformat(LARGEST_WORD)}.",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        error_messages={
            "required": "Choose the file of the report",
            "missing": "Choose the file of the report",
            "empty": "The file is empty. Choose another one.",
        },
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        data = file.read(LARGEST_WORD + 1)
        if len(data) > LARGEST_WORD:
            raise ValidationError("The file is too large. Make its pictures smaller and upload it again.")
        try:
            self.cleaned_data["read"] = read_officer_report(data)
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from None
        return file


class ReturnReportForm(GovukForm, forms.Form):
    error_focus = "note"

    note = TextField(
        label="What would you like changed?",
        help_text="The people who write the report read your note exactly as you write it.",
        widget=Textarea(rows=6),
        error_messages={"required": "Say what you would like changed"},
    )


class ReopenReportForm(GovukForm, forms.Form):
    error_focus = "reason"

    reason = TextField(
        label="Why is it reopened?",
        help_text="The reason is kept in the history, and sent to the people who write the report.",
        widget=Textarea(rows=4),
        error_messages={"required": "Say why the report is reopened"},
    )


def people_to_name(report):
    return Person.objects.present().exclude(pk=report.author_id)
