"""What a clerk types about a meeting and its agenda."""

import re
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.utils import from_current_timezone
from django.utils import timezone

from inquiries.choices import ExemptParagraph, ItemKind
from inquiries.documents.content import long_date
from inquiries.forms.changes import ChangeForm
from inquiries.govuk import DateParts, GovukForm, Radios, Textarea, TextField
from inquiries.models import AgendaDocument, AgendaItem, Committee, Meeting, ProgressReport
from inquiries.models.fields import LineFormField
from inquiries.models.packs import issue_name
from inquiries.rules import USUAL_END, USUAL_START
from inquiries.uploads import process_upload
from inquiries.uploads.paper import Rejected

LONGEST_REASON = Meeting._meta.get_field("cancelled_reason").max_length
LONGEST_TITLE = AgendaItem._meta.get_field("title").max_length
LONGEST_VENUE = Meeting._meta.get_field("venue").max_length
NARROW = {"class": "govuk-input--width-10", "autocomplete": "off"}


# Two digits where there are any: "19.5" may be half past or five past seven.
MINUTES = re.compile(r"^[^:]*(:\d\d\D*)?$")


class TimeOfDay(forms.CharField):
    """A time as people write it: 14:00, 14.00, 2pm, 2.30 pm. Cleans to a time."""

    FORMATS = ("%H:%M", "%I:%M%p", "%I%p")

    def clean(self, value):
        typed = "".join(super().clean(value).lower().split()).replace(".", ":")
        if not typed:
            return None
        typed = typed.replace("a:m:", "am").replace("p:m:", "pm")
        for known in self.FORMATS if MINUTES.search(typed) else ():
            try:
                return datetime.strptime(typed, known).time()
            except ValueError:
                continue
        raise ValidationError("Enter a time like 14:00 or 2pm", code="invalid")


class MeetingForm(ChangeForm):
    error_focus = "day"
    shown_beside = {"start": "day"}

    day = DateParts(label="Day", help_text="For example, 15 12 2026.")
    time = TimeOfDay(
        label="Time",
        help_text="When it begins, like 14:00 or 2pm.",
        widget=forms.TextInput(attrs=NARROW),
        error_messages={"required": "Enter the time"},
    )
    venue = LineFormField(label="Venue", required=False, max_length=LONGEST_VENUE, help_text="Room and address.")

    def __init__(self, data=None, *, meeting=None, **kwargs):
        if meeting is not None:
            local = timezone.localtime(meeting.start)
            kwargs["initial"] = {"day": local.date(), "time": f"{local:%H:%M}", "venue": meeting.venue}
            kwargs["recorded"] = {"start": meeting.start, "venue": meeting.venue}
        super().__init__(data, **kwargs)

    def clean(self):
        cleaned = super().clean()
        if "day" in cleaned and "time" in cleaned:
            try:
                cleaned["start"] = from_current_timezone(datetime.combine(cleaned["day"], cleaned["time"]))
            except ValidationError:
                self.add_error("time", "There is no such time on that day, or it comes twice: the clocks change")
        return {name: value for name, value in cleaned.items() if name not in ("day", "time")}


class CallMeetingForm(MeetingForm):
    committee = forms.ModelChoiceField(
        label="Committee",
        queryset=Committee.objects.none(),
        error_messages={"invalid_choice": "Choose the committee from the list"},
    )
    usual_items = forms.BooleanField(
        label="Start with the standing items",
        required=False,
        help_text=f"Those of the committee; where it has none: {', '.join(USUAL_START + USUAL_END)}.",
    )
    field_order = ("committee", "day", "time", "venue", "usual_items")

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        self.fields["committee"].queryset = Committee.objects.all()


class CommitteeQueryForm(forms.Form):
    committee = forms.SlugField(required=False)

    def found(self):
        slug = self.cleaned_data.get("committee") if self.is_valid() else ""
        return Committee.objects.filter(slug=slug).first() if slug else None


class CancelMeetingForm(GovukForm, forms.Form):
    reason = TextField(
        label="Why is it cancelled?",
        help_text="The public reads this on the page of the meeting.",
        max_length=LONGEST_REASON,
        widget=Textarea(rows=3, maximum=LONGEST_REASON),
        error_messages={"required": "Say why the meeting is cancelled"},
    )


class ReportChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, report):
        day = f", for the meeting on {long_date(report.meeting.day)}" if report.meeting else ""
        return f"{report.inquiry.title}: {report.kind.lower()}, {report.stage.label.lower()}{day}"


def issue_field(**kwargs):
    wrong = {"invalid_choice": "Choose from the list where it is printed"}
    return forms.TypedChoiceField(label="Printed in", coerce=int, error_messages=wrong, **kwargs)


def issue_choices(last):
    return [(number, issue_name(number)) for number in range(last + 1)]


class ItemForm(ChangeForm):
    title = LineFormField(
        label="Title",
        max_length=LONGEST_TITLE,
        help_text="However you type it, the front sheet prints it in capitals.",
    )
    subtitle = LineFormField(
        label="Subtitle",
        required=False,
        max_length=AgendaItem._meta.get_field("subtitle").max_length,
        help_text="Printed below the title: who attends, say, or what the committee is asked to do.",
    )
    kind = forms.ChoiceField(
        label="What is this item?",
        choices=ItemKind.choices,
        initial=ItemKind.NOTHING,
        widget=Radios(small=True),
        error_messages={name: "Choose what the item carries" for name in ("required", "invalid_choice")},
    )
    report = ReportChoiceField(
        label="Progress report",
        queryset=ProgressReport.objects.none(),
        required=False,
        empty_label="None",
        help_text="Only where the item carries a progress report.",
        error_messages={"invalid_choice": "Choose the progress report from the list"},
    )
    to_follow = forms.BooleanField(
        label="Papers to follow",
        required=False,
        help_text="The front sheet says so, and they come in a supplement.",
    )

    def __init__(self, data=None, *, meeting, current=None, **kwargs):
        super().__init__(data, **kwargs)
        self.fields["report"].queryset = reports_for(meeting, current)

    def clean(self):
        cleaned = super().clean()
        if "kind" not in cleaned or "report" in self.errors:
            return cleaned
        if cleaned["kind"] != ItemKind.REPORT:
            cleaned["report"] = None
        elif cleaned["report"] is None:
            self.add_error("report", "Choose the progress report that this item carries")
        return cleaned


class AddItemForm(ItemForm):
    number = forms.TypedChoiceField(
        label="Where on the agenda?",
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Choose the place from the list"},
    )

    def __init__(self, data=None, *, meeting, items, report=None, **kwargs):
        if report is not None:
            title, kind = report.inquiry.title, report.kind
            kwargs["initial"] = {"title": title, "subtitle": kind, "kind": ItemKind.REPORT, "report": report.pk}
        super().__init__(data, meeting=meeting, **kwargs)
        places = [(item.number, f"Before {item.number}. {item.title}") for item in items]
        self.fields["number"].choices = [("", "At the end"), *places]


class ChangeItemForm(ItemForm):
    supplement = issue_field(help_text="Its papers say for themselves where they are printed.")

    def __init__(self, data=None, *, item, last_issue, **kwargs):
        names = ("title", "subtitle", "kind", "to_follow", "supplement")
        recorded = {name: getattr(item, name) for name in (*names, "report")}
        super().__init__(data, meeting=item.meeting, current=item.report_id, recorded=recorded, **kwargs)
        self.fields["supplement"].choices = issue_choices(max(last_issue, item.supplement))


class MoveForm(forms.Form):
    to = forms.IntegerField(min_value=1, max_value=9_999)


class ReportQueryForm(forms.Form):
    report = forms.ModelChoiceField(queryset=ProgressReport.objects.none(), required=False)

    def __init__(self, data, *, meeting):
        super().__init__(data)
        self.fields["report"].queryset = reports_for(meeting)

    def found(self):
        return self.cleaned_data["report"] if self.is_valid() else None


def reports_for(meeting, current=None):
    """The reports that an item of `meeting` can carry: its committee's, until assessed; and `current` (a key)."""
    reports = ProgressReport.objects.filter(inquiry__committee=meeting.committee_id)
    reports = reports.filter(Q(assessed_at__isnull=True) | Q(pk=current))
    return reports.select_related("inquiry", "meeting").order_by("inquiry__title", "months_on")


AT_ONCE = 3  # papers that are added at a time
LONGEST_TITLE = AgendaDocument._meta.get_field("title").max_length
KINDS = "A PDF; or a Word document (.docx), where this system can make a PDF of it."
CHOOSE_AGAIN = "Choose the file again: a file cannot be kept while something else is put right"


class PaperFile(forms.FileField):
    """An uploaded paper. Cleans to a ReceivedPaper: checked, cleaned and measured."""

    def __init__(self, **kwargs):
        super().__init__(
            label="File",
            max_length=None,
            error_messages={
                "required": "Choose the file of the paper",
                "missing": "Choose the file of the paper",
                "empty": "The file is empty. Choose another one.",
            },
            **kwargs,
        )

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        try:
            return process_upload.process_paper(file, file.name)
        except Rejected as rejected:
            raise ValidationError(str(rejected)) from None


def exempt_paragraph_field():
    return forms.TypedChoiceField(
        label="Who may read it?",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Public"), *((value, f"Exempt: {label}") for value, label in ExemptParagraph.choices)],
        help_text="The paragraph of Schedule 12A to the Local Government Act 1972 under which it is exempt, if it is.",
        error_messages={"invalid_choice": "Choose from the list who may read it"},
    )


def paper_title_field():
    return LineFormField(
        label="Title",
        max_length=LONGEST_TITLE,
        help_text="As the agenda is to name it. The title of an exempt paper is not published.",
    )


class AddPaperForm(GovukForm, forms.Form):
    file = PaperFile(help_text=KINDS)
    title = paper_title_field()
    exempt_paragraph = exempt_paragraph_field()

    def clean(self):
        cleaned = super().clean()
        if self.errors and "file" in cleaned:
            self.add_error("file", CHOOSE_AGAIN)
        return cleaned


def add_paper_forms(data=None, files=None):
    several = [
        AddPaperForm(data, files, prefix=f"paper{number}", empty_permitted=True) for number in range(1, AT_ONCE + 1)
    ]
    if data is not None and not any(form.has_changed() for form in several):
        several[0].empty_permitted = False
    return several


class ChangePaperForm(ChangeForm):
    title = paper_title_field()
    exempt_paragraph = exempt_paragraph_field()
    supplement = issue_field()

    def __init__(self, data=None, *, paper, last_issue):
        names = ("title", "exempt_paragraph", "supplement")
        super().__init__(data, recorded={name: getattr(paper, name) for name in names})
        self.fields["supplement"].choices = issue_choices(max(last_issue, paper.supplement))


class ReplacePaperForm(GovukForm, forms.Form):
    file = PaperFile(help_text=f"{KINDS} Title, place and who may read it stay as they are.")
