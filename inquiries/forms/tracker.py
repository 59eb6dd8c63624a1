"""What is asked of the tracker: filters that combine, the order, the grouping. All of it is in the address."""

from datetime import date

from django import forms
from django.db.models import Count, F, Func, Q, Value
from django.db.models.functions import Lower

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
from inquiries.models import CabinetMember, Committee, Recommendation, TrackerRow
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
ACCEPTED, NONE = "any_accepted", "none"
LATE, RED_OR_LATE = "late", "red_or_late"
OPEN, ENDED = "open", "ended"
RATINGS = tuple((str(rating.value), rating.label) for rating in Rating)
SAVED_VIEWS = (
    ("Red or overdue", f"attention={RED_OR_LATE}"),
    ("In principle", f"decision={Decision.IN_PRINCIPLE}&state={OPEN}"),
    ("No lead officer", f"decision={ACCEPTED}&state={OPEN}&unled=on"),
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
        choices=(("", "Late or not"), (LATE, "Late"), (RED_OR_LATE, "Not delivered, or late")),
    )
    due_from = DateParts(label="Due on or after", required=False)
    due_until = DateParts(label="Due on or before", required=False)
    unled = forms.BooleanField(label="No lead officer", required=False)
    mine = forms.BooleanField(label="Only my own", required=False)
    group = forms.ChoiceField(
        label="Group by", required=False, choices=(("", "Nothing"), *((name, one[0]) for name, one in GROUPS.items()))
    )
    sort = forms.ChoiceField(
        label="Sort by", required=False, choices=(("", "The usual"), *((name, one[0]) for name, one in SORTS.items()))
    )
    reverse = forms.BooleanField(label="The other way round", required=False)

    def __init__(self, data, *, person, today):
        super().__init__(data)
        self.person, self.today = person, today
        self.rows = TrackerRow.objects.visible_to(person)
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

    def found(self):
        """The rows asked for, in no order."""
        if not self.is_valid():
            return self.rows.none()
        asked, rows = self.cleaned_data, self.rows
        for word in search_words(asked["q"]):
            rows = rows.filter(recommendation__in=Recommendation.objects.filter(contains("text", word)))
        for word in search_words(asked["officer"]):
            rows = rows.filter(lead_officer_sort__contains=Lower(Func(Value(word), function="unaccent")))
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

    def in_order(self, rows):
        group = GROUPS.get(self.cleaned_data.get("group"))
        name = self.cleaned_data.get("sort") or (group[2] if group else "late")
        is_reverse = self.cleaned_data.get("reverse")
        columns = [F(column).desc(nulls_last=True) if is_reverse else column for column in SORTS[name][1]]
        return rows.order_by(*(group[1] if group else ()), *columns, "-id" if is_reverse else "id")

    def counts(self, rows):
        """How many there are of each rating and state, and how many are late, in one query."""
        late = Count("pk", filter=Q(due_on__lt=self.today))
        return Counts(rows.order_by().values("rating", "state").annotate(number=Count("pk"), late=late))


class Counts:
    def __init__(self, found):
        self.ratings, self.states, self.total, self.late = {}, {}, 0, 0
        for one in found:
            self.total += one["number"]
            self.late += one["late"]
            self.ratings[one["rating"]] = self.ratings.get(one["rating"], 0) + one["number"]
            self.states[one["state"]] = self.states.get(one["state"], 0) + one["number"]


def portfolios():
    """{key of the person: (portfolio, name)} of everybody who holds one, or has held one, by portfolio."""
    found = {}
    seats = CabinetMember.objects.order_by(alphabetical("portfolio"), F("until_date").desc(nulls_first=True), "pk")
    for key, portfolio, name in seats.values_list("person", "portfolio", "person__name"):
        found[key] = (f"{found[key][0]}; {portfolio}" if key in found else portfolio, name)
    return found
