"""Our quick way to write widgets says what Django's templates say, whatever the values."""

from datetime import date

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from scrutiny.form_renderer import FormRenderer

HOSTILE = "\"><script>alert('1')</script> & é"
CHOICES = [("", "None"), ("a", HOSTILE), (3, mark_safe("<b>three</b>"))]
GROUPED = [("Group", [("a", "A")]), ("b", "B")]
WIDGETS = [
    forms.TextInput(),
    forms.TextInput(attrs={"class": HOSTILE, "data-n": 5, "disabled": True, "autofocus": False, "x": None}),
    *(kind() for kind in (forms.NumberInput, forms.EmailInput, forms.URLInput, forms.HiddenInput, forms.DateInput)),
    *(kind() for kind in (forms.PasswordInput, forms.FileInput, forms.ClearableFileInput, forms.CheckboxInput)),
    *(kind() for kind in (forms.Textarea, forms.SplitDateTimeWidget, forms.TimeInput)),
    *(forms.Select(choices=choices) for choices in (CHOICES, GROUPED, [])),
    *(kind(choices=CHOICES) for kind in (forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple)),
    forms.NullBooleanSelect(),
]


@pytest.mark.parametrize("value", [None, "", "a", HOSTILE, 3, True, ["a", "3"], date(2026, 11, 10), mark_safe("<i>")])
@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
def test_widgets_are_those_of_django(widget, value):
    if isinstance(value, list) and not getattr(widget, "allow_multiple_selected", False):
        value = None
    if isinstance(widget, forms.SplitDateTimeWidget):
        value = None
    attrs = {"id": "id_it", "aria-describedby": HOSTILE}
    ours, theirs = (widget.render("it", value, attrs, renderer) for renderer in (FormRenderer(), DjangoTemplates()))
    assert ours == theirs


def test_single_radios_are_those_of_django():
    for widget in (forms.RadioSelect(choices=CHOICES), forms.CheckboxSelectMultiple(choices=CHOICES)):
        for ours, theirs in zip(
            *(
                [str(field["it"][n].tag()) for n in range(3)]
                for field in (form_with(widget, renderer) for renderer in (FormRenderer(), DjangoTemplates()))
            ),
            strict=True,
        ):
            assert ours == theirs


def form_with(widget, renderer):
    kind = type("Form", (forms.Form,), {"it": forms.CharField(widget=widget)})
    return kind(initial={"it": "a"}, renderer=renderer)
