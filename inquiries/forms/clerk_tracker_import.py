"""A council's own tracker as a clerk uploads it, matches its columns and says what its values mean."""

import hashlib
import io
from datetime import date
from functools import partial

from django import forms
from django.core.exceptions import ValidationError

from inquiries.actions.tracker_plan import ROUNDS, new_person
from inquiries.choices import Decision, Stage
from inquiries.forms.clerk_record import RESPONDED
from inquiries.govuk import DateParts, GovukForm, PersonField, Radios
from inquiries.imports import Unreadable
from inquiries.imports.answers import is_person
from inquiries.imports.references import short
from inquiries.imports.spreadsheet import SIZE_LIMIT, read_workbook
from inquiries.imports.tracker_columns import (
    ADD,
    FIELDS,
    KINDS,
    LAST_REPORT,
    LEAVE,
    LONGEST_TITLE,
    MEANINGS,
    MOST_VALUES,
    ROUND_FIELDS,
    TEXTS,
    Additions,
    Matching,
    count_values,
    find_heading_row,
    heading_text,
    headings_of,
    propose_meaning,
    samples_of,
)
from inquiries.models.fields import LineFormField
from inquiries.text import fold_text

OTHER = "other"
# Of a value whose meaning is not known yet: what makes every question asked that it may need.
ANY_MEANING = {"view": "complete", "rating": "2", "decision": "in_part"}
NO_ROUNDS = "Say how the progress updates are to be recorded"
LONGEST_REASON = 300
MONTHS_OFFERED = range(3, 63, 3)
HAS_LEFT = " A person of this name has left: leave the name out, or name who has taken over."
ROUND_LABELS = {
    Stage.PUBLISHED: "Complete, signed off and published at the time: make them public",
    Stage.SIGNED_OFF: "Complete and signed off, but not made public by this import",
    Stage.AWAITING_SIGN_OFF: "Complete, but waiting for sign-off",
    Stage.COMMISSIONED: "Lead officers are still writing them",
}
ROUND_HINTS = {
    Stage.PUBLISHED: "The committee’s ratings count; “implemented” ends a recommendation. Nobody is sent an e-mail.",
    Stage.SIGNED_OFF: "The committee’s ratings count once you publish the report.",
}


class TrackerUploadForm(GovukForm, forms.Form):
    """A spreadsheet. `cleaned_data` then holds `file`, `checksum` and `sheets`."""

    file = forms.FileField(
        label="Excel workbook or CSV file",
        help_text=f"An .xlsx or .csv file of at most {SIZE_LIMIT // 1024 // 1024} MB.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.txt"}),
        error_messages={
            "required": "Choose a spreadsheet",
            "empty": "The file is empty. Choose another one.",
            "missing": "Choose a spreadsheet",
        },
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        data = file.read(SIZE_LIMIT + 1)
        self.cleaned_data["checksum"] = hashlib.sha256(data).hexdigest()
        try:
            self.cleaned_data["sheets"] = read_workbook(io.BytesIO(data))
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from unreadable
        sheets = self.cleaned_data["sheets"]
        if not any(len(sheet.rows) > 1 for sheet in sheets):
            problem = next((sheet.problem for sheet in sheets if sheet.problem), "")
            raise ValidationError(problem or "There is no table in the file: headings, and rows below them.")
        return file


class SheetForm(GovukForm, forms.Form):
    """Which sheet holds the tracker, and in which row its headings are."""

    sheet = forms.TypedChoiceField(label="Sheet", coerce=int, widget=Radios())
    heading_row = forms.IntegerField(
        label="Row of the headings",
        required=False,
        min_value=1,
        help_text="Leave it empty to take the row that is named above.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
        error_messages={"invalid": "Enter the number of a row", "min_value": "Enter the number of a row"},
    )
    error_messages = {"required": "Choose a sheet"}

    def __init__(self, data=None, *, sheets, choices):
        chosen = {"sheet": choices.sheet, "heading_row": choices.heading_row or None}
        super().__init__(data, initial=chosen)
        self.sheets = sheets
        field = self.fields["sheet"]
        field.choices = [(place, sheet.name) for place, sheet in enumerate(sheets)]
        field.widget.hints = {str(place): describe_sheet(sheet) for place, sheet in enumerate(sheets)}
        field.error_messages["required"] = "Choose a sheet"

    def clean(self):
        values = super().clean()
        if self.errors:
            return values
        sheet = self.sheets[values["sheet"]]
        if sheet.problem:
            self.add_error("sheet", sheet.problem)
            return values
        values["heading_row"] = values["heading_row"] or find_heading_row(sheet)
        if not values["heading_row"]:
            self.add_error("heading_row", "No headings were found in this sheet: enter the number of their row")
        elif values["heading_row"] >= len(sheet.rows):
            self.add_error("heading_row", "There is no row below this one in the sheet")
        return values


def describe_sheet(sheet):
    if sheet.problem or not sheet.rows:
        return sheet.problem or "This sheet is empty."
    hidden = " It is hidden in the file." if sheet.hidden else ""
    row = find_heading_row(sheet)
    if not row:
        return f"{len(sheet.rows):,} rows. No headings were found.{hidden}"
    titles = [heading_text(*one) for one in headings_of(sheet, row)]
    shown = ", ".join(f"“{short(title, 30)}”" for title in [title for title in titles if title][:4])
    return f"{len(sheet.rows) - row:,} rows below the headings in row {row}: {shown} …{hidden}"


class ColumnsForm(GovukForm, forms.Form):
    """What each column holds. `cleaned_data` is {"matching": a Matching}."""

    def __init__(self, data=None, *, sheet, heading_row, matching):
        super().__init__(data)
        self.sheet, self.heading_row = sheet, heading_row
        self.titles = [heading_text(*one) for one in headings_of(sheet, heading_row)]
        self.samples = [samples_of(sheet, heading_row, place) for place in range(len(self.titles))]
        for place in self.used_places:
            name, months = matching.columns[place] if place < len(matching.columns) else ("", None)
            title = self.titles[place] or f"Column {place + 1}"
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=f"What “{short(title)}” holds",
                choices=[("", "Leave it out"), *FIELDS.items()],
                required=False,
                initial=name,
            )
            self.fields[f"months_{place}"] = months_field(f"Months on, of “{short(title)}”", months)
        self.fields["inquiry"] = LineFormField(
            label="Inquiry, where no column names it",
            max_length=LONGEST_TITLE,
            required=False,
            initial=matching.inquiry,
            help_text="All rows then belong to this inquiry.",
        )
        self.fields["decision"] = forms.ChoiceField(
            label="Decision, where no column gives it",
            choices=[("", "Not stated"), *Decision.choices],
            required=False,
            initial=matching.decision,
            help_text="Many trackers hold only what was accepted.",
        )
        self.fields["fill_down"] = forms.BooleanField(
            label="An empty cell of inquiry, committee or number means the one above it",
            required=False,
            initial=matching.fill_down,
        )
        if [row for row in sheet.hidden_rows if row > heading_row]:
            self.fields["without_hidden"] = forms.BooleanField(
                label="Leave out the rows that are hidden in the file", required=False, initial=matching.without_hidden
            )

    @property
    def used_places(self):
        return [place for place, title in enumerate(self.titles) if title or self.samples[place]]

    @property
    def columns(self):
        """(heading, samples, the field of what it holds, the field of the months) of each column."""
        return [
            (self.titles[place], self.samples[place], self[f"column_{place}"], self[f"months_{place}"])
            for place in self.used_places
        ]

    @property
    def settings(self):
        return [self[name] for name in ("inquiry", "decision", "fill_down", "without_hidden") if name in self.fields]

    def clean(self):
        values = super().clean()
        columns, taken = [], {}
        for place in range(len(self.titles)):
            name, months = values.get(f"column_{place}") or "", values.get(f"months_{place}")
            months = months if name in ROUND_FIELDS else None
            if (name, months) in taken and name and name not in TEXTS:
                other = self.titles[taken[name, months]]
                self.add_error(f"column_{place}", f"“{FIELDS[name]}” is already held by “{short(other)}”")
            taken.setdefault((name, months), place)
            columns.append((name, months))
        held = {name for name, _ in columns}
        first = f"column_{self.used_places[0]}" if self.used_places else None
        if not held & {"text", "reference"}:
            self.add_error(first, "Say which column holds the wording or the number of the recommendations")
        if "inquiry" not in held and not values.get("inquiry"):
            self.add_error("inquiry", "Say which column names the inquiry, or enter the one inquiry of this file")
        names = ("inquiry", "decision", "fill_down", "without_hidden")
        matching = Matching(columns, **{name: values[name] for name in names if name in values})
        for kind, found in count_values(self.sheet, self.heading_row, matching).items():
            if len(found) > MOST_VALUES:
                place = matching.places(KINDS[kind])[0][0]
                sentence = f"This column holds {len(found):,} different texts: too many to say what each means"
                self.add_error(f"column_{place}", sentence)
        return {"matching": matching}


class ValuesForm(GovukForm, forms.Form):
    """What each value means. `cleaned_data` is what `actions.tracker_import.give_meanings` takes.

    `values` are those of tracker_columns.count_values. `known` is a KnownValues: what can be chosen for people and
    committees, and what was meant the last time. `read` reads the tracker with meanings and additions.
    """

    def __init__(self, data=None, *, values, choices, known, read, file_name, today):
        super().__init__(data)
        self.values, self.known, self.read = values, known, partial(read, today=today)
        self.groups = {kind: [] for kind, found in values.items() if found}
        for kind, found in values.items():
            for key, text, count in found:
                self.add_value(kind, key, text, count, choices.meanings.get(kind, {}).get(key))
        matching = choices.matching
        self.has_rounds = any(map(matching.has, ROUND_FIELDS))
        if self.has_rounds or matching.has("status"):
            self.fields["rounds"] = forms.ChoiceField(
                label="How are the progress updates in this file to be recorded?",
                choices=[(stage.value, ROUND_LABELS[stage]) for stage in ROUNDS],
                widget=Radios(hints=ROUND_HINTS),
                initial=choices.rounds,
                required=self.has_rounds,
                help_text="" if self.has_rounds else "A status that is a view or a rating is recorded as one, too.",
                error_messages={"required": NO_ROUNDS},
            )
            self.fields["signer"] = PersonField(
                label="Cabinet Member who signed off, where the file names none",
                required=False,
                initial=known.signer,
                help_text="Without a Cabinet Member, updates are recorded as waiting for sign-off.",
            )
            self.add_rounds_questions(choices.additions)
        asked = {kind: {key: self.proposed_or_any(kind, key) for key, _, _ in found} for kind, found in values.items()}
        tracker = self.read(asked)
        self.undated = list(tracker.undated)
        if len(self.undated) > 1:
            for title in self.undated:
                self.add_inquiry_questions(title, choices.additions)
        if tracker.without_reason:
            self.fields["reason"] = LineFormField(
                label="Reason to record where a decision needs one and the file gives none",
                max_length=LONGEST_REASON,
                required=False,
                # Left empty before, it stays so.
                initial=choices.additions.reason if choices.rounds else f"{short(file_name)} gives no reason.",
                help_text=f"{counted_rows(tracker.without_reason)}. If you leave it empty, they are left out.",
            )

    def add_rounds_questions(self, additions):
        self.fields["months"] = months_field(
            "Months after Cabinet’s response", additions.months.get(""), "6 for the six-month update, 12 for the next."
        )
        self.fields["responded_on"] = DateParts(
            label="Date of Cabinet’s response",
            required=False,
            initial=stored_date(additions.responded_on.get("")),
            validators=[RESPONDED],
            help_text="Updates with a date are counted from it. It is recorded where the file gives no other one.",
        )
        self.fields["leave_updates"] = forms.BooleanField(
            label="Leave these updates out", required=False, initial=additions.leave_updates
        )

    def add_inquiry_questions(self, title, additions):
        key = fold_text(title)
        self.fields[name_of("months", key)] = months_field(
            f"Months after the response to “{short(title)}”", additions.months.get(key)
        )
        self.fields[name_of("responded", key)] = DateParts(
            label=f"Date of the response to “{short(title)}”",
            required=False,
            initial=stored_date(additions.responded_on.get(key)),
            validators=[RESPONDED],
        )

    def proposed_or_any(self, kind, key):
        return self[name_of(kind, key)].initial or ANY_MEANING.get(kind, "")

    @property
    def asks_for_reports(self):
        """Whether it is to be said to which report updates belong."""
        names = {"months", "responded_on", "leave_updates"}
        return bool(self.undated) or bool(names & self.errors.keys())

    @property
    def inquiries(self):
        """The fields of the months and of the response's date of each, where several inquiries are asked about."""
        keys = [fold_text(title) for title in self.undated]
        return [(self[name_of("months", key)], self[name_of("responded", key)]) for key in keys if len(keys) > 1]

    def add_value(self, kind, key, text, count, chosen):
        name = name_of(kind, key)
        options = self.options(kind, key, text)
        proposed = chosen or self.known.proposal(kind, key, text)
        if proposed not in {value for value, _ in options}:
            proposed = ""
        label = text or "Rows that name no committee"
        self.fields[name] = forms.ChoiceField(
            label=f"“{label}”" if text else label,
            choices=[("", "Choose what it means"), *options],
            initial=proposed,
            help_text=f"{counted_rows(count)}.{HAS_LEFT if self.known.has_left(kind, key) else ''}",
            error_messages={"required": f"Say what “{short(label)}” means"},
        )
        other = None
        if kind in ("officer", "member") and not self.known.is_certain(kind, key):
            other = f"{name}_other"
            self.fields[other] = PersonField(label=f"Another person for “{short(text)}”", required=False)
        self.groups[kind].append((name, other))

    def options(self, kind, key, text):
        leave = (LEAVE, "Leave these rows out" if kind == "committee" else "Leave it out")
        if kind in MEANINGS:
            return [*MEANINGS[kind], leave]
        if kind == "round":
            read = propose_meaning(kind, text)
            months = {*MONTHS_OFFERED, *([int(read)] if read.isdecimal() else [])}
            return [*((str(one), f"{one} months on") for one in sorted(months)), leave]
        add = [(ADD, f"Add the committee “{text}”")] if kind == "committee" and text else []
        if kind == "committee":
            return [*self.known.committees, *add, leave]
        person = new_person(text)
        can_be_added = kind == "officer" or is_person(person.name)
        title = f", {person.job_title}" if person.job_title else ""
        add = [(ADD, f"Add {person.name}{title} as a new person")] if can_be_added else []
        other = [] if self.known.is_certain(kind, key) else [(OTHER, "Another person, named beside this")]
        return [*self.known.people(kind, key), *add, *other, leave]

    @property
    def sections(self):
        """(kind, [(field, field of another person or None)]) of each kind that the file has."""
        return [
            (kind, [(self[name], self[other] if other else None) for name, other in names])
            for kind, names in self.groups.items()
        ]

    def clean(self):
        values = super().clean()
        meanings = {}
        for kind, found in self.values.items():
            for (key, _, _), (name, other) in zip(found, self.groups.get(kind, ()), strict=False):
                meaning, person = values.get(name), values.get(other) if other else None
                if meaning == OTHER and person is None:
                    if other not in self.errors:
                        self.add_error(other, "Name the person")
                elif meaning == OTHER or (person and not meaning):
                    meaning = str(person.pk)
                    # Who names another person has chosen.
                    self.errors.pop(name, None)
                meanings.setdefault(kind, {})[key] = meaning or ""
        additions = self.additions(values)
        if not self.errors:
            self.check_reports(self.read(meanings, additions=additions), values)
        return {
            "meanings": meanings,
            "rounds": values.get("rounds") or Stage.SIGNED_OFF.value,
            "signer": values.get("signer"),
            "additions": additions,
        }

    def additions(self, values):
        named = [("", "months", "responded_on")]
        named += [
            (fold_text(title), name_of("months", fold_text(title)), name_of("responded", fold_text(title)))
            for title in self.undated
        ]
        return Additions(
            months={key: values[months] for key, months, _ in named if values.get(months)},
            responded_on={key: values[day].isoformat() for key, _, day in named if values.get(day)},
            reason=values.get("reason", ""),
            leave_updates=values.get("leave_updates", False),
        )

    def check_reports(self, tracker, values):
        if tracker.has_rounds and not values.get("rounds"):
            self.add_error("rounds", NO_ROUNDS)
        if tracker.undated and not values.get("leave_updates"):
            title, count = tracker.undated.most_common(1)[0]
            others = len(tracker.undated) - 1
            also = f" and others in {others} more {'inquiry' if others == 1 else 'inquiries'}" if others else ""
            sentence = f"Say to which report the updates belong: {count} of “{short(title)}”{also}"
            self.add_error("months", f"{sentence} cannot be counted from their dates")


def months_field(label, initial, help_text=""):
    return forms.IntegerField(
        label=label,
        required=False,
        initial=initial,
        min_value=1,
        max_value=LAST_REPORT,
        help_text=help_text,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"The months on are a number from 1 to {LAST_REPORT}"
        ),
    )


def stored_date(text):
    return date.fromisoformat(text) if text else None


def counted_rows(number):
    return f"{number:,} row{'s' if number > 1 else ''}"


def name_of(kind, key):
    return f"{kind}_{hashlib.sha256(fold_text(key).encode()).hexdigest()[:12]}"
