"""What a clerk types to erase a person: their name, so that nobody is erased by a slip of the hand."""

from django import forms

from inquiries.govuk import GovukForm


class EraseForm(GovukForm, forms.Form):
    """The name as it stands on the page."""

    error_focus = "name"

    name = forms.CharField(
        label="Type the person's name to erase their data",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the person's name"},
    )

    def __init__(self, data=None, *, person):
        self.person = person
        super().__init__(data)

    def clean_name(self):
        """The name, whatever its case and blanks. Raises ValidationError where it is another one."""
        typed = " ".join(self.cleaned_data["name"].split())
        if typed.casefold() != " ".join(self.person.name.split()).casefold():
            raise forms.ValidationError(f"This is not the name on the record. It is {self.person.name}")
        return typed
