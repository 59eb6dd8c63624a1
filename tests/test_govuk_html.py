"""Our fields against the HTML that GOV.UK Frontend itself gives for them."""

import json
from datetime import date
from pathlib import Path

import pytest
from crispy_forms.layout import Submit
from django import forms
from django.template.loader import render_to_string

from inquiries.govuk import Checkboxes, DateParts, Problem, Radios, Textarea
from tests.form_reading import as_html, form_of, tree

OFFICIAL = json.loads((Path(__file__).parent / "fixtures" / "govuk-frontend.json").read_text())
CHANGED_NAME = "Have you changed your name?"
CHANGED_NAME_HINT = "This includes changing your last name or spelling your name differently."
YES_NO = [("yes", "Yes"), ("no", "No")]
ON_CARD = "It’s on your National Insurance card, benefit letter, payslip or P60. For example, ‘QQ 12 34 56 C’."
IN_FOLDER = "Your photo may be in your Pictures, Photos, Downloads or Desktop folder. Or in an app like iPhoto."
ADDRESS = "221B Baker Street\nLondon\nNW1 6XE\n"
DETAIL = "Can you provide more detail?"
BORN, BORN_HINT = "What is your date of birth?", "For example, 31 3 1980"
NATIONALITIES = [("british", "British"), ("irish", "Irish"), ("other", "Citizen of another country")]
THREE = [(str(number), f"GOV.UK frontend option {number}") for number in (1, 2, 3)]


def required(words):
    return {"required": words}


CASES = [
    ("input", "default", "test-name", forms.CharField(label="National Insurance number"), None, None),
    (
        "input",
        "with hint text",
        "test-name-2",
        forms.CharField(label="National insurance number", help_text=ON_CARD),
        None,
        None,
    ),
    (
        "input",
        "with error message",
        "test-name-3",
        forms.CharField(
            label="National Insurance number",
            error_messages=required("Enter a National Insurance number in the correct format"),
        ),
        {},
        None,
    ),
    ("textarea", "default", "more-detail", forms.CharField(label=DETAIL, widget=Textarea()), None, None),
    (
        "textarea",
        "with hint and error message",
        "with-hint-error",
        forms.CharField(
            label="With hint and error",
            help_text="Hint",
            widget=Textarea(),
            error_messages=required("Error message"),
        ),
        {},
        None,
    ),
    (
        "textarea",
        "with default value",
        "address",
        forms.CharField(label="Full address", widget=Textarea()),
        None,
        ADDRESS,
    ),
    (
        "character-count",
        "default",
        "more-detail",
        forms.CharField(label=DETAIL, max_length=10, widget=Textarea(maximum=10)),
        None,
        None,
    ),
    (
        "character-count",
        "with hint",
        "with-hint",
        forms.CharField(
            label=DETAIL,
            help_text="Don't include personal or financial information, "
            "eg your National Insurance number or credit card details.",
            widget=Textarea(maximum=10),
        ),
        None,
        None,
    ),
    (
        "character-count",
        "with default value exceeding limit",
        "exceeding",
        forms.CharField(
            label="Full address",
            max_length=10,
            strip=False,
            widget=Textarea(maximum=10),
            error_messages={"max_length": "Please do not exceed the maximum allowed limit"},
        ),
        {"exceeding": ADDRESS},
        None,
    ),
    (
        "radios",
        "default",
        "example-default",
        forms.ChoiceField(label=CHANGED_NAME, choices=YES_NO, widget=Radios()),
        None,
        None,
    ),
    (
        "radios",
        "with hint",
        "example-with-hint",
        forms.ChoiceField(label=CHANGED_NAME, help_text=CHANGED_NAME_HINT, choices=YES_NO, widget=Radios()),
        None,
        None,
    ),
    (
        "radios",
        "inline",
        "example",
        forms.ChoiceField(label=CHANGED_NAME, help_text=CHANGED_NAME_HINT, choices=YES_NO, widget=Radios(inline=True)),
        None,
        "no",
    ),
    (
        "radios",
        "with hint and error message",
        "example-error-message-hint",
        forms.ChoiceField(
            label=CHANGED_NAME,
            help_text=CHANGED_NAME_HINT,
            choices=YES_NO,
            widget=Radios(),
            error_messages=required("Please select an option"),
        ),
        {},
        None,
    ),
    (
        "radios",
        "with hints on parent and items",
        "example-multiple-hints",
        forms.ChoiceField(
            label=CHANGED_NAME,
            help_text=CHANGED_NAME_HINT,
            choices=YES_NO,
            widget=Radios(hints={"yes": "Hint for yes option here", "no": "Hint for no option here"}),
        ),
        None,
        None,
    ),
    (
        "checkboxes",
        "default",
        "nationality",
        forms.MultipleChoiceField(label="What is your nationality?", choices=NATIONALITIES, widget=Checkboxes()),
        None,
        None,
    ),
    (
        "checkboxes",
        "with error message and hint",
        "example",
        forms.MultipleChoiceField(
            label="What is your nationality?",
            help_text="If you have dual nationality, select all options that are relevant to you.",
            choices=NATIONALITIES[:2],
            widget=Checkboxes(),
            error_messages=required("Please select an option"),
        ),
        {},
        None,
    ),
    (
        "checkboxes",
        "small",
        "nationality",
        forms.MultipleChoiceField(
            label="Filter by",
            choices=[("a", "a thing"), ("b", "another thing"), ("c", "this thing")],
            widget=Checkboxes(small=True),
        ),
        None,
        None,
    ),
    (
        "select",
        "with hint text and error message",
        "select-2",
        forms.ChoiceField(
            label="Label text goes here",
            help_text="Hint text goes here",
            choices=THREE,
            error_messages=required("Error message goes here"),
        ),
        {},
        None,
    ),
    ("file-upload", "default", "file-upload-1", forms.FileField(label="Upload a file"), None, None),
    (
        "file-upload",
        "with hint text",
        "file-upload-2",
        forms.FileField(label="Upload your photo", help_text=IN_FOLDER),
        None,
        None,
    ),
    (
        "file-upload",
        "with error message and hint",
        "file-upload-3",
        forms.FileField(
            label="Upload a file",
            help_text=IN_FOLDER,
            error_messages=required("Error message goes here"),
        ),
        {},
        None,
    ),
    ("date-input", "default", "dob", DateParts(label=BORN, help_text=BORN_HINT), None, None),
    ("date-input", "with values", "dob", DateParts(label=BORN, help_text=BORN_HINT), None, date(1980, 3, 31)),
    (
        "date-input",
        "with error message and hint",
        "dob",
        DateParts(label=BORN, help_text=BORN_HINT, error_messages=required("Error message goes here")),
        {},
        None,
    ),
]


@pytest.mark.parametrize(
    ("component", "name", "field_name", "field", "data", "initial"),
    CASES,
    ids=[f"{component}: {name}" for component, name, *_ in CASES],
)
def test_field_matches_design_system(component, name, field_name, field, data, initial):
    without = ("name",) if component == "date-input" else ()
    form = form_of(field_name, field, data, initial)
    assert tree(as_html(form), without) == tree(OFFICIAL[component][name], without)


def test_marks_only_wrong_part_of_date():
    form = form_of("dob", DateParts(label=BORN, help_text=BORN_HINT), {"dob_month": "3", "dob_year": "1980"})
    ours = as_html(form).replace("The date must include a day", "Error message goes here")
    ours = ours.replace(' value="3"', "").replace(' value="1980"', "")
    assert tree(ours, ("name",)) == tree(OFFICIAL["date-input"]["with error on day input"], ("name",))


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        (
            "default",
            [
                Problem("The date your passport was issued must be in the past", "#example-error-1"),
                Problem("Enter a postcode, like AA1 1AA", "#example-error-2"),
            ],
        ),
        (
            "mixed with and without links",
            [
                Problem("Invalid username or password", ""),
                Problem("Agree to the terms of service to log in", "#example-error-1"),
            ],
        ),
    ],
)
def test_error_summary_matches_design_system(name, problems):
    html = render_to_string("components/error_summary.html", {"error_list": problems})
    assert tree(html) == tree(OFFICIAL["error-summary"][name])


@pytest.mark.parametrize(
    ("name", "words", "css_class"),
    [
        ("default", "Save and continue", ""),
        ("secondary", "Secondary button", "secondary"),
        ("warning", "Warning button", "warning"),
    ],
)
def test_buttons_are_the_design_systems(name, words, css_class):
    html = render_to_string("govuk/layout/baseinput.html", {"input": Submit("save", words, css_class=css_class)})
    assert tree(html, ("name", "value")) == tree(OFFICIAL["button"][name], ("name", "value"))
