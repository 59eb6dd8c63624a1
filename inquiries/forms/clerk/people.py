"""What a clerk types about people: who is looked for, invited, changed, and whose two records are one."""

from django import forms
from django.db.models import Exists, OuterRef, Q

from inquiries.actions.people import likely_doubles
from inquiries.choices import SeatRole
from inquiries.forms.public import LONGEST_QUESTION, QuestionInput
from inquiries.govuk import DateParts, GovukForm, Radios
from inquiries.models import CabinetMember, Committee, Membership, Person, Response

ANYBODY_ELSE = "new"
LONGEST_NAME = Person._meta.get_field("name").max_length
LONGEST_PORTFOLIO = CabinetMember._meta.get_field("portfolio").max_length
NO_AUTOFILL = {"autocomplete": "off"}


class PeopleOfNames(forms.ModelChoiceField):
    """One of some people, each with the job title."""

    def __init__(self, **kwargs):
        super().__init__(queryset=Person.objects.none(), **kwargs)
        self.error_messages["invalid_choice"] = "Choose somebody from the list"

    def label_from_instance(self, person):
        return person.title_and_name


class PeopleSearch(GovukForm, forms.Form):
    """Search and filters over people; `found(today)` is what was asked for."""

    q = forms.CharField(
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
            ("", "Everybody present"),
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
        """The people asked for, by name; none where the question cannot be understood."""
        if not self.is_valid():
            return Person.objects.none()
        asked = self.cleaned_data
        # A record that was merged into another is no person of its own.
        found = _in_state(Person.objects.filter(merged_at__isnull=True), asked["state"])
        for word in asked["q"].split():
            found = found.filter(
                Q(name__icontains=word)
                | Q(email__icontains=word)
                | Q(job_title__icontains=word)
                | Q(organisation__icontains=word)
            )
        return _with_role(found, asked["role"], today).by_name()


def _in_state(people, state):
    if state == "left":
        return people.filter(is_active=False)
    people = people.filter(is_active=True)
    if state == "no-email":
        return people.filter(email__isnull=True)
    if state == "waiting":
        return people.filter(email__isnull=False, invited_at__isnull=False, last_login__isnull=True)
    return people


def _with_role(people, role, today):
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


class PersonForm(GovukForm, forms.Form):
    """A person's record. `cleaned_data` is what `actions.people.change_person` takes."""

    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        help_text="As it is printed: Councillor Ruth Adeyemi, say.",
        widget=forms.TextInput(attrs=NO_AUTOFILL),
    )
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        max_length=Person._meta.get_field("email").max_length,
        help_text="Codes for signing in are sent here. Leave it empty for somebody who never signs in.",
        widget=forms.EmailInput(attrs=NO_AUTOFILL | {"spellcheck": "false"}),
        error_messages={"invalid": "Enter an e-mail address like name@example.org"},
    )
    job_title = forms.CharField(
        label="Job title",
        required=False,
        max_length=Person._meta.get_field("job_title").max_length,
        help_text="As it is printed after the name.",
        widget=forms.TextInput(attrs=NO_AUTOFILL),
    )
    organisation = forms.CharField(
        label="Organisation",
        required=False,
        max_length=Person._meta.get_field("organisation").max_length,
        help_text="Where it is not the council itself.",
        widget=forms.TextInput(attrs=NO_AUTOFILL),
    )
    is_clerk = forms.BooleanField(
        label="Clerk",
        required=False,
        help_text="Scrutiny officers: they record inquiries, ask for updates, publish, and keep these records.",
    )

    def __init__(self, data=None, *, person=None, **kwargs):
        if person is not None:
            kwargs["initial"] = {name: getattr(person, name) for name in PersonForm.base_fields}
        super().__init__(data, **kwargs)


class InviteForm(PersonForm):
    """A new person, with a seat or a portfolio at once. `cleaned_data` is what `actions.people.invite` takes."""

    committee = forms.ModelChoiceField(
        label="Committee",
        queryset=Committee.objects.none(),
        required=False,
        empty_label="None",
        error_messages={"invalid_choice": "Choose the committee from the list"},
    )
    role = forms.ChoiceField(label="As", required=False, choices=SeatRole.choices, initial=SeatRole.MEMBER)
    from_date = DateParts(label="First day on the committee", required=False)
    until_date = DateParts(label="Last day", required=False, help_text="Leave it empty where none is known.")
    portfolio = forms.CharField(
        label="Portfolio in Cabinet",
        required=False,
        max_length=LONGEST_PORTFOLIO,
        help_text="For a Cabinet Member: Communities, say.",
    )
    portfolio_from = DateParts(label="First day with the portfolio", required=False)
    of_seat = ("committee", "role", "from_date", "until_date")

    def __init__(self, data=None, *, today):
        super().__init__(data, initial={"from_date": today, "portfolio_from": today, "role": SeatRole.MEMBER})
        self.fields["committee"].queryset = Committee.objects.all()
        self.doubles = likely_doubles(data.get("name", "")[:LONGEST_NAME]) if data is not None else []
        if self.doubles:
            self.fields["same_as"] = self._question()

    @property
    def on_record(self):
        """Likely doubles who have an e-mail address already: they are not to be invited once more."""
        return [person for person in self.doubles if person.email]

    def clean(self):
        """The seat and the portfolio as dictionaries, and whom the record completes."""
        words = super().clean()
        if words.get("committee") and words.get("from_date") is None and "from_date" not in self.errors:
            self.add_error("from_date", "Enter the first day on the committee")
        if words.get("portfolio") and words.get("portfolio_from") is None and "portfolio_from" not in self.errors:
            self.add_error("portfolio_from", "Enter the first day with the portfolio")
        same_as = words.get("same_as", ANYBODY_ELSE)
        found = {name: words.get(name, "") for name in ("name", "email", "job_title", "organisation")}
        seat = {name: words.get(name) for name in self.of_seat} if words.get("committee") else None
        portfolio = {"portfolio": words.get("portfolio"), "from_date": words.get("portfolio_from")}
        return found | {
            "is_clerk": words.get("is_clerk", False),
            "seat": seat,
            "portfolio": portfolio if words.get("portfolio") else None,
            "completes": next((person for person in self.doubles if str(person.pk) == same_as), None),
        }

    def _question(self):
        without = [person for person in self.doubles if not person.email]
        choices = [(str(p.pk), f"Yes: complete the record of {p.title_and_name}") for p in without]
        hints = {str(person.pk): "On record without an e-mail address." for person in without}
        return forms.ChoiceField(
            label="Is this somebody who is on record already?",
            choices=[*choices, (ANYBODY_ELSE, "No, this is somebody else")],
            widget=Radios(hints=hints),
            error_messages={
                "required": f"There is already {_named(self.doubles[0])}. Say whether this is the same person",
                "invalid_choice": "Say whether this is the same person",
            },
        )


def _named(person):
    return f"a record of {person.name}" + ("" if person.email else ", without an e-mail address")


class MergeForm(GovukForm, forms.Form):
    """Into whose record another one is merged."""

    into = PeopleOfNames(
        label="Who is it really?",
        help_text="The record that stays.",
        empty_label="Choose a person",
        error_messages={"required": "Choose the record that stays"},
    )

    def __init__(self, data=None, *, person, **kwargs):
        super().__init__(data, **kwargs)
        self.fields["into"].queryset = Person.objects.present().exclude(pk=person.pk).by_name()
