"""What a clerk is asked when somebody leaves: who takes over."""

from django import forms
from django.db.models import Exists, OuterRef

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


def _words_of(person):
    """Somebody in a list of those who may take over. Who cannot sign in, and is told nothing, is marked."""
    return person.title_and_name if person.email else f"{person.title_and_name} (no e-mail address)"


class LeaverForm(GovukForm, forms.Form):
    """Who takes over, once for all or for each kind of work. `cleaned_data` is what `record_leaver` takes."""

    def __init__(self, data=None, *, person, work, today):
        super().__init__(data)
        self.kinds = work.kinds
        in_cabinet = CabinetMember.objects.on(today).filter(person=OuterRef("pk"))
        others = Person.objects.present().exclude(pk=person.pk).by_name().annotate(is_in_cabinet=Exists(in_cabinet))
        choices = {"sign_offs": others.filter(is_in_cabinet=True), "plans": others.filter(is_clerk=True)}
        # Read once, whatever number of lists they stand in.
        known = list(others) if self.kinds else []
        shown = {
            "sign_offs": [other for other in known if other.is_in_cabinet],
            "plans": [other for other in known if other.is_clerk],
        }
        if len(self.kinds) > 1:
            hint = "Or choose for each kind of work below."
            self._ask("everything", "Who takes everything over?", others, known, hint)
        for kind in self.kinds:
            self._ask(kind, LABELS[kind], choices.get(kind, others), shown.get(kind, known), HINTS.get(kind, ""))
        self.others = {str(person.pk): person for person in known} if len(work.responses) > 1 else {}
        for response in work.responses if self.others else ():
            self.fields[f"response_{response.pk}"] = self._one(response)

    @property
    def for_all(self):
        """The fields that ask about a kind of work as a whole."""
        return [self[name] for name in ("everything", *self.kinds) if name in self.fields]

    @property
    def one_by_one(self):
        """The fields that ask about a single response."""
        return [self[name] for name in self.fields if name.startswith("response_")]

    @property
    def is_split(self):
        """Whether a single response goes to somebody else, or something is wrong there."""
        return any(field.value() or field.errors for field in self.one_by_one)

    def clean(self):
        """The choice for each kind of work; where there is none, whoever takes everything over."""
        words = super().clean()
        everything = words.get("everything")
        single = {name: self.others[words[name]] for name in words if name.startswith("response_") and words[name]}
        chosen = {"one_by_one": {int(name.partition("_")[2]): person for name, person in single.items()}}
        every_one = single and len(single) == len(self.one_by_one)
        for kind in self.kinds:
            if kind in self.errors:
                continue
            chosen[kind] = words.get(kind) or everything
            if not words.get(kind) and everything and everything not in self.fields[kind].queryset:
                self.add_error(kind, NOT_OF_THE_KIND[kind].format(everything))
            elif chosen[kind] is None and not (
                kind == "contributions" or (kind == "responses" and every_one) or "everything" in self.errors
            ):
                self.add_error(kind, WHO[kind])
        return chosen

    def _one(self, response):
        people = [(pk, _words_of(person)) for pk, person in self.others.items()]
        return forms.ChoiceField(
            label=f"{response.inquiry.title}: {response.numbers}",
            required=False,
            choices=[("", "As above"), *people],
            error_messages={"invalid_choice": "Choose somebody from the list"},
        )

    def _ask(self, name, label, people, shown, hint):
        field = PeopleOfNames(label=label, required=False, help_text=hint, empty_label="Choose a person")
        if name == "contributions":
            field.empty_label = "Nobody: those who remain write alone"
        field.queryset = people
        field.choices = [("", field.empty_label), *((person.pk, _words_of(person)) for person in shown)]
        self.fields[name] = field
