"""What is asked of the tracker: filters that combine, the order, the grouping. All of it is in the address."""

from collections import Counter
from datetime import date

from django import forms
from django.db.models import Count, F, Func, Q, Value
from django.db.models.functions import Lower
from django.forms.utils import flatatt
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inquiries.choices import (
    ACCEPTED_DECISIONS,
    WORKING_STATES,
    Decision,
    Ending,
    Rating,
    TrackerState,
)
from inquiries.documents.content import long_date
from inquiries.forms.public import LONGEST_QUESTION, MOST_WORDS, QuestionInput
from inquiries.govuk import DateParts, GovukForm
from inquiries.models import CabinetMember, Committee, Person, Recommendation, TrackerRow
from inquiries.models.fields import LineFormField, alphabetical, contains
from inquiries.text import search_words

# Name in the address: (label, columns).
SORTS = {
    "late": ("Days late", ("due_on",)),
    "inquiry": ("Inquiry", ("inquiry_sort", "inquiry_id", "reference_key")),
    "number": ("Number", ("reference_key",)),
    "committee": ("Committee", ("committee_sort",)),
    "decision": ("Decision", ("decision",)),
    "officer": ("Lead officer", ("lead_officer_sort", "lead_officer_id")),
    "portfolio": ("Portfolio", ("cabinet_member_sort", "cabinet_member_id")),
    "target": ("Target date", ("target_date",)),
    "rating": ("Rating", ("rating",)),
    "rated": ("Rated on", ("rated_on",)),
    "view": ("Officer’s view", ("officer_view",)),
    "next": ("Next report", ("months_due_on",)),
    "state": ("State", ("state",)),
}
GROUPS = {
    "inquiry": ("Inquiry", ("inquiry_sort", "inquiry_id"), "number"),
    "officer": ("Lead officer", ("lead_officer_sort", "lead_officer_id"), "late"),
    "portfolio": ("Portfolio", ("cabinet_member_sort", "cabinet_member_id"), "late"),
}
NEVER_EMPTY = ("inquiry_sort", "reference_key", "committee_sort", "decision", "officer_view", "state")
ACCEPTED, NONE = "any_accepted", "none"
LATE, RED_OR_LATE = "late", "red_or_late"
OPEN, ENDED = "open", "ended"
RATINGS = tuple((str(rating.value), rating.label) for rating in Rating)
SAVED_VIEWS = (
    ("Red or overdue", f"attention={RED_OR_LATE}"),
    ("In principle", f"decision={Decision.IN_PRINCIPLE}&state={OPEN}"),
    ("No lead officer", f"decision={ACCEPTED}&state={OPEN}&unled=on"),
)


class PlainSelect(forms.Select):
    """A select without a template for each of its options: the filters have a hundred."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = "" if value is None else str(value)
        options = ((key, SafeString(" selected") if str(key) == chosen else "", label) for key, label in self.choices)
        return format_html(
            "<select{}>{}</select>",
            flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name})),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )


class TrackerFilter(GovukForm, forms.Form):
    q = LineFormField(
        label="Words of the recommendation",
        required=False,
        max_length=LONGEST_QUESTION,
        widget=QuestionInput(attrs={"type": "search"}),
        error_messages={"max_length": f"Search for at most {LONGEST_QUESTION} characters."},
    )
    committee = forms.ChoiceField(required=False)
    member = forms.ChoiceField(label="Portfolio", required=False)
    officer = LineFormField(
        label="Lead officer’s name", required=False, max_length=LONGEST_QUESTION, widget=QuestionInput()
    )
    decision = forms.ChoiceField(
        required=False,
        choices=(("", "Any"), (ACCEPTED, "Accepted, in any form"), *Decision.choices, (NONE, "No response yet")),
    )
    rating = forms.ChoiceField(
        label="Last rating", required=False, choices=(("", "Any"), *RATINGS, (NONE, "Not rated yet"))
    )
    state = forms.ChoiceField(required=False)
    attention = forms.ChoiceField(
        label="Late",
        required=False,
        choices=(("", "Late or not"), (LATE, "Late"), (RED_OR_LATE, "Late, or rated as not delivered")),
    )
    due_from = DateParts(label="Due on or after", required=False)
    due_until = DateParts(label="Due on or before", required=False)
    unled = forms.BooleanField(label="No lead officer", required=False)
    mine = forms.BooleanField(label="Only my own", required=False)
    group = forms.ChoiceField(
        label="Group by", required=False, choices=(("", "Nothing"), *((name, one[0]) for name, one in GROUPS.items()))
    )
    sort = forms.ChoiceField(
        label="Sort by",
        required=False,
        choices=(("", "Most days late first"), *((name, one[0]) for name, one in SORTS.items())),
    )
    reverse = forms.BooleanField(label="In reverse order", required=False)

    def __init__(self, data, *, person, today):
        super().__init__(data)
        self.person, self.today = person, today
        self.parts, self.counted = TrackerRow.objects.visible_parts(person)
        self.fields["committee"].choices = [("", "Every committee"), *Committee.objects.values_list("slug", "name")]
        self.portfolios = portfolios()
        self.fields["member"].choices = [
            ("", "Every portfolio"),
            *((str(key), f"{portfolio} ({name})") for key, (portfolio, name) in self.portfolios.items()),
            (NONE, "None"),
        ]
        hidden = () if person.is_authenticated else WORKING_STATES
        states = [(state.value, state.label) for state in TrackerState if state not in hidden]
        self.fields["state"].choices = [("", "Any"), (OPEN, "Open"), (ENDED, "Ended"), *states]
        if not person.is_authenticated or person.is_clerk:
            del self.fields["mine"]
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.widget = PlainSelect(choices=field.choices)
                field.error_messages["invalid_choice"] = "Choose one from the list."

    def clean_q(self):
        if len(search_words(self.cleaned_data["q"])) > MOST_WORDS:
            raise forms.ValidationError(f"Search for at most {MOST_WORDS} words.")
        return self.cleaned_data["q"]

    def clean(self):
        first, last = self.cleaned_data.get("due_from"), self.cleaned_data.get("due_until")
        if first and last and first > last:
            self.add_error("due_until", "This is before the first day")
        return self.cleaned_data

    @cached_property
    def officers(self):
        """The keys of the people whose name holds every word asked for, whatever the accents."""
        found = Person.objects.annotate(folded=alphabetical("name"))
        for word in search_words(self.cleaned_data["officer"]):
            found = found.filter(folded__contains=Lower(Func(Value(word), function="unaccent")))
        return list(found.values_list("pk", flat=True))

    def narrow(self, rows):
        """Those of the rows that are asked for."""
        if not self.is_valid():
            return rows.none()
        asked = self.cleaned_data
        if words := search_words(asked["q"]):
            # Looked through once, whatever the number of words.
            holding = Recommendation.objects.filter(*(contains("text", word) for word in words))
            rows = rows.filter(recommendation__in=holding)
        if asked["officer"]:
            rows = rows.filter(lead_officer_id__in=self.officers)
        if asked["unled"]:
            rows = rows.filter(lead_officer_id=None)
        if asked.get("mine"):
            # Of their own they see what is under way, of others' what is published.
            rows = rows.filter(published=False)
        if asked["committee"]:
            rows = rows.filter(committee__slug=asked["committee"])
        if asked["member"]:
            rows = rows.filter(cabinet_member_id=None if asked["member"] == NONE else int(asked["member"]))
        if asked["decision"] == ACCEPTED:
            rows = rows.filter(decision__in=ACCEPTED_DECISIONS)
        elif asked["decision"]:
            rows = rows.filter(decision="" if asked["decision"] == NONE else asked["decision"])
        if asked["rating"]:
            rows = rows.filter(rating=None if asked["rating"] == NONE else int(asked["rating"]))
        if asked["state"] in (OPEN, ENDED):
            rows = rows.open() if asked["state"] == OPEN else rows.filter(state__in=Ending.values)
        elif asked["state"]:
            rows = rows.filter(state=asked["state"])
        if asked["attention"] == LATE:
            rows = rows.late(self.today)
        elif asked["attention"] == RED_OR_LATE:
            rows = rows.open().filter(Q(rating=Rating.NOT_DELIVERED) | Q(due_on__lt=self.today))
        if asked["due_from"]:
            rows = rows.filter(due_on__gte=asked["due_from"])
        if asked["due_until"]:
            rows = rows.filter(due_on__lte=asked["due_until"])
        return rows

    def in_words(self):
        """The filters that are set, as (label, value)."""
        for name, value in self.cleaned_data.items():
            if not value or name in ("group", "sort", "reverse"):
                continue
            field = self.fields[name]
            words = dict(getattr(field, "choices", ())).get(value, value)
            if str(value).isdigit() and name == "rating":
                words = Rating(int(value)).label
            yield (
                str(self[name].label),
                "Yes" if value is True else long_date(value) if isinstance(value, date) else words,
            )

    def order(self):
        group = GROUPS.get(self.cleaned_data.get("group"))
        columns = SORTS[self.cleaned_data.get("sort") or (group[2] if group else "late")][1]
        order = [*columns, "id"]
        if self.cleaned_data.get("reverse"):
            # As the indexes are: what is empty comes last.
            order = [F(columns[0]).desc(nulls_last=True), *columns[1:], "id"]
            if columns[0] in NEVER_EMPTY:
                order = [f"-{column}" for column in (*columns, "id")]
        return [*(group[1] if group else ()), *order]

    def keys(self, start=0, end=None):
        """The keys of the rows asked for, in their order, from the `start`th up to the `end`th."""
        if not self.is_valid():
            return []
        order = self.order()
        names = [getattr(one, "expression", F(str(one).removeprefix("-"))).name for one in order]
        parts = [self.narrow(rows).order_by(*order).values_list("id", *names)[:end] for rows in self.parts]
        found = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True).order_by(*order)
        return [key for key, *_ in found[start:end]]

    def counts(self):
        """How many there are of each rating and state, and how many are late."""
        # Of a column that is never empty and is in the index that counts, as the key is not.
        number, late = Count("published"), Count("published", filter=Q(due_on__lt=self.today))
        counts = Counts()
        for times, rows in self.counted:
            found = self.narrow(rows).order_by().values("rating", "state")
            counts.add(found.annotate(number=number, late=late), times)
        return counts


class Counts:
    def __init__(self):
        self.ratings, self.states, self.total, self.late = Counter(), Counter(), 0, 0

    def add(self, found, times):
        for one in found:
            self.total += times * one["number"]
            self.late += times * one["late"]
            self.ratings[one["rating"]] += times * one["number"]
            self.states[one["state"]] += times * one["number"]


def portfolios():
    """{key of the person: (portfolio, name)} of everybody who holds one, or has held one, by portfolio."""
    found = {}
    seats = CabinetMember.objects.order_by(alphabetical("portfolio"), F("until_date").desc(nulls_first=True), "pk")
    for key, portfolio, name in seats.values_list("person", "portfolio", "person__name"):
        found[key] = (f"{found[key][0]}; {portfolio}" if key in found else portfolio, name)
    return found
