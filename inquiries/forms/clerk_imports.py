"""A Word report on its way in, as the clerk corrects it: the header, every row, what stands below the table."""

from dataclasses import replace

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from inquiries.actions.imports import IMPORT_STAGES, stage_of_draft
from inquiries.choices import Stage
from inquiries.forms.clerk_import_rows import EndForm, RowForm, lines_of, wrapped
from inquiries.govuk import DateParts, GovukForm, KnownDate, Radios, Textarea, error_summary
from inquiries.imports.docx_text import SIZE_LIMIT, Unreadable
from inquiries.imports.draft import missing_numbers, recheck
from inquiries.imports.reader import read_progress_report
from inquiries.models import Committee

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
        """The upload. Raises ValidationError, with what to do, where it cannot be read."""
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


class HeaderForm(GovukForm, forms.Form):
    """The header lines of the report, and where it stands. `importing` asks for what nothing can be without."""

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
        label="Where does this report stand?",
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
            field.help_text = wrapped(field.help_text, [d.message for d in doubts if d.field == name])

    def clean_cabinet_members(self):
        """The names, each once."""
        return lines_of(self.cleaned_data["cabinet_members"])

    def clean(self):
        """To import, the report needs its committee, its inquiry and its months."""
        words = super().clean()
        if not self.importing:
            return words
        for name, sentence in (
            ("committee", "Choose the committee"),
            ("inquiry", "Enter the title of the inquiry"),
            ("months_on", "Enter how many months on this report is"),
        ):
            if not words.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        if words.get("stage") == Stage.SIGNED_OFF and not words.get("cabinet_members"):
            self.add_error("cabinet_members", "Enter who signed the report off, or choose another answer below")
        if words.get("published") and words.get("stage") != Stage.SIGNED_OFF:
            self.add_error("published", "Only a report that has been signed off can be published")
        return words


class ImportReview:
    """Everything on the page at once: `header`, `rows` and `ends` are its forms.

    `draft` is what was kept, `choices` what was chosen beside it, `data` what was posted, if anything.
    `committee` is the one that the draft names; `extra` are doubts beside the draft's own
    (see `actions.import_questions.import_doubts`).
    """

    def __init__(self, draft, choices, mark, data=None, *, committee=None, extra=(), importing=False):
        self.base = draft
        self.doubts = [*draft.doubts, *extra]
        about_all = [doubt for doubt in self.doubts if doubt.row is None]
        self.left_out = missing_numbers(draft)[:MOST_SPARE_ENDS]
        initial = _header_of(draft, choices) | {"committee": committee} | {"seen": mark, "rows": len(draft.rows)}
        initial["ends"] = len(draft.ends) + len(self.left_out) + 1
        self.header = HeaderForm(data, initial=initial, doubts=about_all, importing=importing)
        self.rows = [self._row(data, number) for number in range(self._count(data, "rows", len(draft.rows)))]
        self.ends = [self._end(data, number) for number in range(self._count(data, "ends", initial["ends"]))]

    @property
    def forms(self):
        """All forms, in the order in which they stand on the page."""
        return [self.header, *self.rows, *self.ends]

    def is_valid(self):
        """Whether everything could be understood. Asks every form, so that all errors are shown together."""
        return all([form.is_valid() for form in self.forms])

    def problems(self):
        """The errors of all forms for the error summary."""
        return error_summary(self.forms)

    def questions(self):
        """Every doubt as (doubt, href of the field it is about, name of the row or "")."""
        return [(doubt, self._href(doubt), self._row_name(doubt)) for doubt in self.doubts]

    def draft(self):
        """The corrected DraftReport, its doubts asked again."""
        words = self.header.cleaned_data
        known = words["completion"]
        kept = {number: form.row() for number, form in enumerate(self.rows) if not form.cleaned_data["remove"]}
        draft = replace(
            self.base,
            committee=words["committee"].name if words["committee"] else self.base.committee,
            inquiry=" ".join(words["inquiry"].split()),
            months_on=words["months_on"],
            completed_on=known.day if known else None,
            completed_precision=str(known.precision) if known else self.base.completed_precision,
            completed_body=words["completed_body"],
            update_date=words["update_date"],
            cabinet_members=words["cabinet_members"],
            rows=list(kept.values()),
            ends=[end for form in self.ends if (end := form.end()) is not None],
        )
        draft.doubts = self._still_doubted(draft, list(kept))
        recheck(draft)
        return draft

    def choices(self):
        """What was chosen beside the draft."""
        return {name: self.header.cleaned_data[name] for name in ("stage", "published")}

    def _row(self, data, number):
        row = self.base.rows[number] if number < len(self.base.rows) else None
        return RowForm(data, number=number, row=row, doubts=[d for d in self.doubts if d.row == number])

    def _end(self, data, number):
        ends = self.base.ends
        spare = number - len(ends)
        reference = self.left_out[spare] if 0 <= spare < len(self.left_out) else ""
        return EndForm(data, number=number, end=ends[number] if spare < 0 else None, reference=reference)

    def _count(self, data, name, otherwise):
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

    def _still_doubted(self, draft, kept):
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

    def _href(self, doubt):
        if doubt.row is not None:
            if doubt.row >= len(self.rows):
                return "#rows"
            form = self.rows[doubt.row]
            name = "text_1" if doubt.field == "recommendations" else doubt.field
            return f"#{form[name].first_input_id}" if name in form.fields else f"#row-{doubt.row + 1}"
        if doubt.field in self.header.fields and not self.header[doubt.field].is_hidden:
            return f"#{self.header[doubt.field].first_input_id}"
        return "#ends" if doubt.field == "ends" else "#rows"

    def _row_name(self, doubt):
        if doubt.row is None or doubt.row >= len(self.base.rows):
            return ""
        numbers = " and ".join(self.base.rows[doubt.row].references)
        return f"Recommendation {numbers}" if numbers else f"Row {doubt.row + 1}"


def _header_of(draft, choices):
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
