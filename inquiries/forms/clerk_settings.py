"""What a clerk settles for the council: when people are reminded, and how e-mails are worded."""

import re

from django import forms
from django.core.exceptions import ValidationError

from inquiries.emails import PLACEHOLDER, sample_values
from inquiries.forms.changes import ChangeForm
from inquiries.govuk import Textarea, TextField
from inquiries.models import CouncilSettings
from inquiries.models.council_settings import MOST_DAYS, MOST_NUMBERS
from inquiries.models.fields import LineFormField

LONGEST_OPENING = 1000
MOST_MONTHS = 120
NARROW = {"class": "govuk-input--width-10", "autocomplete": "off"}


class NumbersField(LineFormField):
    """Whole numbers separated by commas or spaces: cleans to a list without repetitions."""

    def __init__(self, *, unit, most, **kwargs):
        super().__init__(max_length=100, widget=forms.TextInput(attrs=NARROW), **kwargs)
        self.unit, self.most = unit, most

    def prepare_value(self, value):
        return ", ".join(str(number) for number in value) if isinstance(value, list | tuple) else value

    def clean(self, value):
        text = super().clean(value)
        parts = [part for part in re.split(r"[,;\s]+|\band\b", text) if part]
        if not all(part.isascii() and part.isdigit() for part in parts):
            raise ValidationError(f"Enter numbers of {self.unit} separated by commas, like 7, 1")
        if any(len(part) > 3 or not 1 <= int(part) <= self.most for part in parts):
            raise ValidationError(f"Enter numbers of {self.unit} from 1 to {self.most}")
        numbers = list(dict.fromkeys(int(part) for part in parts))
        if len(numbers) > MOST_NUMBERS:
            raise ValidationError(f"Enter at most {MOST_NUMBERS} numbers")
        return numbers

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != data


def days_field(label, **kwargs):
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": "Enter a whole number of days, or leave it empty for never",
            "min_value": f"Enter a number of days from 1 to {MOST_DAYS}, or leave it empty for never",
            "max_value": f"Enter a number of days from 1 to {MOST_DAYS}, or leave it empty for never",
        },
        **kwargs,
    )


def before_field():
    return NumbersField(
        label="How many days before the deadline",
        unit="days",
        most=MOST_DAYS,
        required=False,
        help_text="One or several numbers, like 7, 1. Leave it empty for none.",
    )


def on_the_day_field():
    return forms.BooleanField(label="Also on the day itself", required=False)


def after_field():
    return days_field(
        "How often once it is late, in days",
        help_text="The first one comes the day after the deadline. Leave it empty for none.",
    )


class SettingsForm(ChangeForm):
    report_months = NumbersField(
        label="How many months after Cabinet’s response",
        unit="months",
        most=MOST_MONTHS,
        help_text="With commas between them, such as 6, 12. Later reports follow at the same distance: 18, 24 ...",
        error_messages={"required": "Enter at least one number of months"},
    )
    update_days_before = before_field()
    update_on_the_day = on_the_day_field()
    update_days_after = after_field()
    update_escalate_after = days_field(
        "Days late when it is escalated",
        help_text="The officer’s director and the Cabinet Member are told once. Leave it empty for never.",
    )
    sign_off_days_before = before_field()
    sign_off_on_the_day = on_the_day_field()
    sign_off_days_after = after_field()
    sign_off_escalate_after = days_field(
        "Days late when it is escalated",
        help_text="The person recorded as the Cabinet Member’s director is told once. Leave it empty for never.",
    )
    response_days_before = before_field()
    response_on_the_day = on_the_day_field()
    response_days_after = after_field()

    def __init__(self, data=None, *, settings=None, **kwargs):
        settings = settings or CouncilSettings.current()
        super().__init__(data, recorded={name: getattr(settings, name) for name in self.base_fields}, **kwargs)

    def groups(self):
        """(heading, fields), as the page shows them."""
        return [
            ("Progress reports are due", [self["report_months"]]),
            *(
                (f"Reminders of {what}", [self[name] for name in self.fields if name.startswith(f"{kind}_")])
                for kind, what in (
                    ("update", "progress updates"),
                    ("sign_off", "sign-off"),
                    ("response", "Cabinet’s response, to clerks"),
                )
            ),
        ]


class WordingForm(ChangeForm):
    subject = LineFormField(label="Subject", max_length=150)
    opening = TextField(
        label="Opening",
        max_length=LONGEST_OPENING,
        widget=Textarea(rows=5, maximum=LONGEST_OPENING),
        help_text="What comes after “Dear ...”. The list of tasks, the dates and the link follow by themselves.",
    )

    def __init__(self, data=None, *, occasion, recorded, **kwargs):
        super().__init__(data, recorded=recorded, **kwargs)
        self.placeholders = {name: value for name, value in sample_values(occasion).items() if value}

    def clean_subject(self):
        return self.check_placeholders(self.cleaned_data["subject"])

    def clean_opening(self):
        text = self.check_placeholders(self.cleaned_data["opening"])
        if re.search(r"^- |\n\n", text, re.MULTILINE):
            raise ValidationError("Write one paragraph, without a list")
        return text

    def check_placeholders(self, text):
        known = ", ".join(f"{{{name}}}" for name in self.placeholders)
        for name in PLACEHOLDER.findall(text):
            if name not in self.placeholders:
                raise ValidationError(f"{{{name}}} is not known in this e-mail. You can use {known}.")
        if re.search("[{}]", PLACEHOLDER.sub("", text)):
            raise ValidationError(f"Use curly brackets only around one of these words: {known}.")
        return text
