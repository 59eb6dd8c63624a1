"""What a clerk types to change the responses to several recommendations at once."""

from django import forms
from django.db.models import Prefetch

from inquiries.govuk import DateParts, GovukForm, PersonField, Textarea, TextField
from inquiries.models import CabinetMember, Person


class CabinetMemberField(forms.ModelChoiceField):
    """Those who hold a portfolio on a day, by portfolio; as many as a Cabinet has."""

    default_error_messages = {"invalid_choice": "Choose one from the list"}

    def label_from_instance(self, person):
        return f"{'; '.join(seat.portfolio for seat in person.held)} ({person})"


class BulkChangeForm(GovukForm, forms.Form):
    lead_officer = PersonField(
        label="Lead officer", required=False, help_text="Leave it empty to keep the lead officers there are."
    )
    cabinet_member = CabinetMemberField(
        label="Portfolio",
        queryset=Person.objects.none(),
        required=False,
        empty_label="As it is",
        help_text="Who signs off the reports to come. In reports under way, sign-offs stay as they are.",
    )
    target_date = DateParts(label="New target date", required=False)
    reason = TextField(
        label="Why?",
        required=False,
        help_text="Needed for a new target date. It is kept in the history.",
        widget=Textarea(rows=3),
    )
    error_focus = "lead_officer"

    def __init__(self, data=None, *, today):
        super().__init__(data)
        seats = CabinetMember.objects.on(today)
        people = Person.objects.present().filter(pk__in=seats.values("person"))
        held = Prefetch("cabinet_seats", seats, to_attr="held")
        self.fields["cabinet_member"].queryset = people.by_name().prefetch_related(held)

    def clean(self):
        asked = self.cleaned_data
        if not self.errors and not self.values():
            raise forms.ValidationError("Enter what is to change: the lead officer, the portfolio or the target date")
        if asked.get("target_date") and not asked.get("reason"):
            self.add_error("reason", "Say why the target date changes")
        return asked

    def values(self):
        """What is to change, by the names of the action."""
        names = ("lead_officer", "cabinet_member", "target_date")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}
