"""What a clerk is asked when somebody leaves: who takes over."""

from django import forms

from inquiries.actions.people.leaving import WHO
from inquiries.forms.clerk.people import PeopleOfNames
from inquiries.govuk import GovukForm
from inquiries.models import CabinetMember, Person

LABELS = {
    "responses": "Who leads these responses from now on?",
    "contributions": "Who contributes to these updates?",
    "sign_offs": "Who signs these reports off?",
    "plans": "Which clerk answers for these publications?",
}
HINTS = {
    "contributions": "Leave it empty where the lead officer, or another contributor, writes alone.",
    "sign_offs": "Somebody who sits in Cabinet. Give the successor the portfolio first.",
}
NOT_OF_THE_KIND = {
    "sign_offs": "{} does not sit in Cabinet: choose who signs these reports off",
    "plans": "{} is no clerk: choose the clerk who answers for these publications",
}


class LeaverForm(GovukForm, forms.Form):
    """Who takes over, once for all or for each kind of work. `cleaned_data` is what `record_leaver` takes."""

    def __init__(self, data=None, *, person, work, today):
        super().__init__(data)
        self.kinds = work.kinds
        others = Person.objects.present().exclude(pk=person.pk).by_name()
        seats = CabinetMember.objects.on(today).values("person")
        choices = {"sign_offs": others.filter(pk__in=seats), "plans": others.clerks()}
        if len(self.kinds) > 1:
            self._ask("everything", "Who takes everything over?", others, "Or choose for each kind of work below.")
        for kind in self.kinds:
            self._ask(kind, LABELS[kind], choices.get(kind, others), HINTS.get(kind, ""))

    def clean(self):
        """The choice for each kind of work; where there is none, whoever takes everything over."""
        words = super().clean()
        everything = words.get("everything")
        chosen = {}
        for kind in self.kinds:
            if kind in self.errors:
                continue
            chosen[kind] = words.get(kind) or everything
            if not words.get(kind) and everything and everything not in self.fields[kind].queryset:
                self.add_error(kind, NOT_OF_THE_KIND[kind].format(everything))
            elif chosen[kind] is None and kind != "contributions" and "everything" not in self.errors:
                self.add_error(kind, WHO[kind])
        return chosen

    def _ask(self, name, label, people, hint):
        field = PeopleOfNames(label=label, required=False, help_text=hint, empty_label="Choose a person")
        if name == "contributions":
            field.empty_label = "Nobody: those who remain write alone"
        field.queryset = people
        self.fields[name] = field
