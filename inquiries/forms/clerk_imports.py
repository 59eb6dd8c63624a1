"""Imports as a clerk uploads, corrects and confirms them: a Word report, a list of people."""

import re
from dataclasses import replace

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inquiries.actions.imports import IMPORT_STAGES, stage_of_draft
from inquiries.actions.people_import import NEW
from inquiries.choices import Decision, Ending, ExemptParagraph, OfficerView, Rating, Stage
from inquiries.govuk import DateParts, GovukForm, KnownDate, Radios, Textarea, error_summary
from inquiries.imports import Unreadable, people_csv
from inquiries.imports.docx_text import SIZE_LIMIT
from inquiries.imports.draft import DraftContributor, DraftEnd, DraftRecommendation, DraftRow, missing_numbers, recheck
from inquiries.imports.reader import read_progress_report
from inquiries.models import Committee

MOST_IN_A_ROW = 60
LINK = re.compile(r"(?P<title>.*?)[\s:–-]*(?P<address>https?://\S+)", re.IGNORECASE)
OUTCOMES = [*Decision.labels[3:], *Ending.labels]
is_web_address = URLValidator(["http", "https"])
MOST_ROWS = 800
MOST_SPARE_ENDS = 20
STAGE_LABELS = {
    Stage.SIGNED_OFF: "It is complete and signed off",
    Stage.AWAITING_SIGN_OFF: "It is complete and waits for sign-off",
    Stage.COMMISSIONED: "Lead officers are still writing",
}
STAGE_HINTS = {
    Stage.SIGNED_OFF: "The document is noted as the evidence that the Cabinet Members named above have signed it off.",
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
            self.cleaned_data["draft"] = read_progress_report(self.cleaned_data["data"], filename=file.name)
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from None
        return file


def normalize_text(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def lines_of(text):
    lines = (" ".join(line.split()) for line in normalize_text(text).split("\n"))
    return list(dict.fromkeys(line for line in lines if line))


def hint_with_doubts(hint, doubts):
    if not doubts:
        return hint
    said = format_html_join("", '<span class="scrutiny-doubt">Check: {}</span>', ((message,) for message in doubts))
    return format_html("{}{}", said, hint) if hint else SafeString(said)


class NumberedForm(GovukForm, forms.Form):
    def __init__(self, data, *, prefix, recommendations, spare, initial):
        self.counted = self.count_recommendations(data, prefix, len(recommendations) + spare)
        for number, one in enumerate(recommendations, start=1):
            initial |= {f"reference_{number}": one.reference, f"text_{number}": one.text, f"given_{number}": one.given}
        self.known = len(recommendations)
        super().__init__(data, prefix=prefix, initial=initial)
        for number in range(1, self.counted + 1):
            self.add_recommendation_fields(number)

    @property
    def recommendations(self):
        return [self.fields_of(number) for number in range(1, self.counted + 1) if number <= max(self.known, 1)]

    @property
    def spares(self):
        return [self.fields_of(number) for number in range(max(self.known, 1) + 1, self.counted + 1)]

    def clean(self):
        values = super().clean()
        for number in range(1, self.counted + 1):
            if values.get(f"text_{number}") and not values.get(f"reference_{number}"):
                self.add_error(f"reference_{number}", "Enter the number of this recommendation")
        return values

    def drafts(self):
        values = self.cleaned_data
        numbers = [n for n in range(1, self.counted + 1) if values[f"reference_{n}"] or values[f"text_{n}"]]
        return [
            DraftRecommendation(values[f"reference_{n}"], normalize_text(values[f"text_{n}"]), values[f"given_{n}"])
            for n in numbers
        ]

    def count_recommendations(self, data, prefix, otherwise):
        sent = sum(name.startswith(f"{prefix}-reference_") for name in data) if data is not None else 0
        return min(max(sent, otherwise, 1), MOST_IN_A_ROW)

    def fields_of(self, number):
        return self[f"reference_{number}"], self[f"text_{number}"], self[f"given_{number}"]

    def add_recommendation_fields(self, number):
        self.fields[f"reference_{number}"] = forms.CharField(
            label="Number", required=False, widget=forms.TextInput(attrs={"class": "govuk-input--width-5"})
        )
        self.fields[f"text_{number}"] = forms.CharField(
            label="Recommendation",
            required=False,
            widget=Textarea(rows=self.rows_for(self.initial.get(f"text_{number}"))),
        )
        self.fields[f"given_{number}"] = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def rows_for(text, width=34, most=14):
        lines = sum(1 + len(line) // width for line in (text or "").split("\n"))
        return max(2, min(lines + 1, most))


class RowForm(NumberedForm):
    decision = forms.ChoiceField(
        label="Cabinet's decision", required=False, choices=[("", "Not said: choose"), *Decision.choices]
    )
    response = forms.CharField(label="Response and actions", required=False)
    reason = forms.CharField(label="Reason", required=False, help_text="Needed unless it is accepted.")
    lead_officer = forms.CharField(label="Lead officer", required=False, max_length=200)
    target_date = DateParts(label="Target date", required=False)
    update = forms.CharField(label="Progress update", required=False)
    contributors = forms.CharField(
        label="Contributors", required=False, help_text="One on each line: name, job title.", widget=Textarea(rows=2)
    )
    officer_view = forms.ChoiceField(
        label="The officer's own view", required=False, choices=[("", "Not given"), *OfficerView.choices]
    )
    evidence = forms.CharField(
        label="Evidence on the web",
        required=False,
        help_text="One link on each line: what it shows: https://…",
        widget=Textarea(rows=2),
    )
    exempt_text = forms.CharField(
        label="Confidential part of the update",
        required=False,
        help_text="Only people who may see exempt papers read this.",
        widget=Textarea(rows=2),
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
    comment = forms.CharField(label="The committee's comment", required=False, widget=Textarea(rows=2))
    remove = forms.BooleanField(label="Leave this row out of the import", required=False)

    MORE = ("officer_view", "evidence", "target_date", "exempt_text", "exempt_paragraph")

    def __init__(self, data=None, *, number, row=None, doubts=()):
        self.number = number + 1
        self.name = " and ".join(row.references) if row else ""
        self.doubts = list(doubts)
        recommendations = row.recommendations if row else []
        super().__init__(
            data,
            prefix=f"row-{number}",
            recommendations=recommendations,
            spare=1,
            initial=row_values(row) if row else {},
        )
        for name, most in (("response", 18), ("reason", 6), ("update", 24)):
            rows = self.rows_for(self.initial.get(name), 40, most)
            self.fields[name].widget = Textarea(rows=rows)
        for name, field in self.fields.items():
            about = "recommendations" if name == "text_1" else name
            field.help_text = hint_with_doubts(field.help_text, [d.message for d in self.doubts if d.field == about])

    @property
    def has_more(self):
        return any(self[name].errors or self.initial.get(name) for name in self.MORE)

    @property
    def must_settle(self):
        return any(doubt.must_settle for doubt in self.doubts)

    @property
    def other_doubts(self):
        return [d.message for d in self.doubts if d.field not in (*self.fields, "recommendations")]

    def clean_contributors(self):
        people = {}
        for line in lines_of(self.cleaned_data["contributors"]):
            name, _, job_title = line.partition(",")
            if len(name) > 200 or len(job_title) > 200:
                raise ValidationError("A name, and a job title, can have at most 200 characters.")
            people.setdefault(name.strip().lower(), DraftContributor(name.strip(), job_title.strip()))
        return [person for person in people.values() if person.name]

    def clean_evidence(self):
        found = []
        for line in lines_of(self.cleaned_data["evidence"]):
            match = LINK.fullmatch(line)
            if match is None or not match["title"] or len(match["title"]) > 200:
                raise ValidationError(
                    "Write each link on a line of its own: what it shows, then a web address that begins with https://."
                )
            is_web_address(match["address"])
            found.append((match["title"], match["address"]))
        return found

    def clean(self):
        values = super().clean()
        if values.get("exempt_text") and values.get("exempt_paragraph", "") is None:
            self.add_error("exempt_paragraph", "Choose the paragraph of Schedule 12A that makes this part exempt.")
        return values

    def row(self):
        values = self.cleaned_data
        texts = {
            name: normalize_text(values[name]) for name in ("response", "reason", "update", "comment", "exempt_text")
        }
        same = ("contributors", "rating", "target_date", "officer_view", "evidence", "exempt_paragraph")
        return DraftRow(
            self.drafts(),
            decision=values["decision"] or None,
            lead_officer=" ".join(values["lead_officer"].split()),
            **texts,
            **{name: values[name] for name in same},
        )


class EndForm(NumberedForm):
    outcome = forms.CharField(
        label="Outcome",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"list": "known-outcomes"}),
    )
    reason = forms.CharField(label="Reason", required=False, widget=Textarea(rows=2))
    remove = forms.BooleanField(label="Leave this line out of the import", required=False)

    def __init__(self, data=None, *, number, end=None, reference=""):
        recommendations = end.recommendations if end else []
        initial = {"outcome": end.outcome, "reason": end.reason} if end else {"reference_1": reference}
        self.is_spare = end is None
        self.title = ", ".join(r.reference for r in recommendations) or reference
        super().__init__(
            data, prefix=f"end-{number}", recommendations=recommendations, spare=0 if end else 1, initial=initial
        )

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
        if self.is_empty(values):
            return None
        return DraftEnd(self.drafts(), " ".join(values["outcome"].split()), normalize_text(values["reason"]))

    def is_empty(self, values):
        if values.get("remove"):
            return True
        names = [f"text_{n}" for n in range(1, self.counted + 1)]
        return not any(values.get(name) for name in (*names, "outcome", "reason"))


class HeaderForm(GovukForm, forms.Form):
    committee = forms.ModelChoiceField(
        label="Committee", queryset=Committee.objects.all(), required=False, empty_label="Choose a committee"
    )
    inquiry = forms.CharField(
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
    completed_body = forms.CharField(label="Completed at", required=False, max_length=100, help_text="Cabinet, say.")
    update_date = DateParts(label="Date of this update", required=False)
    cabinet_members = forms.CharField(
        label="Cabinet Members who sign this report off",
        required=False,
        widget=Textarea(rows=2),
        help_text="One name on each line.",
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
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    rows = forms.IntegerField(min_value=0, max_value=MOST_ROWS, widget=forms.HiddenInput)
    ends = forms.IntegerField(min_value=0, max_value=MOST_ROWS, widget=forms.HiddenInput)

    def __init__(self, data=None, *, initial, doubts, importing=False):
        self.importing = importing
        super().__init__(data, initial=initial)
        for name, field in self.fields.items():
            field.help_text = hint_with_doubts(field.help_text, [d.message for d in doubts if d.field == name])

    def clean_cabinet_members(self):
        return lines_of(self.cleaned_data["cabinet_members"])

    def clean(self):
        values = super().clean()
        if not self.importing:
            return values
        for name, sentence in (
            ("committee", "Choose the committee"),
            ("inquiry", "Enter the title of the inquiry"),
            ("months_on", "Enter how many months on this report is"),
        ):
            if not values.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        if values.get("stage") == Stage.SIGNED_OFF and not values.get("cabinet_members"):
            self.add_error("cabinet_members", "Enter who signed the report off, or choose another answer below")
        if values.get("published") and values.get("stage") != Stage.SIGNED_OFF:
            self.add_error("published", "Only a report that has been signed off can be published")
        return values


class ImportReview:
    """Everything on the page at once: `header`, `rows` and `ends` are its forms.

    `draft` is what was kept, `choices` what was chosen beside it, `data` what was posted, if anything.
    `committee` is the one that the draft names; `extra` are doubts beside the draft's own
    (see `actions.imports.import_doubts`).
    """

    def __init__(self, draft, choices, mark, data=None, *, committee=None, extra=(), importing=False):
        self.base = draft
        self.doubts = [*draft.doubts, *extra]
        about_all = [doubt for doubt in self.doubts if doubt.row is None]
        self.left_out = missing_numbers(draft)[:MOST_SPARE_ENDS]
        initial = header_values(draft, choices) | {"committee": committee} | {"seen": mark, "rows": len(draft.rows)}
        initial["ends"] = len(draft.ends) + len(self.left_out) + 1
        self.header = HeaderForm(data, initial=initial, doubts=about_all, importing=importing)
        self.rows = [self.row_form(data, number) for number in range(self.count_forms(data, "rows", len(draft.rows)))]
        self.ends = [self.end_form(data, number) for number in range(self.count_forms(data, "ends", initial["ends"]))]

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
        known = values["completion"]
        kept = {number: form.row() for number, form in enumerate(self.rows) if not form.cleaned_data["remove"]}
        draft = replace(
            self.base,
            committee=values["committee"].name if values["committee"] else self.base.committee,
            inquiry=" ".join(values["inquiry"].split()),
            months_on=values["months_on"],
            completed_on=known.day if known else None,
            completed_precision=str(known.precision) if known else self.base.completed_precision,
            completed_body=values["completed_body"],
            update_date=values["update_date"],
            cabinet_members=values["cabinet_members"],
            rows=list(kept.values()),
            ends=[end for form in self.ends if (end := form.end()) is not None],
        )
        draft.doubts = self.open_doubts(draft, list(kept))
        recheck(draft)
        return draft

    def choices(self):
        return {name: self.header.cleaned_data[name] for name in ("stage", "published")}

    def row_form(self, data, number):
        row = self.base.rows[number] if number < len(self.base.rows) else None
        return RowForm(data, number=number, row=row, doubts=[d for d in self.doubts if d.row == number])

    def end_form(self, data, number):
        ends = self.base.ends
        spare = number - len(ends)
        reference = self.left_out[spare] if 0 <= spare < len(self.left_out) else ""
        return EndForm(data, number=number, end=ends[number] if spare < 0 else None, reference=reference)

    def count_forms(self, data, name, otherwise):
        if data is None:
            return otherwise
        try:
            asked = min(max(int(data.get(name, "")), 0), MOST_ROWS)
        except ValueError:
            return otherwise
        # A number alone must not make hundreds of empty forms, each of which takes its time.
        start = f"{name.removesuffix('s')}-"
        sent = {field.split("-")[1] for field in data if field.startswith(start)}
        return min(asked, max(otherwise, len(sent)))

    def open_doubts(self, draft, kept):
        """What the reading doubted and the clerk has neither changed nor left out; rows counted anew."""
        found = []
        for doubt in self.base.doubts:
            if doubt.checked:
                continue
            if doubt.row is None:
                before, after = self.base, draft
            elif doubt.row in kept:
                number = kept.index(doubt.row)
                before, after = self.base.rows[doubt.row], draft.rows[number]
                doubt = replace(doubt, row=number)
            else:
                continue
            names = ("completed_on", "completed_body") if doubt.field == "completion" else (doubt.field,)
            if all(getattr(before, name, None) == getattr(after, name, None) for name in names):
                found.append(doubt)
        return found

    def href_of(self, doubt):
        if doubt.row is not None:
            if doubt.row >= len(self.rows):
                return "#rows"
            form = self.rows[doubt.row]
            name = "text_1" if doubt.field == "recommendations" else doubt.field
            return f"#{form[name].first_input_id}" if name in form.fields else f"#row-{doubt.row + 1}"
        if doubt.field in self.header.fields and not self.header[doubt.field].is_hidden:
            return f"#{self.header[doubt.field].first_input_id}"
        return "#ends" if doubt.field == "ends" else "#rows"

    def row_name(self, doubt):
        if doubt.row is None or doubt.row >= len(self.base.rows):
            return ""
        numbers = " and ".join(self.base.rows[doubt.row].references)
        return f"Recommendation {numbers}" if numbers else f"Row {doubt.row + 1}"


def header_values(draft, choices):
    stage = choices.get("stage") or stage_of_draft(draft)
    return {
        "inquiry": draft.inquiry,
        "months_on": draft.months_on,
        "completion": KnownDate(draft.completed_on, draft.completed_precision) if draft.completed_on else None,
        "completed_body": draft.completed_body,
        "update_date": draft.update_date,
        "cabinet_members": "\n".join(draft.cabinet_members),
        "stage": Stage(stage) if stage in IMPORT_STAGES else Stage.COMMISSIONED,
        "published": choices.get("published", False),
    }


def row_values(row):
    same = ("decision", "response", "reason", "lead_officer", "target_date", "update", "officer_view")
    same += ("exempt_text", "exempt_paragraph", "rating", "comment")
    return {
        **{name: getattr(row, name) for name in same},
        "contributors": "\n".join(", ".join(p for p in (c.name, c.job_title) if p) for c in row.contributors),
        "evidence": "\n".join(": ".join(part for part in pair if part) for pair in row.evidence),
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
