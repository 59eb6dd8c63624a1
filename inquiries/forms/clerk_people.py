"""What a clerk types about people: who is looked for, invited, changed, and whose two records are one."""

from django import forms
from django.db.models import Exists, OuterRef

from inquiries.actions.people import likely_duplicates
from inquiries.choices import SeatRole
from inquiries.forms.changes import ChangeForm
from inquiries.forms.public import LONGEST_QUESTION, QuestionInput
from inquiries.govuk import DateParts, GovukForm, PersonField, Radios, label_of_match
from inquiries.models import CabinetMember, Committee, Membership, Person, Response
from inquiries.models.fields import LineFormField
from inquiries.text import fold_name

ANYBODY_ELSE = "new"
LONGEST_NAME = Person._meta.get_field("name").max_length
LONGEST_PORTFOLIO = CabinetMember._meta.get_field("portfolio").max_length
STATES = {
    "no-email": {"email__isnull": True},
    "waiting": {"email__isnull": False, "invited_at__isnull": False, "last_login__isnull": True},
}
NO_AUTOFILL = {"autocomplete": "off"}


class SuccessorChoiceField(forms.ModelChoiceField):
    default_error_messages = {"invalid_choice": "Choose a person from the list"}

    def __init__(self, **kwargs):
        super().__init__(required=False, empty_label="Choose a person", **kwargs)

    def label_from_instance(self, person):
        return label_of_match(person)


class PeopleSearch(GovukForm, forms.Form):
    q = LineFormField(
        label="Search people",
        required=False,
        max_length=LONGEST_QUESTION,
        widget=QuestionInput(attrs={"type": "search"}),
        help_text="Name, e-mail address, job title or organisation.",
        error_messages={"max_length": f"Search for at most {LONGEST_QUESTION} characters"},
    )
    role = forms.ChoiceField(required=False, error_messages={"invalid_choice": "Choose a role from the list"})
    state = forms.ChoiceField(
        label="Who",
        required=False,
        choices=(
            ("", "Current people"),
            ("no-email", "Without an e-mail address"),
            ("waiting", "Invited, not yet signed in"),
            ("left", "Those who have left"),
        ),
        error_messages={"invalid_choice": "Choose from the list who is to be shown"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        committees = [(f"committee-{pk}", f"On the {name}") for pk, name in Committee.objects.values_list("pk", "name")]
        self.fields["role"].choices = [
            ("", "Any, or none"),
            ("clerk", "Clerks"),
            ("cabinet", "Cabinet Members"),
            ("lead", "Lead officers"),
            *committees,
        ]

    def found(self, today):
        if not self.is_valid():
            return Person.objects.none()
        asked = self.cleaned_data
        # A record that was merged into another is no person of its own.
        found = Person.objects.filter(merged_at__isnull=True).matching(asked["q"], with_email=True)
        found = found.filter(is_active=asked["state"] != "left", **STATES.get(asked["state"], {}))
        return filter_by_role(found, asked["role"], today).by_name()


def filter_by_role(people, role, today):
    if role == "clerk":
        return people.filter(is_clerk=True)
    if role == "cabinet":
        return people.filter(Exists(CabinetMember.objects.on(today).filter(person=OuterRef("pk"))))
    if role == "lead":
        return people.filter(Exists(Response.objects.open().filter(lead_officer=OuterRef("pk"))))
    if role:
        seats = Membership.objects.on(today).filter(person=OuterRef("pk"), committee=role.partition("-")[2])
        return people.filter(Exists(seats))
    return people


def person_field(name, **options):
    """The field of a form for one of the model, with its label, help text and length."""
    return Person._meta.get_field(name).formfield(**options)


class PersonForm(ChangeForm):
    name = person_field(
        "name", help_text="As it is printed: Councillor Ruth Adeyemi, say.", widget=forms.TextInput(attrs=NO_AUTOFILL)
    )
    email = person_field(
        "email",
        widget=forms.EmailInput(attrs=NO_AUTOFILL | {"spellcheck": "false"}),
        error_messages={"invalid": "Enter an e-mail address like name@example.org"},
    )
    job_title = person_field("job_title", widget=forms.TextInput(attrs=NO_AUTOFILL))
    organisation = person_field("organisation", widget=forms.TextInput(attrs=NO_AUTOFILL))
    is_clerk = person_field(
        "is_clerk",
        help_text="Scrutiny officers: they record inquiries, ask for updates, publish, and keep these records.",
    )

    director = PersonField(
        label="Director", required=False, help_text="Who is told when this person’s progress updates are late."
    )

    def __init__(self, data=None, *, person=None, **kwargs):
        if person is not None:
            kwargs["recorded"] = {name: getattr(person, name) for name in PersonForm.base_fields}
        super().__init__(data, **kwargs)
        if person is not None and person.director:
            self.fields["director"].known = {str(person.director_id): person.director}


class InviteForm(PersonForm):
    director = None  # type: ignore[assignment]
    committee = forms.ModelChoiceField(
        label="Committee",
        queryset=Committee.objects.all(),
        required=False,
        empty_label="None",
        error_messages={"invalid_choice": "Choose the committee from the list"},
    )
    role = forms.ChoiceField(label="As", required=False, choices=SeatRole.choices, initial=SeatRole.MEMBER)
    from_date = DateParts(label="First day on the committee", required=False)
    until_date = DateParts(label="Last day", required=False, help_text="Leave it empty where none is known.")
    portfolio = LineFormField(
        label="Portfolio in Cabinet",
        required=False,
        max_length=LONGEST_PORTFOLIO,
        help_text="For a Cabinet Member: Communities, say.",
    )
    portfolio_from = DateParts(label="First day with the portfolio", required=False)
    of_seat = ("committee", "role", "from_date", "until_date")

    def __init__(self, data=None, *, today):
        super().__init__(data, initial={"from_date": today, "portfolio_from": today, "role": SeatRole.MEMBER})
        # PostgreSQL takes no NUL; the field itself refuses it below.
        name = (data.get("name", "") if data is not None else "").replace("\0", "")
        self.doubles = likely_duplicates(name[:LONGEST_NAME])
        if self.doubles:
            self.fields["same_as"] = self.same_person_field()

    @property
    def on_record(self):
        return [person for person in self.doubles if person.email]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("committee") and cleaned.get("from_date") is None and "from_date" not in self.errors:
            self.add_error("from_date", "Enter the first day on the committee")
        if cleaned.get("portfolio") and cleaned.get("portfolio_from") is None and "portfolio_from" not in self.errors:
            self.add_error("portfolio_from", "Enter the first day with the portfolio")
        same_as = cleaned.get("same_as", ANYBODY_ELSE)
        found = {name: cleaned.get(name, "") for name in ("name", "email", "job_title", "organisation")}
        seats = [{name: cleaned.get(name) for name in self.of_seat}] if cleaned.get("committee") else []
        if cleaned.get("portfolio"):
            seats.append({"portfolio": cleaned["portfolio"], "from_date": cleaned.get("portfolio_from")})
        return found | {
            "is_clerk": cleaned.get("is_clerk", False),
            "seats": seats,
            "completes": next((person for person in self.doubles if str(person.pk) == same_as), None),
        }

    def same_person_field(self):
        without = [person for person in self.doubles if not person.email]
        choices = [(str(p.pk), f"Yes: complete the record of {p.title_and_name}") for p in without]
        hints = {str(person.pk): "On record without an e-mail address." for person in without}
        return forms.ChoiceField(
            label="Is this person already recorded?",
            choices=[*choices, (ANYBODY_ELSE, "No, this is someone else")],
            widget=Radios(hints=hints),
            error_messages={
                "required": f"There is already {describe_record(self.doubles[0])}. Say whether this is the same person",
                "invalid_choice": "Say whether this is the same person",
            },
        )


def describe_record(person):
    return f"a record of {person.name}" + ("" if person.email else ", without an e-mail address")


class MergeForm(GovukForm, forms.Form):
    into = PersonField(
        label="Who is it really?",
        help_text="The record that stays. Type part of the name.",
        error_messages={"required": "Choose the record that stays"},
    )

    def __init__(self, data=None, *, person, **kwargs):
        super().__init__(data, **kwargs)
        self.fields["into"].people = Person.objects.present().exclude(pk=person.pk)


class TermForm(ChangeForm):
    from_date = DateParts(label="First day", error_messages={"required": "Enter the first day"})
    until_date = DateParts(label="Last day", required=False, help_text="Leave it empty where none is known.")

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("from_date"), cleaned.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", "The last day is before the first")
        return cleaned


class ChangeSeatForm(TermForm):
    role = forms.ChoiceField(
        label="As",
        choices=SeatRole.choices,
        widget=Radios(small=True),
        error_messages={name: "Choose the role" for name in ("required", "invalid_choice")},
    )
    field_order = ("committee", "role", "from_date", "until_date")

    def __init__(self, data=None, *, seat=None, **kwargs):
        if seat is not None:
            kwargs["recorded"] = {name: getattr(seat, name) for name in ("role", "from_date", "until_date")}
        super().__init__(data, **kwargs)


class GiveSeatForm(ChangeSeatForm):
    committee = forms.ModelChoiceField(
        label="Committee",
        queryset=Committee.objects.all(),
        empty_label="Choose a committee",
        error_messages={"invalid_choice": "Choose the committee from the list"},
    )

    def __init__(self, data=None, *, today):
        super().__init__(data, initial={"role": SeatRole.MEMBER, "from_date": today})


class PortfolioForm(TermForm):
    portfolio = LineFormField(
        label="Portfolio", max_length=LONGEST_PORTFOLIO, help_text="Communities, say: “Cabinet Member for” is added."
    )
    field_order = ("portfolio", "from_date", "until_date")

    def __init__(self, data=None, *, seat=None, today=None):
        if seat is None:
            super().__init__(data, initial={"from_date": today})
        else:
            names = ("portfolio", "from_date", "until_date")
            super().__init__(data, recorded={name: getattr(seat, name) for name in names})


class EndForm(ChangeForm):
    until_date = DateParts(
        label="Last day",
        help_text="The seat is still held on that day. It stays on record.",
        error_messages={"required": "Enter the last day"},
    )

    def __init__(self, data=None, *, seat, today):
        super().__init__(data, recorded={"until_date": seat.until_date}, initial={"until_date": today})


LABELS = {
    "responses": "Who leads these responses from now on?",
    "contributions": "Who contributes to these updates?",
    "sign_offs": "Who signs these reports off?",
    "plans": "Which clerk answers for these publications?",
    "officer_reports": "Who writes these officer reports?",
    "report_signatures": "Who signs these officer reports off?",
    "actions": "Who does what the committee asked for?",
}
HINTS = {
    "responses": "Type part of the name.",
    "actions": "Type part of the name.",
    "contributions": (
        "Type part of the name. Leave it empty where the lead officer, or another contributor, writes alone."
    ),
    "sign_offs": "A member of Cabinet. Give the successor the portfolio first.",
    "officer_reports": "Type part of the name.",
    "report_signatures": "Type part of the name. Give a new Cabinet Member the portfolio first.",
}


class LeaverForm(GovukForm, forms.Form):
    def __init__(self, data=None, *, person, work, today):
        super().__init__(data)
        self.kinds = work.kinds
        self.people = Person.objects.present().exclude(pk=person.pk)
        if len(self.kinds) > 1:
            self.add_person_field(
                "everything",
                "Who takes everything over?",
                "Type part of the name. Or choose for each kind of work below.",
            )
        # Few people can sign, or answer for a publication: they are listed.
        in_cabinet = CabinetMember.objects.on(today).values("person")
        listed = {"sign_offs": self.people.filter(pk__in=in_cabinet), "plans": self.people.filter(is_clerk=True)}
        for kind in self.kinds:
            if kind in listed:
                self.fields[kind] = SuccessorChoiceField(
                    queryset=listed[kind].by_name(), label=LABELS[kind], help_text=HINTS.get(kind, "")
                )
            else:
                self.add_person_field(kind, LABELS[kind], HINTS[kind])
        # A field for those alone that are filled in: the page prints the others, a hundred perhaps, by itself.
        self.responses = work.responses if len(work.responses) > 1 else []
        for name, label in self.response_labels:
            if self.data.get(name, "").strip():
                self.add_person_field(name, label)

    def add_person_field(self, name, label, hint=""):
        self.fields[name] = PersonField(label=label, required=False, people=self.people, help_text=hint)

    @property
    def for_all(self):
        return [self[name] for name in ("everything", *self.kinds) if name in self.fields]

    @property
    def response_labels(self):
        return [(f"response_{one.pk}", f"{one.inquiry.title}: {one.numbers}") for one in self.responses]

    @property
    def one_by_one(self):
        """(name, label, its field where it is filled in) of each response."""
        return [(name, label, self[name] if name in self.fields else None) for name, label in self.response_labels]

    @property
    def is_split(self):
        return any(name.startswith("response_") for name in self.fields)

    def clean(self):
        cleaned = super().clean()
        everything = cleaned.get("everything")
        single = {name: person for name, person in cleaned.items() if name.startswith("response_") and person}
        one_by_one = {int(name.partition("_")[2]): person for name, person in single.items()}
        return {kind: cleaned.get(kind) or everything for kind in self.kinds} | {"one_by_one": one_by_one}


class EraseForm(GovukForm, forms.Form):
    error_focus = "name"

    name = LineFormField(
        label="Type the person's name to erase their data",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the person's name"},
    )

    def __init__(self, data=None, *, person):
        self.person = person
        super().__init__(data)

    def clean_name(self):
        typed = self.cleaned_data["name"]
        if fold_name(typed) != fold_name(self.person.name):
            raise forms.ValidationError(f"This is not the name on the record. It is {self.person.name}")
        return typed
