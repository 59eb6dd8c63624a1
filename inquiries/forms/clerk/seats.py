"""What a clerk types about a seat on a committee, or a portfolio in Cabinet."""

from django import forms

from inquiries.choices import SeatRole
from inquiries.forms.clerk.people import LONGEST_PORTFOLIO
from inquiries.govuk import DateParts, GovukForm, Radios
from inquiries.models import Committee


class _TermForm(GovukForm, forms.Form):
    """From when until when."""

    from_date = DateParts(label="First day", error_messages={"required": "Enter the first day"})
    until_date = DateParts(label="Last day", required=False, help_text="Leave it empty where none is known.")

    def clean(self):
        """A term that does not end before it begins."""
        words = super().clean()
        first, last = words.get("from_date"), words.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", "The last day is before the first")
        return words


class ChangeSeatForm(_TermForm):
    """A seat on a committee. `cleaned_data` is what `actions.people.change_seat` takes."""

    role = forms.ChoiceField(
        label="As",
        choices=SeatRole.choices,
        widget=Radios(small=True),
        error_messages={name: "Choose the role" for name in ("required", "invalid_choice")},
    )
    field_order = ("committee", "role", "from_date", "until_date")

    def __init__(self, data=None, *, seat=None, **kwargs):
        if seat is not None:
            kwargs["initial"] = {name: getattr(seat, name) for name in ("role", "from_date", "until_date")}
        super().__init__(data, **kwargs)


class GiveSeatForm(ChangeSeatForm):
    """A new seat. `cleaned_data` is what `actions.people.give_seat` takes."""

    committee = forms.ModelChoiceField(
        label="Committee",
        queryset=Committee.objects.none(),
        empty_label="Choose a committee",
        error_messages={"invalid_choice": "Choose the committee from the list"},
    )

    def __init__(self, data=None, *, today):
        super().__init__(data, initial={"role": SeatRole.MEMBER, "from_date": today})
        self.fields["committee"].queryset = Committee.objects.all()


class PortfolioForm(_TermForm):
    """A portfolio. `cleaned_data` is what `actions.people.give_portfolio` and `change_portfolio` take."""

    portfolio = forms.CharField(
        label="Portfolio", max_length=LONGEST_PORTFOLIO, help_text="Communities, say: “Cabinet Member for” is added."
    )
    field_order = ("portfolio", "from_date", "until_date")

    def __init__(self, data=None, *, seat=None, today=None):
        initial = {"from_date": today}
        if seat is not None:
            initial = {name: getattr(seat, name) for name in ("portfolio", "from_date", "until_date")}
        super().__init__(data, initial=initial)


class EndForm(GovukForm, forms.Form):
    """The last day of a seat or a portfolio."""

    until_date = DateParts(
        label="Last day",
        help_text="The seat is still held on that day. It stays on record.",
        error_messages={"required": "Enter the last day"},
    )
