"""The forms of the admin: each knows the action that records what was typed."""

import re

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from inquiries import rules
from inquiries.actions import meetings, people
from inquiries.actions.inquiries import add_recommendation, save_inquiry
from inquiries.actions.records import FieldsChanged, mark_of, save_record
from inquiries.actions.responses import CORRECTABLE, correct_response, record_response, regroup_response
from inquiries.forms.changes import REPLACE, describe_change
from inquiries.forms.clerk_record import answered
from inquiries.govuk import add_errors
from inquiries.models import Membership, Person, Recommendation, Response
from inquiries.rules import Refused

MOST_NEW_ROWS = 50


class NotSaved(Exception):
    """What was typed could not be recorded. `prefix` is that of the form it was typed in, `error` says why."""

    def __init__(self, prefix, error):
        super().__init__(str(error))
        self.prefix = prefix
        self.error = error


class RecordFile(forms.FileField):
    """A file whose name, as it was recorded when the form was opened, travels with the form."""

    def to_python(self, data):
        return data if isinstance(data, str) else super().to_python(data)


class RecordForm(forms.ModelForm):
    """A form whose `record` performs the action. A refused action comes back in `refused`, to be shown here.

    What was recorded when it was opened travels with it, as Django's hidden initial values.
    """

    refused = None
    # Where the action's name is not that of a field: the field beside which a change by other people is shown.
    shown_beside: dict[str, str] = {}
    # In a table labels are the headings of columns, so each field says its own.
    in_table = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for key, field in self.fields.items():
            was_sent = self.add_initial_prefix(key) in self.data
            field.show_hidden_initial = self.instance.pk is not None and (was_sent or not self.is_bound)
            name = capfirst(field.label or "")
            if isinstance(choice := getattr(field.widget, "widget", field.widget), RecordSelect):
                choice.known = self.instance._state.fields_cache.get(key)
            if isinstance(field.widget, forms.SplitDateTimeWidget):
                for part, widget in zip(("date", "time"), field.widget.widgets, strict=True):
                    widget.attrs["aria-label"] = f"{name}: {part}"
            elif self.in_table:
                # The admin wraps a choice of another record, and the wrapper shares its attributes with all rows.
                widget = getattr(field.widget, "widget", field.widget)
                widget.attrs = {**widget.attrs, "aria-label": name}

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = value.replace("\r\n", "\n")
        if self.refused is not None and self.refused.prefix == self.prefix:
            if isinstance(self.refused.error, FieldsChanged):
                self.show_changes(self.refused.error)
            else:
                add_errors(self, self.refused.error)
        return cleaned

    def show_changes(self, clash):
        """As `ChangeForm.show_changes`."""
        self.data = self.data.copy()
        for name, value in clash.saved.items():
            beside = self.shown_beside.get(name, name)
            field, recorded = self.fields[beside], self.fields[beside].prepare_value(value)
            self.add_error(beside, f"{describe_change(clash.record, name, value, field)} {REPLACE}")
            self.data[self.add_initial_prefix(beside)] = "" if recorded is None else str(recorded)

    @property
    def based_on(self):
        """Marks of what was recorded when the form was opened, by field, for `merge_values`."""
        marks = {}
        for name, field in self.fields.items():
            if field.disabled:
                continue
            sent = self.data.get(self.add_initial_prefix(name), "")
            try:
                value = sent if isinstance(field, forms.ModelChoiceField) else field.to_python(sent)
                marks[name] = mark_of(value) if field.show_hidden_initial else ""
            except ValidationError:
                # No page of the admin sends that: the mark of nothing.
                marks[name] = ""
        return marks if any(marks.values()) else None

    def record(self, *, by, now):
        # Once more, because rows saved a moment ago may rule this one out.
        self.instance.validate_constraints()
        return save_record(self.instance, by=by, now=now, based_on=self.based_on)

    def attempt(self, *, by, now):
        """`record`, but whatever speaks against it is raised as NotSaved."""
        try:
            return self.record(by=by, now=now)
        except (Refused, ValidationError, FieldsChanged) as error:
            raise NotSaved(self.prefix, error) from error

    def copy_saved(self, record):
        # The admin goes on with the instance of the form, the action made its own.
        self.instance.pk = record.pk
        self.instance._state.adding = False
        return record


class RecordSelect(AutocompleteSelect):
    """Looks for no record whose key is no number, which the database would refuse to do.

    Nor for `known`, the record that a row was fetched with: a list of rows would ask once for each.
    """

    known = None

    def optgroups(self, name, value, attr=None):
        chosen = [key for key in value if re.fullmatch("[0-9]{1,18}", str(key))]
        if self.known is not None and chosen == [str(self.known.pk)]:
            # As Django has it: the empty choice comes first where there may be none.
            options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
            options.append(self.create_option(name, self.known.pk, str(self.known), True, len(options)))
            return [(None, options, 0)]
        return super().optgroups(name, chosen, attr)


class RecordFormSet(forms.BaseInlineFormSet):
    """Rows of records; the box that deletes one says so by itself."""

    def total_form_count(self):
        # How many there are is for whoever sends the form to say; each row takes time to show.
        if not self.is_bound:
            return super().total_form_count()
        return min(super().total_form_count(), len(self.get_queryset()) + MOST_NEW_ROWS)

    def initial_form_count(self):
        return max(0, min(super().initial_form_count(), len(self.get_queryset())))

    def clean(self):
        super().clean()
        if self.management_form.cleaned_data["TOTAL_FORMS"] > self.total_form_count():
            raise ValidationError(f"Add at most {MOST_NEW_ROWS} rows at a time.")

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = "Delete"


class PersonForm(RecordForm):
    """How a person is printed. What lets them sign in is changed on the clerk's pages."""

    class Meta:
        model = Person
        fields = ["name", "job_title", "organisation"]

    def record(self, *, by, now):
        if self.instance.pk is None:
            self.instance.set_unusable_password()
        return super().record(by=by, now=now)


class SeatForm(RecordForm):
    of_seat: tuple[str, ...] = ("role", "from_date", "until_date")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields["person"].disabled = True

    def record(self, *, by, now):
        values = {name: self.cleaned_data[name] for name in self.of_seat}
        if self.instance.pk is not None:
            return people.change_seat(self.instance, **values, based_on=self.based_on, by=by, now=now)
        if isinstance(self.instance, Membership):
            values["committee"] = self.instance.committee
        return self.copy_saved(people.give_seat(self.cleaned_data["person"], **values, by=by, now=now))


class HolidayForm(RecordForm):
    def record(self, *, by, now):
        return meetings.save_holiday(self.instance, by=by, now=now, based_on=self.based_on)


class PortfolioForm(SeatForm):
    of_seat = ("portfolio", "from_date", "until_date")


class InquiryForm(RecordForm):
    def record(self, *, by, now):
        self.instance.validate_constraints()
        return save_inquiry(self.instance, by=by, now=now, based_on=self.based_on)


class RecommendationForm(RecordForm):
    class Meta:
        model = Recommendation
        fields = ["reference", "text", "reference_given"]
        widgets = {
            "reference": forms.TextInput(attrs={"size": 8}),
            "text": forms.Textarea(attrs={"rows": 4, "cols": 60}),
        }

    def record(self, *, by, now):
        return self.copy_saved(
            add_recommendation(
                self.instance.inquiry,
                reference=self.instance.reference,
                text=self.instance.text,
                reference_given=self.instance.reference_given,
                by=by,
                now=now,
            )
        )


class RecommendationFormSet(RecordFormSet):
    """The recommendations of an inquiry, of which no two have the same number."""

    def clean(self):
        super().clean()
        # Those that are there are no part of the form.
        taken = set(Recommendation.objects.filter(inquiry=self.instance.pk).values_list("reference_key", flat=True))
        for form in self.extra_forms:
            reference = getattr(form, "cleaned_data", {}).get("reference")
            if not reference:
                continue
            key = rules.natural_key(reference)
            if key in taken:
                form.add_error("reference", f"This inquiry already has a recommendation {reference}.")
            taken.add(key)


class ResponseForm(RecordForm):
    answers = forms.CharField(
        label="Answers recommendations",
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Their numbers, with commas between them: 1a, 1b. Answered together they are one row of a report.",
    )

    class Meta:
        model = Response
        fields = [
            "inquiry",
            "decision",
            "text",
            "reason",
            "responding_body",
            "responded_on",
            "lead_officer",
            "cabinet_member",
            "target_date",
        ]

    def record(self, *, by, now):
        inquiry = self.instance.inquiry
        values = {field: self.cleaned_data[field] for field in (*CORRECTABLE, "target_date")}
        recommendations = answered(inquiry.recommendations.in_order(), self.cleaned_data["answers"])
        return self.copy_saved(record_response(inquiry, recommendations=recommendations, by=by, now=now, **values))


class ResponseCorrectionForm(ResponseForm):
    """A recorded response. Once progress has been asked for, its decision and its recommendations are fixed."""

    shown_beside = {"recommendations": "answers"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["answers"] = ", ".join(
            self.instance.recommendations.order_by("reference_key").values_list("reference", flat=True)
        )
        if self.instance.updates.exists():
            for name in ("answers", "decision"):
                self.fields[name].disabled = True
                self.fields[name].help_text = "This cannot be changed: progress on it has already been asked for."

    def record(self, *, by, now):
        values, based_on = {field: self.cleaned_data[field] for field in CORRECTABLE}, self.based_on
        if "answers" in self.changed_data:
            wanted = answered(self.instance.inquiry.recommendations.in_order(), self.cleaned_data["answers"])
            marks = {"recommendations": based_on["answers"]} if based_on and "answers" in based_on else None
            regroup_response(self.instance, recommendations=wanted, based_on=marks, by=by, now=now)
        return correct_response(self.instance, by=by, now=now, based_on=based_on, **values)
