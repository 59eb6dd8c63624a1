"""An inquiry as a clerk records it: its details, then its recommendations and Cabinet's responses in rows."""

import hashlib
import json
import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from inquiries import rules
from inquiries.actions.imports import people_by_name
from inquiries.actions.responses import numbers_of
from inquiries.choices import DatePrecision, Decision
from inquiries.forms.changes import ChangeForm
from inquiries.forms.clerk_imports import FormWithDoubts, ParagraphsField
from inquiries.govuk import (
    DateParts,
    GovukForm,
    KnownDate,
    PersonField,
    Radios,
    SmallCheckbox,
    Textarea,
    TextField,
    error_summary,
    label_of_match,
)
from inquiries.imports import Unreadable
from inquiries.imports.docx_text import SIZE_LIMIT
from inquiries.imports.draft import Doubt
from inquiries.imports.recommendation_text import read_recommendation_file, read_recommendations
from inquiries.imports.response_table import read_response_file, read_responses
from inquiries.models import Committee, Inquiry, Person
from inquiries.models.fields import LineFormField
from inquiries.models.inquiries import validate_reference
from inquiries.text import fold_name, name_words

MOST_ROWS = 300
FIRST_ROWS = 3  # empty ones, where recommendations are typed
LONGEST_NAME = Person._meta.get_field("name").max_length
SEPARATE, TOGETHER = "separate", "together"
AS_READ = {
    SEPARATE: "Parts a), b), c) were read as recommendations of their own, each with the words before them.",
    TOGETHER: "Parts a), b), c) were read as one recommendation.",
}


# Details


def not_to_come(sentence):
    """A validator of days: a year that is mistyped would put every deadline after it years away."""

    def check(day):
        if day > timezone.localdate():
            raise ValidationError(sentence)

    return check


RESPONDED = not_to_come("The date of the response is still to come")


class InquiryForm(ChangeForm):
    shown_beside = {"completed_on": "completion", "completed_precision": "completion"}
    RECORDED = (
        *("title", "committee", "summary", "completed_on", "completed_precision", "completed_body"),
        *("received_on", "notice_on", "is_health"),
    )

    title = LineFormField(
        label="Title of the inquiry",
        max_length=Inquiry._meta.get_field("title").max_length,
        error_messages={"required": "Enter the title of the inquiry"},
    )
    committee = forms.ModelChoiceField(
        label="Committee",
        queryset=Committee.objects.all(),
        empty_label="Choose a committee",
        error_messages={name: "Choose the committee" for name in ("required", "invalid_choice")},
    )
    completion = DateParts(
        label="When was the inquiry report completed?",
        required=False,
        day_optional=True,
        help_text="Leave the day empty where only the month is known.",
        validators=[not_to_come("The date of completion is still to come")],
    )
    completed_body = LineFormField(
        label="Completed at",
        required=False,
        max_length=100,
        help_text="The body it went to: Cabinet, say.",
    )
    received_on = DateParts(
        label="When did Cabinet receive the report?",
        required=False,
        help_text="From this day the time for the response counts: two months. You can add it later.",
        validators=[not_to_come("The day on which Cabinet received the report is still to come")],
    )
    notice_on = DateParts(
        label="When was notice given, if later?",
        required=False,
        help_text="The notice that requires a response (Local Government Act 2000, section 9FE).",
        validators=[not_to_come("The day of the notice is still to come")],
    )
    is_health = forms.BooleanField(label="Health scrutiny: the response is due in 28 days", required=False)
    summary = TextField(label="Summary", required=False, widget=Textarea(rows=5), help_text="What it was about.")
    report_file = forms.FileField(
        label="The committee’s report",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
        help_text="As PDF. Everybody can open it once the inquiry is public.",
        error_messages={"empty": "The file is empty. Choose another one."},
    )

    remove_file = forms.BooleanField(label="Remove the report that is there now", required=False)

    def __init__(self, data=None, *, inquiry=None, **options):
        if inquiry is not None:
            recorded = {name: getattr(inquiry, name) for name in self.RECORDED}
            known = KnownDate(inquiry.completed_on, inquiry.completed_precision) if inquiry.completed_on else None
            options |= {"recorded": recorded, "initial": recorded | {"completion": known}}
        super().__init__(data, **options)
        if inquiry is None and not Committee.objects.exists():
            self.fields["committee"].help_text = format_html(
                'No committee is recorded yet. <a class="govuk-link" href="{}">Add it in the admin</a> first.',
                reverse("admin:inquiries_committee_add"),
            )
        if inquiry is not None and inquiry.report_file:
            self.fields["report_file"].label = "Another file for the committee’s report"
        else:
            del self.fields["remove_file"]

    def clean(self):
        cleaned = super().clean()
        known = cleaned.pop("completion", None)
        cleaned["completed_on"] = known.day if known else None
        cleaned["completed_precision"] = str(known.precision if known else DatePrecision.MONTH)
        if cleaned.pop("remove_file", False) and not cleaned.get("report_file"):
            cleaned["report_file"] = ""
        elif not cleaned.get("report_file"):
            cleaned.pop("report_file", None)
        return cleaned


# A text or a file that is read


class SourceForm(GovukForm, forms.Form):
    """A pasted text or a file. `found` is then what was read of it."""

    error_focus = "text"
    NOTHING = ""  # the message where nothing was found

    text = TextField(label="Paste the text here", required=False, widget=Textarea(rows=10))
    file = forms.FileField(
        label="Or choose a file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".docx,.xlsx,.csv"}),
        help_text="Word (.docx), Excel (.xlsx) or CSV, at most 20 MB.",
        error_messages={"empty": "The file is empty. Choose another one."},
    )

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        text, file = cleaned["text"], cleaned["file"]
        if bool(text) == bool(file):
            sentence = "Paste the text or choose a file, not both" if file else "Paste the text, or choose a file"
            raise ValidationError(sentence)
        if file and file.size > SIZE_LIMIT:
            self.add_error("file", f"The file is too large: it has {filesizeformat(file.size)}.")
            return cleaned
        try:
            self.found = self.read_file(file.read(), file.name) if file else self.read_text(text)
        except Unreadable as unreadable:
            self.add_error("file" if file else "text", str(unreadable))
            return cleaned
        count = self.count_found()
        if not count:
            self.add_error("file" if file else "text", self.NOTHING)
        elif count > MOST_ROWS:
            self.add_error("file" if file else "text", f"There are {count} in it. Record at most {MOST_ROWS} at once.")
        return cleaned


class RecommendationSourceForm(SourceForm):
    NOTHING = "No recommendation was found in it. Begin each on a new line, with its number, or type them one by one"

    parts = forms.ChoiceField(
        label="Where a recommendation has parts a), b), c)",
        choices=[(SEPARATE, "Each part is a recommendation: 1a, 1b, 1c"), (TOGETHER, "They are one recommendation: 1")],
        initial=SEPARATE,
        widget=Radios(small=True),
    )

    def read_text(self, text):
        return read_recommendations(text, separate_parts=self.cleaned_data["parts"] == SEPARATE)

    def read_file(self, data, name):
        return read_recommendation_file(data, name, separate_parts=self.cleaned_data["parts"] == SEPARATE)

    def count_found(self):
        return len(self.found.recommendations)

    def clean(self):
        cleaned = super().clean()
        if not self.errors and self.found.has_parts:
            otherwise = "If that is wrong, discard this and read it again the other way."
            self.found.doubts.insert(0, f"{AS_READ[cleaned['parts']]} {otherwise}")
        return cleaned


class ResponseSourceForm(SourceForm):
    NOTHING = "No response was found in it. Begin each with the number of its recommendation, or type them one by one"

    def __init__(self, data=None, *, recommendations, **options):
        self.known = [(one.reference, one.text) for one in recommendations]
        super().__init__(data, **options)

    def read_text(self, text):
        return read_responses(text, self.known)

    def read_file(self, data, name):
        return read_response_file(data, name, self.known)

    def count_found(self):
        return len(self.found.responses)


# Rows that are looked through before they are recorded


class RowsForm:
    """Several forms on one page: the rows of what was read or typed. Subclasses say of which kind.

    `data` is what was posted, or a draft of it: with `is_sent` it is checked, otherwise shown as it is.
    """

    def __init__(self, data, *, is_sent):
        self.data, self.is_sent = data, is_sent
        self.doubts, self.left_out = (data.getlist(name)[:MOST_ROWS] if data else [] for name in ("doubt", "left_out"))
        self.rows = [self.make_row(f"row-{number}") for number in row_numbers(data)[:MOST_ROWS]]

    @property
    def forms(self):
        return self.rows

    @property
    def filled_rows(self):
        return [row for row in self.rows if not (row.is_left_out or row.is_empty)]

    def is_valid(self):
        return all([form.is_valid() for form in self.forms])

    def problems(self):
        return error_summary(self.forms) if self.is_sent else []


class RowForm(FormWithDoubts):
    leave_out = forms.BooleanField(label="Leave this out", required=False, widget=SmallCheckbox)
    doubts_found = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, prefix, is_sent):
        named = {name: f"{prefix}-{name}" for name in self.base_fields}
        typed = {
            name: self.base_fields[name].widget.value_from_datadict(data, {}, html_name)
            for name, html_name in named.items()
        }
        self.number = int(prefix.partition("-")[2]) + 1
        doubts = read_doubts(typed["doubts_found"])
        super().__init__(data if is_sent else None, initial=typed, prefix=prefix, doubts=doubts)

    @property
    def is_left_out(self):
        return bool(self["leave_out"].value())

    def full_clean(self):
        super().full_clean()
        if self.is_bound and (self.is_left_out or self.is_empty):
            # What is not recorded need not be right.
            self._errors.clear()

    @property
    def is_empty(self):
        return False


def read_doubts(text):
    """The doubts that `write_doubts` wrote, as far as they came back whole."""
    try:
        return [Doubt(str(message), field=str(field)) for field, message in json.loads(text or "[]")]
    except (TypeError, ValueError, RecursionError):
        return []


def write_doubts(doubts):
    return json.dumps([[field, message] for field, message in doubts])


def row_numbers(data):
    """The numbers of the rows that were posted, in order."""
    found = (re.fullmatch(r"row-(\d{1,9})-\w+", name) for name in data or ())
    return sorted({int(match[1]) for match in found if match})


def count_filled(data):
    """How many of these rows hold a text or a decision."""
    return sum(
        any(data.get(f"row-{number}-{name}", "").strip() for name in ("text", "decision"))
        for number in row_numbers(data)
    )


def said_by(waiting, name):
    """What the rows of a draft, or of none, say in this field: [text]."""
    return [waiting.get(f"row-{number}-{name}", "").replace("\r\n", "\n") for number in row_numbers(waiting)]


def not_waiting(rows, waiting):
    """The rows that do not wait in this draft already, word for word: the same text may be looked through twice."""
    names = {name for values in rows for name in values} - {"doubts_found", "leave_out"}
    there = {name: said_by(waiting, name) for name in names}

    def is_there(values):
        own = [(name, values.get(name, "")) for name in names]
        return any(all(there[name][at] == text for name, text in own) for at in range(len(row_numbers(waiting))))

    return [values for values in rows if not is_there(values)]


def rows_as_posted(rows, *, doubts=(), left_out=(), after=None):
    """Rows ({field: text}) as their form would send them; `after` is a draft whose rows come first."""
    posted = QueryDict(mutable=True)
    if after:
        posted.update(after)
    first = max(row_numbers(after), default=-1) + 1
    for number, values in enumerate(rows, start=first):
        for name, value in values.items():
            posted[f"row-{number}-{name}"] = value
    for name, lines in (("doubt", doubts), ("left_out", left_out)):
        posted.setlist(name, list(dict.fromkeys([*posted.getlist(name), *lines])))
    return posted


class RecommendationRow(RowForm):
    reference = LineFormField(
        label="Number",
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
        validators=[validate_reference],
    )
    text = ParagraphsField(label="Wording", width=60, most=14)
    reference_given = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def is_empty(self):
        return not (self["reference"].value() or "").strip() and not (self["text"].value() or "").strip()

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("reference") and "reference" not in self.errors:
            self.add_error("reference", "Enter the number of this recommendation")
        if not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", "Enter the wording of this recommendation")
        return cleaned


class RecommendationRows(RowsForm):
    def __init__(self, data, *, recorded, is_sent):
        """`recorded` are the recommendations that the inquiry has."""
        self.recorded = {one.reference_key for one in recorded}
        super().__init__(data, is_sent=is_sent)

    def make_row(self, prefix):
        return RecommendationRow(self.data, prefix=prefix, is_sent=self.is_sent)

    def is_valid(self):
        is_valid, taken = super().is_valid(), set()
        for row in self.filled_rows:
            reference = row.cleaned_data.get("reference")
            if not reference:
                continue
            key = rules.natural_key(reference)
            if key in self.recorded:
                row.add_error("reference", f"This inquiry already has a recommendation {reference}")
            elif key in taken:
                row.add_error("reference", f"The number {reference} is used twice")
            taken.add(key)
            is_valid = is_valid and not row.errors
        return is_valid

    def values(self):
        names = ("reference", "text", "reference_given")
        return [{name: row.cleaned_data[name] for name in names} for row in self.filled_rows]


def found_recommendations_as_posted(found, recorded, after=None):
    """What was found as the rows of RecommendationRows; `recorded` are the recommendations that the inquiry has."""
    rows, known = [], {one.reference_key for one in recorded}
    waiting = {rules.natural_key(reference) for reference in said_by(after, "reference") if reference}
    for one in found.recommendations:
        values = {"reference": one.reference, "text": one.text}
        doubts = [("text", sentence) for sentence in one.doubts]
        if rules.natural_key(one.reference) in known:
            values["leave_out"] = "on"
            doubts.append(("leave_out", f"{one.reference} is recorded already, so it is left out."))
        elif rules.natural_key(one.reference) in waiting and not one.reference_given:
            values["leave_out"] = "on"
            doubts.append(("leave_out", f"A row above is {one.reference} already, so this one is left out."))
        if one.reference_given:
            values["reference_given"] = "on"
            doubts.append(("reference", "It had no number, so it was given this one."))
        rows.append(values | {"doubts_found": write_doubts(doubts)})
    return rows_as_posted(not_waiting(rows, after), doubts=found.doubts, left_out=found.left_out, after=after)


class CorrectRecommendationForm(ChangeForm):
    reference = LineFormField(
        label="Number",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
        validators=[validate_reference],
        error_messages={"required": "Enter the number of this recommendation"},
    )
    text = TextField(
        label="Wording",
        widget=Textarea(rows=8),
        error_messages={"required": "Enter the wording of this recommendation"},
    )


# Responses


def answered(recommendations, numbers):
    """Those of the recommendations whose numbers are typed in `numbers`.

    Raises ValidationError, for the field `answers`, where there is none with such a number.
    """
    existing = {r.reference_key: r for r in recommendations}
    wanted = {}
    for number in filter(None, (part.strip() for part in re.split(r"[,;\n]|\band\b", numbers))):
        key = rules.natural_key(number)
        if key not in existing:
            has = ", ".join(r.reference for r in existing.values()) or "none yet"
            raise ValidationError({"answers": f"This inquiry has no recommendation {number}. Its numbers: {has}."})
        wanted[key] = existing[key]
    return list(wanted.values())


class NamedPersonField(PersonField):
    """A person by their whole name. Who is not recorded yet can be recorded with the form (see NamedPeople)."""

    named_people = None

    def clean(self, value):
        text, key = ((part or "").strip() for part in value or ("", ""))
        if not text:
            return None
        person, self.widget.matches = self.named_people.find(text, key)
        if person is not None:
            return person
        if self.widget.matches:
            raise ValidationError(
                f"“{text}” may be one of these people: choose one, or correct the name. Where it is someone else, "
                "record them below."
            )
        if name_key(text) in self.named_people.left:
            raise ValidationError(
                f"“{text}” has left. Name who takes their place. Only where it is someone else, record them below."
            )
        raise ValidationError(f"Nobody called “{text}” is recorded. Correct the name, or record them below.")


def typed_person(bound):
    """(text, key) of such a field."""
    text, key = bound.field.widget.decompress(bound.value())
    return (text or "").strip(), (key or "").strip()


class NewPersonForm(GovukForm, forms.Form):
    """A lead officer who is not recorded yet, to be recorded with the responses."""

    name = forms.CharField(required=False, widget=forms.HiddenInput)
    add = forms.BooleanField(required=False)
    job_title = LineFormField(label="Job title", required=False, max_length=200)
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        help_text="Without one they cannot be asked for updates. You can add it later.",
    )

    def __init__(self, data, *, name, job_title, add, is_sent):
        prefix = prefix_of_person(name)
        initial = {"name": name, "job_title": job_title, "add": add}
        was_shown = f"{prefix}-name" in (data or ())
        if was_shown and not is_sent:
            initial |= {field: data.get(f"{prefix}-{field}", "") for field in ("add", "job_title", "email")}
        super().__init__(data if is_sent and was_shown else None, prefix=prefix, initial=initial)
        self.fields["add"].label = f"Record {name} as a new person"
        self.person_name = name

    @property
    def is_ticked(self):
        return bool(self["add"].value())

    def is_valid(self):
        return not self.is_bound or super().is_valid()

    def clean_email(self):
        email = self.cleaned_data["email"]
        if email and self.is_ticked and (other := Person.objects.filter(email__iexact=email).first()):
            raise ValidationError(f"{other} already has this e-mail address")
        return email

    def details(self):
        return {"name": self.person_name, **{name: self.cleaned_data[name] for name in ("job_title", "email")}}


def name_key(text):
    """What names are compared by, where a job title may follow."""
    return fold_name(text.partition(",")[0])


def prefix_of_person(name):
    return f"person-{hashlib.sha256(fold_name(name).encode()).hexdigest()[:8]}"


class NamedPeople:
    """Who is meant by the names in a form, looked up in four queries, however many there are.

    `typed` are (text, key) as PersonInput sends them. `new` are the NewPersonForms of those who are not recorded.
    """

    def __init__(self, typed, data, *, is_sent, known=()):
        """`known` are people whom the page has fetched already, though they may have left."""
        typed = [(text, key) for text, key in typed if text]
        keys = {key for _, key in typed if key.isascii() and key.isdigit() and len(key) <= 18}
        self.chosen = {str(p.pk): p for p in Person.objects.present().filter(pk__in=keys)} if keys else {}
        self.chosen |= {str(person.pk): person for person in known}
        self.named = people_by_name({name for text, _ in typed for name in (text, text.partition(",")[0])})
        unknown = list(dict.fromkeys(text for text, key in typed if self.only_one(text, key) is None))
        self.alike = people_with_surname_of(unknown)
        self.left = leavers_named(unknown)
        self.new = []
        for text in unknown:
            name, _, job_title = (part.strip()[:LONGEST_NAME] for part in text.partition(","))
            if fold_name(name) and all(fold_name(one.person_name) != fold_name(name) for one in self.new):
                # Ticked where a document names a person like nobody else; what a clerk types may be a slip.
                is_new = not self.alike[text] and name_key(text) not in self.left
                details = {"name": name, "job_title": job_title, "add": not is_sent and is_new}
                self.new.append(NewPersonForm(data, **details, is_sent=is_sent))

    def only_one(self, text, key):
        person, people = self.chosen.get(key), self.bearers(text)
        if person and (person.title_and_name == text or person in people):
            return person
        people = [one for one in people if one.title_and_name == text] or people
        return people[0] if len(people) == 1 else None

    def bearers(self, text):
        return self.named[fold_name(text)] or self.named[name_key(text)]

    def find(self, text, key):
        """The Person or the prefix of their NewPersonForm, else None; and those who may be meant, as (key, label)."""
        if person := self.only_one(text, key):
            return person, []
        possible = self.bearers(text) or self.alike.get(text, [])
        if person := next((one for one in possible if str(one.pk) == key), None):
            return person, []
        prefix = prefix_of_person(text.partition(",")[0])
        if any(one.prefix == prefix and one.is_bound and one.is_ticked for one in self.new):
            return prefix, []
        return None, [(one.pk, label_of_match(one)) for one in possible]


def people_with_surname_of(texts):
    """Current people who have the last word of a name, by text: {"L Jeffries": [Lloyd Jeffries]}."""
    surnames = {text: name_words(text.partition(",")[0])[-1:] for text in texts}
    wanted = Q()
    for (surname,) in filter(None, surnames.values()):
        wanted |= Q(name__icontains=surname)
    people = list(Person.objects.present().filter(wanted).by_name()[:100]) if wanted else []
    return {
        text: [person for person in people if surname and surname[0] in name_words(person.name)][:10]
        for text, surname in surnames.items()
    }


def leavers_named(texts):
    """The keys of those of these names whose bearers have left."""
    left = Person.objects.filter(is_active=False).named(*(text.partition(",")[0] for text in texts))
    return {name_key(person.name) for person in left}


class ResponseRow(RowForm):
    answers = LineFormField(label="Answers recommendations", required=False, max_length=500)
    decision = forms.ChoiceField(
        label="Cabinet’s decision",
        required=False,
        choices=[("", "Choose"), *Decision.choices],
        error_messages={"invalid_choice": "Choose Cabinet’s decision"},
    )
    text = ParagraphsField(label="Response and actions", width=45, most=18)
    reason = ParagraphsField(label="Reason", width=45, most=8, help_text="Needed unless it is accepted.")
    lead_officer = NamedPersonField(label="Lead officer", required=False)
    target_date = DateParts(label="Target date", required=False)
    cabinet_member = forms.ChoiceField(
        label="Cabinet Member, if not the one above",
        required=False,
        error_messages={"invalid_choice": "Choose the Cabinet Member from the list"},
    )

    def __init__(self, data, *, prefix, is_sent, recommendations, cabinet):
        self.recommendations = recommendations
        super().__init__(data, prefix=prefix, is_sent=is_sent)
        self.fields["cabinet_member"].choices = [("", "The one above"), *cabinet]

    @property
    def is_empty(self):
        """Whether there is nothing but the number: Cabinet has not answered that yet."""
        typed = [self[name].value() for name in ("decision", "text", "reason", "cabinet_member")]
        typed += [*self.typed_officer, *(self["target_date"].value() or ())]
        return not any(str(text or "").strip() for text in typed)

    @property
    def typed_officer(self):
        return typed_person(self["lead_officer"])

    @property
    def answered(self):
        """The recommendations that are typed, as far as there are any."""
        try:
            return answered(self.recommendations, self["answers"].value() or "")
        except ValidationError:
            return []

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("decision") and "decision" not in self.errors:
            self.add_error("decision", "Choose Cabinet’s decision")
        elif rules.needs_reason(cleaned.get("decision")) and not cleaned.get("reason") and not self.errors:
            self.add_error("reason", "Give Cabinet’s reason: it is needed unless a recommendation is accepted")
        try:
            cleaned["recommendations"] = answered(self.recommendations, cleaned.get("answers") or "")
        except ValidationError as error:
            self.add_error("answers", error.error_dict["answers"])
        else:
            if not cleaned["recommendations"] and "answers" not in self.errors:
                self.add_error("answers", "Enter the number of the recommendation that this answers")
        return cleaned


class ResponsesHeader(GovukForm, forms.Form):
    """What holds for all rows."""

    responded_on = DateParts(
        label="When did Cabinet respond?",
        required=False,
        help_text="The day of its meeting, for all below. Without it nothing says when the next report is due.",
        validators=[RESPONDED],
    )
    cabinet_member = forms.ChoiceField(
        label="Cabinet Member who signs off the updates",
        required=False,
        error_messages={"invalid_choice": "Choose the Cabinet Member from the list"},
    )
    responding_body = LineFormField(
        label="Who responded?", max_length=200, initial="Cabinet", error_messages={"required": "Enter who responded"}
    )
    incomplete = forms.BooleanField(
        label="Record the responses without them: they are not known yet", required=False, widget=SmallCheckbox
    )

    def __init__(self, data, *, cabinet, recorded, is_sent):
        typed = (
            {name: field.widget.value_from_datadict(data, {}, name) for name, field in self.base_fields.items()}
            if data
            else {}
        )
        initial = {name: value for name, value in typed.items() if value not in (None, "", [None] * 3)}
        super().__init__(data if is_sent else None, initial=recorded | initial)
        self.fields["cabinet_member"].choices = [("", "Choose a Cabinet Member"), *cabinet]
        if not cabinet:
            self.fields["cabinet_member"].help_text = format_html(
                'No Cabinet Member is recorded. Give them their portfolios on the page <a class="govuk-link" '
                'href="{}">People</a>; you can name them here later.',
                reverse("clerk:people"),
            )


class ResponseRows(RowsForm):
    """`recommendations` are those of the inquiry, `seats` the CabinetMembers of today.

    `recorded` is what responses that are recorded already have in common: initial values of the header.
    """

    def __init__(self, data, *, recommendations, seats, recorded, is_sent):
        self.recommendations, self.seats = recommendations, {str(seat.person_id): seat for seat in seats}
        self.cabinet = [(key, str(seat)) for key, seat in self.seats.items()]
        super().__init__(data, is_sent=is_sent)
        self.header = ResponsesHeader(data, cabinet=self.cabinet, recorded=recorded, is_sent=is_sent)
        typed = [row.typed_officer for row in self.filled_rows]
        self.people = NamedPeople(typed, data, is_sent=is_sent)
        for row in self.rows:
            row.fields["lead_officer"].named_people = self.people
            row.fields["lead_officer"].widget.matches = self.people.find(*row.typed_officer)[1]

    def make_row(self, prefix):
        known = {"recommendations": self.recommendations, "cabinet": self.cabinet}
        return ResponseRow(self.data, prefix=prefix, is_sent=self.is_sent, **known)

    @property
    def forms(self):
        return [self.header, *self.rows, *self.people.new]

    def is_valid(self):
        is_valid, taken = super().is_valid(), {}
        if is_valid and not self.header.cleaned_data["incomplete"]:
            self.ask_for_missing()
            is_valid = not self.header.errors
        for row in self.filled_rows:
            for one in row.cleaned_data.get("recommendations", ()):
                if one.response_id is not None:
                    row.add_error("answers", f"{one.reference} has a response already")
                elif one.pk in taken:
                    row.add_error("answers", f"{one.reference} is answered in row {taken[one.pk]} too")
                else:
                    taken[one.pk] = row.number
            is_valid = is_valid and not row.errors
        return is_valid

    def ask_for_missing(self):
        given, rows = self.header.cleaned_data, [row.cleaned_data for row in self.filled_rows]
        if rows and not given["responded_on"]:
            self.header.add_error("responded_on", "Enter when Cabinet responded, or tick that it is not known yet")
        accepted = [row for row in rows if rules.is_accepted(row["decision"])]
        # Where nobody has a portfolio there is nobody to be chosen.
        if self.cabinet and not given["cabinet_member"] and not all(row["cabinet_member"] for row in accepted):
            sentence = "Choose the Cabinet Member, or tick that it is not known yet"
            self.header.add_error("cabinet_member", sentence)

    def values(self):
        """What `record_responses` takes: the responses, and the new people."""
        header = self.header.cleaned_data
        found = [
            {name: row.cleaned_data[name] for name in ("recommendations", "decision", "text", "reason", "target_date")}
            | {
                "lead_officer": row.cleaned_data["lead_officer"],
                "cabinet_member": self.member(row.cleaned_data["cabinet_member"] or header["cabinet_member"]),
                "responded_on": header["responded_on"],
                "responding_body": header["responding_body"],
            }
            for row in self.filled_rows
        ]
        named = {one["lead_officer"] for one in found}
        return found, {one.prefix: one.details() for one in self.people.new if one.prefix in named}

    def member(self, key):
        return self.seats[key].person if key else None


class CorrectResponsesForm(GovukForm, forms.Form):
    """What responses of one inquiry have in common. `seats` are the CabinetMembers of today."""

    responded_on = DateParts(
        label="When did Cabinet respond?",
        required=False,
        help_text="Leave it empty to keep the days that are recorded.",
        validators=[RESPONDED],
    )
    cabinet_member = forms.ChoiceField(
        label="Cabinet Member who signs off the updates",
        required=False,
        help_text="In reports under way, sign-offs stay as they are.",
        error_messages={"invalid_choice": "Choose the Cabinet Member from the list"},
    )
    only_missing = forms.TypedChoiceField(
        label="For which responses?",
        choices=[("yes", "Only where it is missing"), ("no", "For all of them")],
        coerce=lambda value: value == "yes",
        widget=Radios(),
        error_messages={"required": "Choose for which responses"},
    )
    error_focus = "responded_on"

    def __init__(self, data=None, *, responses, seats):
        days, members = ({getattr(one, name) for one in responses} for name in ("responded_on", "cabinet_member_id"))
        common = {"responded_on": days.pop() if len(days) == 1 else None}
        common["cabinet_member"] = str(members.pop() or "") if len(members) == 1 else ""
        super().__init__(data, initial=common | {"only_missing": "yes" if days or members else "no"})
        self.people = {str(seat.person_id): seat.person for seat in seats}
        self.fields["cabinet_member"].choices = [
            ("", "As it is"),
            *((str(seat.person_id), str(seat)) for seat in {seat.person_id: seat for seat in seats}.values()),
        ]

    def clean(self):
        values = super().clean()
        if not self.errors and not (values["responded_on"] or values["cabinet_member"]):
            raise ValidationError("Enter the day or choose the Cabinet Member")
        return values | {"cabinet_member": self.people.get(values.get("cabinet_member"))}


DOUBT_FIELDS = {"references": "answers", "number": "answers", "wording": "answers", "lead_officers": "lead_officer"}


def found_responses_as_posted(found, recommendations, after=None):
    """What was found as the rows of ResponseRows; `recommendations` are those of the inquiry."""
    rows, known = [], {one.reference for one in recommendations if one.response_id is not None}
    waiting = said_by(after, "answers")
    for one in found.responses:
        doubts = [(DOUBT_FIELDS.get(doubt.field, doubt.field), doubt.message) for doubt in one.doubts]
        if not one.references:
            said = " ".join(part for part in (one.number, one.wording) if part)
            doubts.append(("answers", f"No recorded recommendation was found for this: “{said[:300]}”."))
        values = {
            "answers": ", ".join(one.references),
            "decision": one.decision or "",
            "text": one.text,
            "reason": one.reason,
            "lead_officer": ", ".join(
                part for name in one.lead_officers[:1] for part in (name, one.job_titles.get(name)) if part
            ),
        }
        if len(one.lead_officers) > 1 and not any(field == "lead_officer" for field, _ in doubts):
            doubts.append(("lead_officer", f"Several are named: {', '.join(one.lead_officers)}. One leads."))
        if taken := known.intersection(one.references):
            values["leave_out"] = "on"
            doubts.append(("leave_out", f"{', '.join(sorted(taken))} has a response already, so this is left out."))
        elif one.references and values["answers"] in waiting:
            values["leave_out"] = "on"
            doubts.append(("leave_out", f"A row above answers {values['answers']} already, so this one is left out."))
        if one.target_date:
            values |= {f"target_date_{part}": str(getattr(one.target_date, part)) for part in ("day", "month", "year")}
        rows.append(values | {"doubts_found": write_doubts(doubts)})
    return rows_as_posted(not_waiting(rows, after), doubts=found.doubts, left_out=found.left_out, after=after)


class CorrectResponseForm(ChangeForm):
    """A recorded response. `target_date` is left out where its changes need a reason."""

    shown_beside = {"recommendations": "answers"}
    RECORDED = ("decision", "text", "reason", "responding_body", "responded_on", "lead_officer", "cabinet_member")

    answers = LineFormField(
        label="Recommendations that it answers",
        max_length=500,
        help_text="One number, or several with commas between them.",
        error_messages={"required": "Enter the number of the recommendation that this answers"},
    )
    decision = forms.ChoiceField(
        label="Cabinet’s decision",
        choices=Decision.choices,
        widget=Radios(small=True),
        error_messages={name: "Choose Cabinet’s decision" for name in ("required", "invalid_choice")},
    )
    text = TextField(label="Response and actions", required=False, widget=Textarea(rows=8))
    reason = TextField(
        label="Reason", required=False, widget=Textarea(rows=4), help_text="Needed unless it is accepted."
    )
    lead_officer = NamedPersonField(label="Lead officer", required=False)
    target_date = DateParts(label="Target date", required=False)
    cabinet_member = PersonField(
        label="Cabinet Member who signs off the updates", required=False, help_text="Type part of the name."
    )
    responded_on = DateParts(label="When did Cabinet respond?", required=False, validators=[RESPONDED])
    responding_body = LineFormField(
        label="Who responded?", max_length=200, error_messages={"required": "Enter who responded"}
    )

    def __init__(self, data=None, *, response, recommendations, may_set_date):
        self.recommendations = recommendations
        numbers = numbers_of([one for one in recommendations if one.response_id == response.pk])
        recorded = {name: getattr(response, name) for name in self.RECORDED} | {"recommendations": numbers}
        if may_set_date:
            recorded["target_date"] = response.target_date
        super().__init__(data, recorded=recorded, initial=recorded | {"answers": numbers})
        if not may_set_date:
            del self.fields["target_date"]
        if response.cabinet_member:
            self.fields["cabinet_member"].known = {str(response.cabinet_member_id): response.cabinet_member}
        known = [response.lead_officer] if response.lead_officer else []
        typed = typed_person(self["lead_officer"])
        self.people = NamedPeople([typed], data, is_sent=self.is_bound, known=known)
        self.fields["lead_officer"].named_people = self.people

    def is_valid(self):
        return all([super().is_valid(), *(form.is_valid() for form in self.people.new)])

    def clean(self):
        cleaned = super().clean()
        new = next((one for one in self.people.new if one.prefix == cleaned.get("lead_officer")), None)
        cleaned["new_lead_officer"] = new.details() if new is not None and new.is_valid() else None
        if rules.needs_reason(cleaned.get("decision")) and "decision" in cleaned and not cleaned.get("reason"):
            self.add_error("reason", "Give Cabinet’s reason: it is needed unless a recommendation is accepted")
        try:
            cleaned["recommendations"] = answered(self.recommendations, cleaned.pop("answers", ""))
        except ValidationError as error:
            self.add_error("answers", error.error_dict["answers"])
        return cleaned
