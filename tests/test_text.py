"""One line of text, and names compared however they are typed."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError

from inquiries.forms.clerk_people import PeopleSearch
from inquiries.forms.officer import UpdateForm
from inquiries.models import Inquiry, Person
from inquiries.text import fold_name, fold_text, has_visible_text, search_words, single_line
from tests.cast import person


def test_search_words():
    assert search_words(" Warm  homes WARM home\u200b h a ") == ["warm", "homes"]
    assert search_words("a b c") == ["a", "b", "c"]
    assert search_words(" ") == []


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  Jane \t Moore\r\n", "Jane Moore"),
        ("Jane\u00a0Moore", "Jane Moore"),
        ("Jane\u200b \u202eMoore\u2066", "Jane Moore"),
        ("Sia\u0302n", "Siân"),
        ("R\uff11\uff12", "R12"),
        ("\u200b\u3164\u2800\u00ad\ufeff", ""),
        ("O’Hara", "O’Hara"),
        ("a\0b\x07", "ab"),
    ],
)
def test_single_line(typed, line):
    assert single_line(typed) == line
    assert has_visible_text(typed) is bool(line)


SPELLINGS = [
    "Siân O'Hara-Moore",
    "SIÂN O’HARA-MOORE",
    "Cllr Siân OʼHara‑Moore",
    "Councillor Mrs. Siân  O‘Hara–Moore",
    unicodedata.normalize("NFD", "Siân O'Hara-Moore"),
    "Siân\u00a0O'Hara\u2010Moore",
    "\u200bSiân O'Hara-Moore\u200f",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.django_db
def test_one_person_however_typed(spelling):
    recorded = person("Siân O’Hara‑Moore")
    person("Sian Harper")
    assert fold_name(spelling) == fold_name(recorded.name)
    assert list(Person.objects.named(spelling)) == [recorded]
    word = spelling.split()[-1]
    assert list(Person.objects.matching(word)) == [recorded]


@pytest.mark.django_db
def test_named_takes_several_names_and_nothing_for_none():
    people = [person("Jane Moore"), person("J.R. (Bob) Smith"), person("Ann Lee")]
    assert list(Person.objects.named("jane moore", "J.R. (Bob) Smith").order_by("pk")) == people[:2]
    assert not Person.objects.named("\u200b").exists()
    assert not Person.objects.named().exists()


@pytest.mark.django_db
def test_one_inquiry_however_typed(committee):
    Inquiry.objects.create(committee=committee, title="The Council’s  Cost-of-Living Support", slug="one")
    other = Inquiry(committee=committee, title="the council's cost‑of‑living support", slug="two")
    assert fold_text(other.title) == fold_text(Inquiry.objects.get().title)
    with pytest.raises(ValidationError, match="already has the inquiry"):
        other.full_clean()
    other.title += " 2027"
    other.full_clean()


@pytest.mark.django_db
def test_names_that_are_not_seen_are_refused():
    for name in ("\u200b", "\u3164", "\u2800 \u00ad"):
        with pytest.raises(ValidationError) as refused:
            Person(name=name, password="x").full_clean()
        assert "name" in refused.value.message_dict


@pytest.mark.django_db
def test_search_strips_what_is_not_seen():
    form = PeopleSearch({"q": "\u200fMoore\u200b"})
    form.is_valid()
    assert form.cleaned_data["q"] == "Moore"


def test_text_counts_a_line_break_once_and_must_be_seen():
    fields = UpdateForm.base_fields
    assert fields["text"].clean("One\r\ntwo\rthree") == "One\ntwo\nthree"
    assert fields["text"].clean("\u200b\r\n\u2060") == ""
