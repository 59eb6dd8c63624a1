"""What a clerk asks of the board."""

from django import forms

from inquiries.choices import BoardStep
from inquiries.govuk import GovukForm
from inquiries.models import Committee

WORST, MEETING = "", "meeting"


class BoardForm(GovukForm, forms.Form):
    committee = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose a committee from the list."}
    )
    step = forms.ChoiceField(
        label="Waiting for",
        required=False,
        choices=[("", "Everything"), *BoardStep.choices],
        error_messages={"invalid_choice": "Choose from the list."},
    )
    order = forms.ChoiceField(
        label="In order of",
        required=False,
        choices=[(WORST, "Deadline, worst first"), (MEETING, "Committee and meeting")],
        error_messages={"invalid_choice": "Choose an order from the list."},
    )

    def __init__(self, data):
        super().__init__(data)
        self.committees = {committee.slug: committee for committee in Committee.objects.all()}
        names = [(slug, committee.name) for slug, committee in self.committees.items()]
        self.fields["committee"].choices = [("", "Every committee"), *names]

    @property
    def committee_chosen(self):
        return self.committees.get(self.cleaned_data["committee"]) if self.is_valid() else None
