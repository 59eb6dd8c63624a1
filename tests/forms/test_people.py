"""A person chosen by typing."""

import pytest
from django import forms

from inquiries.govuk import GovukForm, PersonField
from inquiries.models import Person

pytestmark = pytest.mark.django_db


class NameForm(GovukForm, forms.Form):
    person = PersonField(required=False)


@pytest.fixture
def smiths():
    titles = {"Ann Smith": "Head of Housing", "Bob Smith": "Head of Energy", "Cy Jones": ""}
    made = [Person.objects.create(name=name, job_title=title) for name, title in titles.items()]
    Person.objects.filter(name="Bob Smith").update(email="bob@wealdshire.example")
    return made


def bound(text, key="", form=NameForm):
    form = form({"person": text, "person_key": str(key)})
    return form, form.cleaned_data.get("person") if form.is_valid() else form["person"].error_texts


@pytest.mark.parametrize("text", ["cy", "Cy Jones", " JONES "])
def test_only_match_is_chosen(smiths, text):
    assert bound(text)[1] == smiths[2]


def test_key_chooses_among_matches(smiths):
    form, errors = bound("smith")
    assert errors == ["Several people match “smith”: choose one of them"]
    assert [label for _, label in form["person"].person["matches"]] == [
        "Ann Smith, Head of Housing (no e-mail address)",
        "Bob Smith, Head of Energy",
    ]
    assert bound("smith", smiths[1].pk)[1] == smiths[1]
    assert bound("Bob Smith, Head of Energy", smiths[1].pk)[1] == smiths[1]


def test_key_of_another_name_is_ignored(smiths):
    assert bound("Cy Jones", smiths[0].pk)[1] == smiths[2]


def test_full_name_is_chosen_before_longer_ones(smiths):
    Person.objects.create(name="Cy Jones-Price")
    assert bound("cy jones")[1] == smiths[2]


@pytest.mark.parametrize("key", ["", "9" * 30, "x", "0"])
def test_rejects_a_name_nobody_has(smiths, key):
    assert bound("Nobody Known", key)[1] == ["Nobody who can be chosen here matches “Nobody Known”"]


def test_rejects_a_person_who_has_left(smiths):
    Person.objects.filter(name="Cy Jones").update(is_active=False)
    assert bound("Cy Jones", smiths[2].pk)[1] == ["Nobody who can be chosen here matches “Cy Jones”"]


def test_lists_ten_of_many_matches(db):
    Person.objects.bulk_create(Person(name=f"Pat Lee {number:02}") for number in range(12))
    form, errors = bound("pat")
    assert errors == ["More than 10 people match “pat”: choose one of them, or type more of the name"]
    assert len(form["person"].person["matches"]) == 10


def test_does_not_search_e_mail_addresses(officer):
    local_part = officer.email.partition("@")[0]
    assert list(Person.objects.matching(local_part, with_email=True)) == [officer]
    assert list(Person.objects.matching(local_part.replace(".", " ") + "@")) == []


def test_known_person_costs_no_query(smiths, django_assert_num_queries):
    class KnownForm(GovukForm, forms.Form):
        person = PersonField(known=smiths)

    with django_assert_num_queries(0):
        assert bound("Cy Jones", smiths[2].pk, KnownForm)[1] == smiths[2]


def test_empty_text_chooses_nobody(smiths):
    class RequiredForm(GovukForm, forms.Form):
        person = PersonField()

    assert bound("", smiths[0].pk)[1] is None
    assert bound("", "", RequiredForm)[1] == ["Choose a person"]


def test_shows_who_was_saved(smiths):
    html = NameForm(initial={"person": smiths[0]})["person"]
    assert html.person == {
        "text": "Ann Smith, Head of Housing",
        "key": str(smiths[0].pk),
        "matches": [],
        "key_name": "person_key",
    }
