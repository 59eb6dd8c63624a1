"""Forms as people meet them: messages, links, dates, ratings, and nothing typed lost."""

from datetime import date

import html5lib
import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import RequestFactory

from inquiries.choices import DatePrecision, Rating
from inquiries.govuk import Checkboxes, DateParts, GovukForm, KnownDate, Radios, RatingField, Textarea, error_summary
from tests.form_reading import as_html, form_of, tree

YES_NO = [("yes", "Yes"), ("no", "No")]

# A form of every kind of field


class EveryKind(GovukForm, forms.Form):
    title = forms.CharField()
    committee = forms.ChoiceField(choices=[("", "Choose"), ("e", "Environment")])
    decision = forms.ChoiceField(choices=YES_NO, widget=Radios())
    contributors = forms.MultipleChoiceField(choices=[("1", "Janice Moore")], widget=Checkboxes())
    agree = forms.BooleanField(label="I have read it all", help_text="Every row")
    due = DateParts(label="Date of the meeting")
    paper = forms.FileField(label="Paper")
    text = forms.CharField(label="What has been done", widget=Textarea(maximum=50))
    name_known = forms.ChoiceField(label="Is the name known?", choices=YES_NO, widget=Radios())
    version = forms.IntegerField(widget=forms.HiddenInput)


def ids_in(html):
    page = html5lib.parse(html, namespaceHTMLElements=False)
    return {element.attrib["id"] for element in page.iter() if "id" in element.attrib}


def test_summary_links_lead_to_page_elements():
    form = EveryKind({})
    assert form.error_summary() == [
        ("Enter the title", "#id_title"),
        ("Choose the committee", "#id_committee"),
        ("Choose the decision", "#id_decision_0"),
        ("Choose the contributors", "#id_contributors_0"),
        ("Tick the box: I have read it all", "#id_agree"),
        ("Enter the date of the meeting", "#id_due_day"),
        ("Choose the paper", "#id_paper"),
        ("Enter what has been done", "#id_text"),
        ("Answer this question", "#id_name_known_0"),
        ("Enter the version", ""),
    ]
    ids = ids_in(as_html(form))
    assert {problem.href[1:] for problem in form.error_summary() if problem.href} <= ids


def test_every_description_is_on_the_page():
    html = as_html(EveryKind({}))
    page = html5lib.parse(html, namespaceHTMLElements=False)
    described = {part for e in page.iter() for part in e.attrib.get("aria-describedby", "").split()}
    assert "id_agree_helptext" in described and "id_agree_error" in described
    assert described <= ids_in(html)


def test_form_has_novalidate():
    html = as_html(EveryKind())
    assert " required" not in html
    assert "maxlength=" not in html.replace("data-maxlength=", "")
    assert "aria-invalid" not in as_html(EveryKind({}))


def test_unbound_form_has_no_errors():
    assert EveryKind().error_summary() == []


class Whole(GovukForm, forms.Form):
    error_focus = "months"
    months = forms.IntegerField(required=False)

    def clean(self):
        raise ValidationError("There is already a report at 6 months")


def test_form_error_links_to_given_field():
    assert error_summary(Whole({})) == [("There is already a report at 6 months", "#id_months")]


def test_form_error_may_have_no_link():
    form = type("Nowhere", (Whole,), {"error_focus": ""})({})
    assert error_summary(form) == [("There is already a report at 6 months", "")]


def test_errors_of_several_forms_are_one_summary():
    first, second = EveryKind({}, prefix="a"), Whole({}, prefix="b")
    assert error_summary([first, second])[0] == ("Enter the title", "#id_a-title")
    assert error_summary([first, second])[-1] == ("There is already a report at 6 months", "#id_b-months")


def test_formset_errors_are_one_summary():
    formset = forms.formset_factory(Whole, extra=0)({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1"})
    assert error_summary(formset) == [("There is already a report at 6 months", "#id_form-0-months")]


def test_renders_library_form():
    class Theirs(forms.Form):
        email = forms.EmailField()

    form = Theirs({})
    assert error_summary(form) == [("Enter the email", "#id_email")]
    assert 'class="govuk-input govuk-input--error"' in as_html(form)


def test_keeps_input_on_redisplay():
    form = EveryKind({"text": "Leaflets & <b>posters</b>", "decision": "no", "due_day": "31", "due_month": "Feb"})
    html = as_html(form)
    assert "Leaflets &amp; &lt;b&gt;posters&lt;/b&gt;</textarea>" in html
    assert 'value="31"' in html and 'value="Feb"' in html
    assert html.count(" checked") == 1


def test_escapes_label():
    form = form_of("title", forms.CharField(label="<script>x</script>"), {})
    assert "<script>" not in as_html(form)


def test_crispy_prints_a_whole_form_with_its_buttons():
    class Dressed(EveryKind):
        helper = FormHelper()
        helper.layout = Layout("title", Div("text", css_class="wide"), "due")

    Dressed.helper.add_input(Submit("save", "Save the update"))
    html = render_crispy_form(Dressed({}), context={"csrf_token": "abc"})
    assert " novalidate" in html and 'enctype="multipart/form-data"' in html
    assert 'name="csrfmiddlewaretoken" value="abc"' in html
    assert '<div class="wide" >' in html or '<div class="wide">' in html
    assert html.index("id_title") < html.index("id_text") < html.index("id_due_day") < html.index("Save the update")
    tree(html)  # strict: raises on bad HTML


def test_base_page_says_error_in_its_title_and_shows_the_summary():
    request = RequestFactory().get("/")
    html = render_to_string("account/login.html", {"form": form_of("email", forms.EmailField())}, request)
    assert "<title>Sign in - Scrutiny</title>" in html
    form = form_of("email", forms.EmailField(), {})
    html = render_to_string("account/login.html", {"form": form}, request)
    assert "<title>Error: Sign in - Scrutiny</title>" in html
    assert '<a href="#id_email">Enter the email</a>' in html


# Dates


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["10", "11", "2015"], date(2015, 11, 10)),
        (["1", "1", "2027"], date(2027, 1, 1)),
        ([" 03 ", " 02 ", " 2026 "], date(2026, 2, 3)),
        (["29", "Feb", "2028"], date(2028, 2, 29)),
        (["5", "SEPTEMBER", "2026"], date(2026, 9, 5)),
        (["5", "Sept.", "2026"], date(2026, 9, 5)),
    ],
)
def test_reads_date(typed, expected):
    assert DateParts().clean(typed) == expected


@pytest.mark.parametrize(
    ("typed", "message", "wrong"),
    [
        (["", "11", "2015"], "The date must include a day", {"day"}),
        (["10", "", ""], "The date must include a month and a year", {"month", "year"}),
        (["31", "2", "2026"], "There is no such day in that month", {"day"}),
        (["29", "2", "2026"], "There is no such day in that month", {"day"}),
        (["0", "2", "2026"], "There is no such day in that month", {"day"}),
        (["x", "2", "2026"], "The day must be a number from 1 to 31", {"day"}),
        (["1", "13", "2026"], "The month must be a number from 1 to 12, or its name", {"month"}),
        (["1", "Ma", "2026"], "The month must be a number from 1 to 12, or its name", {"month"}),
        (["1", "2", "26"], "The year must have 4 numbers, like 2026", {"year"}),
        (["1", "2", "٢٠٢٦"], "The year must have 4 numbers, like 2026", {"year"}),
        (["1", "2", "0026"], "The year must be between 1900 and 2199", {"year"}),
    ],
)
def test_names_wrong_part_of_date(typed, message, wrong):
    form = form_of("due", DateParts(), dict(zip(("due_day", "due_month", "due_year"), typed, strict=True)))
    assert form.errors["due"] == [message]
    assert form["due"].wrong_parts == wrong
    first = next(part for part in ("day", "month", "year") if part in wrong)
    assert form.error_summary() == [(message, f"#id_due_{first}")]


def test_optional_date_may_be_empty():
    assert form_of("due", DateParts(required=False), {}).is_valid()


def test_accepts_month_without_day():
    field = DateParts(day_optional=True)
    assert field.clean(["", "April", "2015"]) == KnownDate(date(2015, 4, 1), DatePrecision.MONTH)
    assert field.clean(["7", "4", "2015"]) == KnownDate(date(2015, 4, 7), DatePrecision.DAY)


def test_redisplays_month_without_day():
    form = form_of("completed", DateParts(day_optional=True), initial=KnownDate(date(2015, 4, 1), DatePrecision.MONTH))
    assert [part["html"].count("value=") for part in form["completed"].parts] == [0, 1, 1]


def test_date_has_changed():
    form = form_of("due", DateParts(), {"due_day": "3", "due_month": "11", "due_year": "2026"}, date(2026, 11, 3))
    assert not form.has_changed()
    form = form_of("due", DateParts(), {"due_day": "4", "due_month": "11", "due_year": "2026"}, date(2026, 11, 3))
    assert form.has_changed()


# Ratings


@pytest.mark.parametrize(("posted", "rating"), [("1", Rating.IMPLEMENTED), ("4", Rating.NOT_DELIVERED), ("", None)])
def test_rating_choices(posted, rating):
    form = form_of("rating", RatingField(required=False), {"rating": posted})
    assert form.is_valid()
    assert form.cleaned_data["rating"] is rating


def test_rejects_fifth_rating():
    assert not form_of("rating", RatingField(required=False), {"rating": "5"}).is_valid()


def test_rating_text_needs_no_colour():
    html = as_html(form_of("rating", RatingField(required=False)))
    assert 'aria-hidden="true">★</span> On track' in html
    assert "Recommendation on track to be completed to the satisfaction of the committee." in html
    assert "To be assessed" in html
