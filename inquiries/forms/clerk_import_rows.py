"""One row of an imported report, and one line of what stands below its table."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inquiries.choices import Decision, Ending, ExemptParagraph, OfficerView, Rating
from inquiries.govuk import DateParts, GovukForm, Textarea
from inquiries.imports.draft import DraftContributor, DraftEnd, DraftRecommendation, DraftRow

MOST_IN_A_ROW = 60
LINK = re.compile(r"(?P<title>.*?)[\s:–-]*(?P<address>https?://\S+)", re.IGNORECASE)
OUTCOMES = [*Decision.labels[3:], *Ending.labels]
is_web_address = URLValidator(["http", "https"])


def words_of(text):
    """Typed text with plain line breaks and no space around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def lines_of(text):
    """The lines that say something, each once, as a list."""
    lines = (" ".join(line.split()) for line in words_of(text).split("\n"))
    return list(dict.fromkeys(line for line in lines if line))


def wrapped(hint, doubts):
    """A hint with the doubts about its field before it, as safe HTML."""
    if not doubts:
        return hint
    said = format_html_join("", '<span class="scrutiny-doubt">Check: {}</span>', ((message,) for message in doubts))
    return format_html("{}{}", said, hint) if hint else SafeString(said)


class _NumberedForm(GovukForm, forms.Form):
    """A form about one or more numbered recommendations: `reference_1`, `text_1`, `given_1` and so on."""

    def __init__(self, data, *, prefix, recommendations, spare, initial):
        self.counted = self._counted(data, prefix, len(recommendations) + spare)
        for number, one in enumerate(recommendations, start=1):
            initial |= {f"reference_{number}": one.reference, f"text_{number}": one.text, f"given_{number}": one.given}
        self.known = len(recommendations)
        super().__init__(data, prefix=prefix, initial=initial)
        for number in range(1, self.counted + 1):
            self._add_recommendation(number)

    @property
    def recommendations(self):
        """The fields of each recommendation of the document as (number, wording, hidden mark)."""
        return [self._triple(number) for number in range(1, self.counted + 1) if number <= max(self.known, 1)]

    @property
    def spares(self):
        """The fields of those that the clerk may add."""
        return [self._triple(number) for number in range(max(self.known, 1) + 1, self.counted + 1)]

    def clean(self):
        """A wording needs its number."""
        words = super().clean()
        for number in range(1, self.counted + 1):
            if words.get(f"text_{number}") and not words.get(f"reference_{number}"):
                self.add_error(f"reference_{number}", "Enter the number of this recommendation")
        return words

    def drafts(self):
        """The recommendations that have a number or a wording, as DraftRecommendation."""
        words = self.cleaned_data
        numbers = [n for n in range(1, self.counted + 1) if words[f"reference_{n}"] or words[f"text_{n}"]]
        return [
            DraftRecommendation(words[f"reference_{n}"], words_of(words[f"text_{n}"]), words[f"given_{n}"])
            for n in numbers
        ]

    def _counted(self, data, prefix, otherwise):
        sent = sum(name.startswith(f"{prefix}-reference_") for name in data) if data is not None else 0
        return min(max(sent, otherwise, 1), MOST_IN_A_ROW)

    def _triple(self, number):
        return self[f"reference_{number}"], self[f"text_{number}"], self[f"given_{number}"]

    def _add_recommendation(self, number):
        self.fields[f"reference_{number}"] = forms.CharField(
            label="Number", required=False, widget=forms.TextInput(attrs={"class": "govuk-input--width-5"})
        )
        self.fields[f"text_{number}"] = forms.CharField(
            label="Recommendation", required=False, widget=Textarea(rows=self._rows(self.initial.get(f"text_{number}")))
        )
        self.fields[f"given_{number}"] = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def _rows(text, width=34, most=14):
        lines = sum(1 + len(line) // width for line in (text or "").split("\n"))
        return max(2, min(lines + 1, most))


class RowForm(_NumberedForm):
    """One row of the table."""

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
            initial=_initial_of(row) if row else {},
        )
        for name, most in (("response", 18), ("reason", 6), ("update", 24)):
            rows = self._rows(self.initial.get(name), 40, most)
            self.fields[name].widget = Textarea(rows=rows)
        for name, field in self.fields.items():
            about = "recommendations" if name == "text_1" else name
            field.help_text = wrapped(field.help_text, [d.message for d in self.doubts if d.field == about])

    @property
    def has_more(self):
        """Whether something stands in the fields that are seldom needed."""
        return any(self[name].errors or self.initial.get(name) for name in self.MORE)

    @property
    def must_settle(self):
        """Whether nothing can be imported until this row is corrected."""
        return any(doubt.must_settle for doubt in self.doubts)

    @property
    def other_doubts(self):
        """Doubts that belong to no field of the row, in words."""
        return [d.message for d in self.doubts if d.field not in (*self.fields, "recommendations")]

    def clean_contributors(self):
        """[DraftContributor], each once."""
        people = {}
        for line in lines_of(self.cleaned_data["contributors"]):
            name, _, job_title = line.partition(",")
            if len(name) > 200 or len(job_title) > 200:
                raise ValidationError("A name, and a job title, can have at most 200 characters.")
            people.setdefault(name.strip().lower(), DraftContributor(name.strip(), job_title.strip()))
        return [person for person in people.values() if person.name]

    def clean_evidence(self):
        """[(title, web address)]. Raises ValidationError for a line without its address or its words."""
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
        """An exempt part names its paragraph."""
        words = super().clean()
        if words.get("exempt_text") and words.get("exempt_paragraph", "") is None:
            self.add_error("exempt_paragraph", "Choose the paragraph of Schedule 12A that makes this part exempt.")
        return words

    def row(self):
        """The corrected DraftRow."""
        words = self.cleaned_data
        texts = {name: words_of(words[name]) for name in ("response", "reason", "update", "comment", "exempt_text")}
        same = ("contributors", "rating", "target_date", "officer_view", "evidence", "exempt_paragraph")
        return DraftRow(
            self.drafts(),
            decision=words["decision"] or None,
            lead_officer=" ".join(words["lead_officer"].split()),
            **texts,
            **{name: words[name] for name in same},
        )


class EndForm(_NumberedForm):
    """A recommendation that the table does not have, and what became of it. Left empty, it is no line at all."""

    outcome = forms.CharField(
        label="What became of it",
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
        """A line that says something says it all: wording and outcome."""
        words = super().clean()
        if self._says_nothing(words):
            return words
        if not words.get("text_1") and "text_1" not in self.errors:
            self.add_error("text_1", "Enter the wording of this recommendation, or empty the line")
        if not words.get("outcome") and "outcome" not in self.errors:
            self.add_error("outcome", "Say what became of this recommendation, or empty the line")
        return words

    def end(self):
        """The DraftEnd, or None where the line is empty or left out."""
        words = self.cleaned_data
        if self._says_nothing(words):
            return None
        return DraftEnd(self.drafts(), " ".join(words["outcome"].split()), words_of(words["reason"]))

    def _says_nothing(self, words):
        if words.get("remove"):
            return True
        names = [f"text_{n}" for n in range(1, self.counted + 1)]
        return not any(words.get(name) for name in (*names, "outcome", "reason"))


def _initial_of(row):
    same = ("decision", "response", "reason", "lead_officer", "target_date", "update", "officer_view")
    same += ("exempt_text", "exempt_paragraph", "rating", "comment")
    return {
        **{name: getattr(row, name) for name in same},
        "contributors": "\n".join(", ".join(p for p in (c.name, c.job_title) if p) for c in row.contributors),
        "evidence": "\n".join(": ".join(part for part in pair if part) for pair in row.evidence),
    }
