"""What everybody may ask: the search for inquiries, and for meetings."""

from django import forms
from django.db.models import Exists, Max, Min, OuterRef
from django.utils import timezone

from inquiries.choices import ACCEPTED_DECISIONS, NOT_COUNTED_ENDINGS, Ending
from inquiries.govuk import GovukForm
from inquiries.models import Committee, Meeting, Recommendation, Response
from inquiries.models.fields import LineFormField, contains
from inquiries.text import search_words

LONGEST_QUESTION = 200
MOST_WORDS = 8
WRONG_CHOICES = {
    "committee": "Choose a committee from the list.",
    "year": "Choose a year from the list.",
    "accepted": "Choose the state of the accepted recommendations from the list.",
    "when": "Choose upcoming or past meetings.",
}


class QuestionInput(forms.TextInput):
    """A line of words. PostgreSQL takes no NUL, HTML prints none: it is as good as a space."""

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name)
        return value.replace("\x00", " ") if value else value


class InquiryQuestion(GovukForm, forms.Form):
    q = LineFormField(
        label="Search inquiries",
        required=False,
        max_length=LONGEST_QUESTION,
        widget=QuestionInput(attrs={"type": "search"}),
        help_text="Search titles, summaries and recommendations.",
        error_messages={"max_length": f"Search for at most {LONGEST_QUESTION} characters."},
    )


class InquirySearch(InquiryQuestion):
    committee = forms.ChoiceField(required=False)
    year = forms.ChoiceField(label="Year of the report", required=False)
    accepted = forms.ChoiceField(
        label="Accepted recommendations",
        required=False,
        choices=(("", "Any"), ("open", "Some not yet ended"), ("implemented", "All implemented")),
    )

    def __init__(self, *args, inquiries, **kwargs):
        super().__init__(*args, **kwargs)
        self.inquiries = inquiries
        # Choices, not a model field: what is no choice never reaches the database.
        committees = Committee.objects.values_list("slug", "name")
        # From the first to the last: which of these have an inquiry only a look at all of them would tell.
        ends = inquiries.order_by().aggregate(first=Min("completed_on"), last=Max("completed_on"))
        years = range(ends["last"].year, ends["first"].year - 1, -1) if ends["last"] else ()
        self.fields["committee"].choices = [("", "Every committee"), *committees]
        self.fields["year"].choices = [("", "Every year"), *((str(year), str(year)) for year in years)]
        _name_wrong_choices(self)

    def clean_q(self):
        # Each word has every title, summary and recommendation read once more.
        if len(search_words(self.cleaned_data["q"])) > MOST_WORDS:
            raise forms.ValidationError(f"Search for at most {MOST_WORDS} words.")
        return self.cleaned_data["q"]

    def found(self):
        if not self.is_valid():
            return self.inquiries.none()
        asked, found = self.cleaned_data, self.inquiries
        # Every word has to be somewhere: people remember words, not phrases.
        for word in search_words(asked["q"]):
            wording = Recommendation.objects.filter(contains("text", word), inquiry=OuterRef("pk"))
            found = found.filter(contains("title", word) | contains("summary", word) | Exists(wording))
        if asked["committee"]:
            found = found.filter(committee__slug=asked["committee"])
        if asked["year"]:
            found = found.filter(completed_on__year=int(asked["year"]))
        return filter_by_accepted(found, asked["accepted"])


class MeetingSearch(GovukForm, forms.Form):
    when = forms.ChoiceField(
        label="Which meetings", required=False, choices=(("", "Upcoming meetings"), ("past", "Past meetings"))
    )
    committee = forms.ChoiceField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["committee"].choices = [("", "Every committee"), *Committee.objects.values_list("slug", "name")]
        _name_wrong_choices(self)

    @property
    def is_past(self):
        return self.is_valid() and self.cleaned_data["when"] == "past"

    def found(self, now):
        if not self.is_valid():
            return Meeting.objects.none()
        # A meeting is to come until its day is over: it is under way, and its agenda is wanted.
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        if self.is_past:
            found = Meeting.objects.filter(start__lt=midnight).order_by("-start", "-pk")
        else:
            found = Meeting.objects.filter(start__gte=midnight).order_by("start", "pk")
        committee = self.cleaned_data["committee"]
        return found.filter(committee__slug=committee) if committee else found


def _name_wrong_choices(form):
    for name in form.fields.keys() & WRONG_CHOICES.keys():
        form.fields[name].error_messages["invalid_choice"] = WRONG_CHOICES[name]


def filter_by_accepted(inquiries, state):
    promised = Recommendation.objects.filter(inquiry=OuterRef("pk"), response__decision__in=ACCEPTED_DECISIONS)
    if state == "open":
        return inquiries.filter(Exists(Response.objects.open().filter(inquiry=OuterRef("pk"))))
    if state == "implemented":
        promised = promised.exclude(ended_as__in=NOT_COUNTED_ENDINGS)
        return inquiries.filter(Exists(promised), ~Exists(promised.exclude(ended_as=Ending.IMPLEMENTED)))
    return inquiries
