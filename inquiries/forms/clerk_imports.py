"""Imports as a clerk uploads, corrects and confirms them: a Word report, a list of people."""

import re
from dataclasses import fields, replace

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join

from inquiries.actions.imports import DOCUMENT, IMPORT_STAGES, RECORDED, read_import, stage_of_draft
from inquiries.actions.people_import import NEW
from inquiries.choices import Decision, Ending, ExemptParagraph, OfficerView, Rating, Stage
from inquiries.differences import differences as compare_texts
from inquiries.govuk import DateParts, GovukForm, KnownDate, Radios, Textarea, TextField, error_summary
from inquiries.imports import Unreadable, people_csv
from inquiries.imports.docx_text import SIZE_LIMIT
from inquiries.imports.draft import (
    DraftContributor,
    DraftDate,
    DraftEnd,
    DraftRecommendation,
    DraftRow,
    missing_numbers,
    recheck,
)
from inquiries.imports.reader import MEANINGS, apply_column
from inquiries.models import Committee
from inquiries.models.fields import LineFormField

MOST_IN_A_ROW = 60
LINK = re.compile(r"(?P<title>.*?)[\s:–-]*(?P<address>https?://\S+)", re.IGNORECASE)
OUTCOMES = [*Decision.labels[3:], *Ending.labels]
is_web_address = URLValidator(["http", "https"])
MOST_ROWS = 800
MOST_SPARE_ENDS = 20
ROW_FIELDS = [
    field.name for field in fields(DraftRow) if field.name not in ("recommendations", "possible_contributors")
]
PAST_DATE = (
    "As it really was. Leave the day empty where only the month is known, all of it where the date is not known."
)
STAGE_LABELS = {
    Stage.SIGNED_OFF: "It is complete and signed off",
    Stage.AWAITING_SIGN_OFF: "It is complete and waits for sign-off",
    Stage.COMMISSIONED: "Lead officers are still writing",
}
STAGE_HINTS = {
    Stage.SIGNED_OFF: "Noted as the evidence: the document, where it says that they have signed; otherwise your word.",
    Stage.AWAITING_SIGN_OFF: "The Cabinet Members named above are asked to sign it off.",
    Stage.COMMISSIONED: "What the document says is kept as drafts, which lead officers can go on writing.",
}


class UploadForm(GovukForm, forms.Form):
    """A Word document. `cleaned_data` then holds `file`, `data` (its bytes) and `draft` (what was understood)."""

    file = forms.FileField(
        label="Word document",
        help_text="A progress report on the recommendations of an inquiry, as a .docx file of at most 20 MB.",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        error_messages={
            "required": "Choose a Word document",
            "empty": "The file is empty. Choose another one.",
            "missing": "Choose a Word document",
        },
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > SIZE_LIMIT:
            raise ValidationError(
                f"The file is too large: it has {filesizeformat(file.size)}, and can have at most "
                f"{filesizeformat(SIZE_LIMIT)}. Keep only the report in it, and make the pictures smaller."
            )
        self.cleaned_data["data"] = file.read()
        try:
            self.cleaned_data["draft"] = read_import(self.cleaned_data["data"], filename=file.name)
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from None
        return file


class ParagraphsField(TextField):
    """A text of paragraphs, its box as high as the text that it begins with, within limits."""

    def __init__(self, *, width=40, most=2, **options):
        self.width, self.most = width, most
        super().__init__(required=False, **options)

    def fit(self, text):
        lines = sum(1 + len(line) // self.width for line in (text or "").split("\n"))
        self.widget.attrs["rows"] = max(2, min(lines + 1, self.most))


class LinesField(forms.CharField):
    """A list, each of its parts on a line; subclasses say what a line holds."""

    widget = Textarea(rows=2)

    def prepare_value(self, value):
        return "\n".join(map(self.line_of, value)) if isinstance(value, list) else value

    def to_python(self, value):
        lines = (" ".join(line.split()) for line in (value or "").split("\n"))
        return [self.read_line(line) for line in dict.fromkeys(lines) if line]

    def line_of(self, part):
        return part

    def read_line(self, line):
        return line


class ContributorsField(LinesField):
    def line_of(self, part):
        return ", ".join(text for text in (part.name, part.job_title) if text)

    def to_python(self, value):
        people = {person.name.lower(): person for person in reversed(super().to_python(value)) if person.name}
        return list(reversed(people.values()))

    def read_line(self, line):
        name, _, job_title = line.partition(",")
        if len(name) > 200 or len(job_title) > 200:
            raise ValidationError("A name, and a job title, can have at most 200 characters.")
        return DraftContributor(name.strip(), job_title.strip())


class EvidenceField(LinesField):
    def line_of(self, part):
        return ": ".join(text for text in part if text)

    def read_line(self, line):
        match = LINK.fullmatch(line)
        if match is None or not match["title"] or len(match["title"]) > 200:
            raise ValidationError(
                "Write each link on a line of its own: what it shows, then a web address that begins with https://."
            )
        is_web_address(match["address"])
        return match["title"], match["address"]


class FormWithDoubts(GovukForm, forms.Form):
    """Shows each doubt in the hint of the field that it is about."""

    def __init__(self, data=None, *, doubts=(), **options):
        self.doubts = doubts
        super().__init__(data, **options)
        for name, field in self.fields.items():
            about = "recommendations" if name == "text_1" else name
            messages = [(doubt.message,) for doubt in doubts if doubt.field == about]
            if messages and not name.startswith("difference_"):  # these are beside the two texts
                checks = format_html_join("", '<span class="scrutiny-doubt">Check: {}</span>', messages)
                field.help_text = format_html("{}{}", checks, field.help_text) if field.help_text else checks
            if isinstance(field, ParagraphsField):
                field.fit(self.initial.get(name))


class NumberedForm(FormWithDoubts):
    def __init__(self, data, *, recommendations, spare, **options):
        prefix, initial = options["prefix"], options["initial"]
        for number, one in enumerate(recommendations, start=1):
            initial |= {f"reference_{number}": one.reference, f"text_{number}": one.text, f"given_{number}": one.given}
        sent = sum(name.startswith(f"{prefix}-reference_") for name in data) if data is not None else 0
        self.counted = min(max(sent, len(recommendations) + spare, 1), MOST_IN_A_ROW)
        self.known = max(len(recommendations), 1)
        own = {}
        for number in range(1, self.counted + 1):
            own[f"reference_{number}"] = LineFormField(
                label="Number", required=False, widget=forms.TextInput(attrs={"class": "govuk-input--width-5"})
            )
            own[f"text_{number}"] = ParagraphsField(label="Recommendation", width=34, most=14)
            own[f"given_{number}"] = forms.BooleanField(required=False, widget=forms.HiddenInput)
        self.base_fields = self.base_fields | own
        super().__init__(data, **options)

    @property
    def recommendations(self):
        return [self.fields_of(number) for number in range(1, min(self.known, self.counted) + 1)]

    @property
    def spares(self):
        return [self.fields_of(number) for number in range(self.known + 1, self.counted + 1)]

    def fields_of(self, number):
        return self[f"reference_{number}"], self[f"text_{number}"], self[f"given_{number}"]

    def clean(self):
        values = super().clean()
        for number in range(1, self.counted + 1):
            if values.get(f"text_{number}") and not values.get(f"reference_{number}"):
                self.add_error(f"reference_{number}", "Enter the number of this recommendation")
        return values

    def drafts(self):
        values = self.cleaned_data
        parts = [[values[f"{part}_{n}"] for part in ("reference", "text", "given")] for n in range(1, self.counted + 1)]
        return [DraftRecommendation(*part) for part in parts if part[0] or part[1]]


class RowForm(NumberedForm):
    decision = forms.TypedChoiceField(
        label="Cabinet's decision",
        required=False,
        choices=[("", "Not said: choose"), *Decision.choices],
        empty_value=None,
    )
    response = ParagraphsField(label="Response and actions", most=18)
    reason = ParagraphsField(label="Reason", help_text="Needed unless it is accepted.", most=6)
    lead_officer = LineFormField(label="Lead officer", required=False, max_length=200)
    target_date = DateParts(label="Target date", required=False)
    update = ParagraphsField(label="Progress update", most=24)
    contributors = ContributorsField(
        label="Contributors", required=False, help_text="One on each line: name, job title."
    )
    officer_view = forms.ChoiceField(
        label="The officer's own view", required=False, choices=[("", "Not given"), *OfficerView.choices]
    )
    forecast_date = DateParts(label="Expected to be done by", required=False)
    evidence = EvidenceField(
        label="Evidence on the web", required=False, help_text="One link on each line: what it shows: https://…"
    )
    exempt_text = ParagraphsField(
        label="Confidential part of the update", help_text="Only people who may see exempt papers read this."
    )
    exempt_paragraph = forms.TypedChoiceField(
        label="Why it is exempt",
        required=False,
        choices=[("", "Choose a paragraph of Schedule 12A"), *ExemptParagraph.choices],
        coerce=int,
        empty_value=None,
    )
    rating = forms.TypedChoiceField(
        label="The committee's assessment",
        required=False,
        choices=[("", "To be assessed"), *((r.value, f"{r.symbol} {r.label}") for r in Rating)],
        coerce=int,
        empty_value=None,
    )
    comment = ParagraphsField(label="The committee's comment")
    remove = forms.BooleanField(label="Leave this row out of the import", required=False)

    MORE = ("officer_view", "forecast_date", "evidence", "target_date", "exempt_text", "exempt_paragraph")

    def __init__(self, data=None, *, number, row=None, doubts=()):
        self.number = number + 1
        self.name = " and ".join(row.references) if row else ""
        initial = {name: getattr(row, name) for name in ROW_FIELDS} if row else {}
        recommendations = row.recommendations if row else []
        numbered = {"prefix": f"row-{number}", "recommendations": recommendations, "spare": 1}
        self.possible_contributors = row.possible_contributors if row else []
        if self.possible_contributors:
            shown = " and ".join(person.name for person in self.possible_contributors)
            label = f"The bracket at the end names who wrote this: {shown}"
            self.base_fields = self.base_fields | {
                "takes_contributors": forms.BooleanField(label=label, required=False)
            }
        super().__init__(data, initial=initial, doubts=doubts, **numbered)

    @property
    def has_more(self):
        return any(self[name].errors or self.initial.get(name) for name in self.MORE)

    @property
    def must_settle(self):
        return any(doubt.must_settle for doubt in self.doubts)

    @property
    def other_doubts(self):
        return [d.message for d in self.doubts if d.field not in (*self.fields, "recommendations")]

    def clean(self):
        values = super().clean()
        if values.get("exempt_text") and values.get("exempt_paragraph", "") is None:
            self.add_error("exempt_paragraph", "Choose the paragraph of Schedule 12A that makes this part exempt.")
        return values

    def row(self):
        row = DraftRow(self.drafts(), **{name: self.cleaned_data[name] for name in ROW_FIELDS})
        row.possible_contributors = self.possible_contributors
        if self.cleaned_data.get("takes_contributors"):
            row.take_contributors()
        return row


class EndForm(NumberedForm):
    outcome = LineFormField(
        label="Outcome",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"list": "known-outcomes"}),
    )
    reason = ParagraphsField(label="Reason")
    remove = forms.BooleanField(label="Leave this line out of the import", required=False)

    def __init__(self, data=None, *, number, end=None, reference=""):
        recommendations = end.recommendations if end else []
        initial = {"outcome": end.outcome, "reason": end.reason} if end else {"reference_1": reference}
        self.is_spare = end is None
        self.title = ", ".join(r.reference for r in recommendations) or reference
        numbered = {"prefix": f"end-{number}", "recommendations": recommendations, "spare": 0 if end else 1}
        super().__init__(data, initial=initial, **numbered)

    def clean(self):
        values = super().clean()
        if self.is_empty(values):
            return values
        if not values.get("text_1") and "text_1" not in self.errors:
            self.add_error("text_1", "Enter the wording of this recommendation, or empty the line")
        if not values.get("outcome") and "outcome" not in self.errors:
            self.add_error("outcome", "Say what became of this recommendation, or empty the line")
        return values

    def end(self):
        values = self.cleaned_data
        return None if self.is_empty(values) else DraftEnd(self.drafts(), values["outcome"], values["reason"])

    def is_empty(self, values):
        names = [f"text_{n}" for n in range(1, self.counted + 1)]
        return values.get("remove") or not any(values.get(name) for name in (*names, "outcome", "reason"))


class HeaderForm(FormWithDoubts):
    committee = forms.ModelChoiceField(
        label="Committee", queryset=Committee.objects.all(), required=False, empty_label="Choose a committee"
    )
    inquiry = LineFormField(
        label="Title of the inquiry",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"list": "known-titles"}),
        help_text="With the title of an inquiry that is recorded already, the report is added to that inquiry.",
    )
    months_on = forms.IntegerField(
        label="How many months on is this report?",
        required=False,
        min_value=1,
        max_value=240,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
        help_text="6 for the interim report, 12 for the final one.",
        error_messages={
            name: "Enter the months as a number between 1 and 240" for name in ("invalid", "min_value", "max_value")
        },
    )
    completion = DateParts(
        label="When the inquiry report was completed",
        required=False,
        day_optional=True,
        help_text="Leave the day empty where only the month is known.",
    )
    completed_body = LineFormField(label="Completed at", required=False, max_length=100, help_text="Cabinet, say.")
    update_date = DateParts(
        label="Date of this update", required=False, day_optional=True, help_text="The day may be left empty."
    )
    cabinet_members = LinesField(
        label="Cabinet Members who sign this report off", required=False, help_text="One name on each line."
    )
    stage = forms.ChoiceField(
        label="What stage is this report at?",
        choices=[(stage, STAGE_LABELS[stage]) for stage in STAGE_LABELS],
        widget=Radios(hints=STAGE_HINTS),
    )
    published = forms.BooleanField(
        label="Publish it now",
        required=False,
        help_text=(
            "Only where it is signed off. Everybody can then read it, and its inquiry; ratings in the document count "
            "as confirmed. Members of the committee, and lead officers of rated rows, are notified by e-mail."
        ),
    )
    signed_on = DateParts(label="When was it signed off?", help_text=PAST_DATE, required=False, day_optional=True)
    published_on = DateParts(label="When was it published?", help_text=PAST_DATE, required=False, day_optional=True)
    assessed_on = DateParts(
        label="When did the committee consider it?", help_text=PAST_DATE, required=False, day_optional=True
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, columns, doubts, differences, **options):
        own = {
            f"column_{number}": forms.ChoiceField(
                label=f"The column “{column.title}” holds",
                required=False,
                choices=list(MEANINGS.items()),
                widget=Radios(small=True),
            )
            for number, column in enumerate(columns)
        }
        own |= {
            f"difference_{one.key}": forms.ChoiceField(
                label=one.name,
                required=False,
                choices=[(RECORDED, "Keep what is recorded"), (DOCUMENT, "Take what the document says")],
                initial=one.choice,
                widget=Radios(small=True),
            )
            for one in differences
        }
        confirmed = list({doubt.key: doubt.message for doubt in doubts if doubt.can_confirm}.items())
        own["settled"] = forms.MultipleChoiceField(required=False, choices=confirmed, widget=forms.MultipleHiddenInput)
        self.base_fields = self.base_fields | own
        super().__init__(data, doubts=[doubt for doubt in doubts if doubt.row is None], **options)

    @property
    def chosen_differences(self):
        return {
            name.removeprefix("difference_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("difference_") and value
        }

    @property
    def columns(self):
        return [self[name] for name in self.fields if name.startswith("column_")]


HEADER_FIELDS = ("inquiry", "months_on", "completed_body", "cabinet_members")
PAST_DATES = ("signed_on", "published_on", "assessed_on")


class ImportReview:
    """Everything on the page at once: `header`, `rows` and `ends` are its forms.

    `draft` is what was kept, `choices` what was chosen beside it, `data` what was posted, if anything.
    `check` is its ImportCheck.
    """

    def __init__(self, draft, choices, mark, data=None, *, check):
        self.base, self.doubts, self.check, self.committee = draft, check.doubts, check, check.committee
        self.chosen = choices
        left_out = missing_numbers(draft)[:MOST_SPARE_ENDS]
        initial = header_values(draft, choices) | {"committee": check.committee, "seen": mark}
        asked = {"doubts": check.doubts, "columns": draft.columns, "differences": check.differences}
        self.header = HeaderForm(data, initial=initial, **asked)
        # Where another clerk has left a row out meanwhile, what was posted still has it.
        self.rows = [
            RowForm(data, number=number, row=row, doubts=[doubt for doubt in self.doubts if doubt.row == number])
            for number, row in padded(draft.rows, count_sent(data, "row"))
        ]
        known = [{"end": end} for end in draft.ends] + [{"reference": one} for one in (*left_out, "")]
        self.ends = [
            EndForm(data, number=number, **(one or {})) for number, one in padded(known, count_sent(data, "end"))
        ]

    @property
    def forms(self):
        return [self.header, *self.rows, *self.ends]

    def is_valid(self):
        return all([form.is_valid() for form in self.forms])

    def problems(self):
        return error_summary(self.forms)

    def questions(self):
        return [(doubt, self.href_of(doubt), self.row_name(doubt)) for doubt in self.doubts]

    def draft(self):
        values = self.header.cleaned_data
        known, updated = values["completion"], values["update_date"]
        kept = {number: form.row() for number, form in enumerate(self.rows) if not form.cleaned_data["remove"]}
        draft = replace(
            self.base,
            committee=values["committee"].name if values["committee"] else self.base.committee,
            completed_on=known.day if known else None,
            completed_precision=str(known.precision) if known else self.base.completed_precision,
            update_date=updated.day if updated else None,
            update_precision=str(updated.precision) if updated else self.base.update_precision,
            **{name: DraftDate(d.day, str(d.precision)) if (d := values[name]) else None for name in PAST_DATES},
            rows=list(kept.values()),
            ends=[end for form in self.ends if (end := form.end()) is not None],
            **{name: values[name] for name in HEADER_FIELDS},
        )
        draft.doubts = self.open_doubts(draft, list(kept))
        self.place_columns(draft, {number: new for new, number in enumerate(kept)})
        recheck(draft)
        return draft

    def place_columns(self, draft, numbers):
        """Put the columns whose meaning was chosen into the rows; `numbers` says which row is now which."""
        draft.columns = []
        for number, column in enumerate(self.base.columns):
            cells = [(numbers[row], text) for row, text in column.cells if row in numbers]
            if not cells:
                continue
            draft.columns.append(placed := replace(column, cells=cells))
            if meaning := self.header.cleaned_data.get(f"column_{number}"):
                apply_column(draft, placed, meaning)

    def choices(self):
        values = self.header.cleaned_data
        return {
            "stage": values["stage"],
            "published": values["published"],
            "settled": sorted({*self.chosen.get("settled", []), *values["settled"]}),
            "differences": self.chosen.get("differences", {}) | self.header.chosen_differences,
        }

    def compared(self):
        """Each difference with its two texts, word by word, and the field that chooses one."""
        return [
            (one, compare_texts(one.recorded, one.document), self.header[f"difference_{one.key}"])
            for one in self.check.differences
        ]

    def open_doubts(self, draft, kept):
        """What the reading doubted and the clerk has neither changed nor left out; rows counted anew."""
        found = []
        settled = self.header.cleaned_data["settled"]
        for doubt in self.base.doubts:
            if doubt.key in settled or doubt.checked or (doubt.row is not None and doubt.row not in kept):
                continue
            before, after = self.base, draft
            if doubt.row is not None:
                number = kept.index(doubt.row)
                before, after = self.base.rows[doubt.row], draft.rows[number]
                doubt = replace(doubt, row=number)
            names = ("completed_on", "completed_body") if doubt.field == "completion" else (doubt.field,)
            if all(getattr(before, name, None) == getattr(after, name, None) for name in names):
                found.append(doubt)
        return found

    def href_of(self, doubt):
        if doubt.can_confirm and doubt.row is not None:
            return f"#settle-{doubt.key}-{doubt.row}"
        if doubt.row is not None:
            if doubt.row >= len(self.rows):
                return "#rows"
            form = self.rows[doubt.row]
            name = "text_1" if doubt.field == "recommendations" else doubt.field
            return f"#{form[name].first_input_id}" if name in form.fields else f"#row-{doubt.row + 1}"
        if doubt.can_confirm:
            return f"#settle-{doubt.key}"
        if doubt.field in self.header.fields:
            return f"#{self.header[doubt.field].first_input_id}"
        return "#ends" if doubt.field == "ends" else "#rows"

    def row_name(self, doubt):
        return self.base.row_name(doubt.row) if doubt.row is not None else ""


def count_sent(data, prefix):
    """How many forms with this prefix were posted, by their numbers. One stray number makes no hundred empty forms."""
    return min(len({name.split("-")[1] for name in data or () if name.startswith(f"{prefix}-")}), MOST_ROWS)


def padded(parts, count):
    return list(enumerate([*parts, *[None] * (count - len(parts))]))


def header_values(draft, choices):
    stage = choices.get("stage") or stage_of_draft(draft)
    return {name: getattr(draft, name) for name in HEADER_FIELDS} | {
        "completion": KnownDate(draft.completed_on, draft.completed_precision) if draft.completed_on else None,
        "update_date": KnownDate(draft.update_date, draft.update_precision) if draft.update_date else None,
        **{name: KnownDate(d.day, d.precision) if (d := getattr(draft, name)) else None for name in PAST_DATES},
        "stage": Stage(stage) if stage in IMPORT_STAGES else Stage.COMMISSIONED,
        "published": choices.get("published", False),
    }


class PeopleUploadForm(GovukForm, forms.Form):
    """A CSV file. `cleaned_data` then holds `file`, `data` (its bytes), `rows` and `unknown_columns`."""

    file = forms.FileField(
        label="CSV file",
        help_text=(
            "As Excel saves it: commas, semicolons or tabs between the cells. "
            f"At most {people_csv.MOST_ROWS:,} rows and {people_csv.SIZE_LIMIT // 1024 // 1024} MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={
            "required": "Choose a CSV file",
            "empty": "The file is empty. Choose another one.",
            "missing": "Choose a CSV file",
        },
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        # One byte more than is taken: enough for the sentence that says it is too large.
        data = self.cleaned_data["data"] = file.read(people_csv.SIZE_LIMIT + 1)
        try:
            self.cleaned_data["rows"], self.cleaned_data["unknown_columns"] = people_csv.read_people(data)
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from None
        return file


class PeopleImportForm(GovukForm, forms.Form):
    invite = forms.BooleanField(
        label="Send each new person an invitation",
        required=False,
        help_text="By e-mail, with the way to sign in. You can also invite them later, one by one.",
    )

    def __init__(self, data=None, *, rows, recording=False):
        super().__init__(data)
        self.lines = {}
        for row in rows:
            if not row["options"]:
                continue
            line, name = row["line"], row["values"]["name"]
            self.lines[f"person-{line}"] = line
            self.fields[f"person-{line}"] = forms.ChoiceField(
                label=f"Line {line}: {name}, {row['values']['email']}",
                choices=row["options"],
                initial=row["choice"],
                required=recording,
                widget=Radios(small=True),
                error_messages={"required": f"Say who {name} in line {line} is"},
            )
        if not self.lines and not any(row["kind"] == NEW and "email" in row["values"] for row in rows):
            del self.fields["invite"]

    @property
    def questions(self):
        return [self[name] for name in self.lines]

    @property
    def choices(self):
        return {line: self.cleaned_data.get(name, "") for name, line in self.lines.items()}
