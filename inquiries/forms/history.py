"""What one chooses and types on the pages of history."""

from django import forms

from inquiries.forms.clerk_inquiries import ReasonForm
from inquiries.govuk import GovukForm


class VersionsForm(GovukForm, forms.Form):
    """Which two versions of a text to compare: by their numbers, the last two where nothing sensible is chosen."""

    earlier = forms.TypedChoiceField(label="Compare", coerce=int, required=False)
    later = forms.TypedChoiceField(label="With", coerce=int, required=False)

    def __init__(self, data, *, labels):
        last = max(labels)
        super().__init__(data or {"earlier": max(last - 1, min(labels)), "later": last})
        for field in self.fields.values():
            field.choices = list(labels.items())

    def chosen(self):
        """The two numbers."""
        fallback = self.fields["earlier"].choices
        numbers = [number for number, _ in fallback]
        if not self.is_valid():
            return numbers[-2] if len(numbers) > 1 else numbers[-1], numbers[-1]
        return self.cleaned_data["earlier"] or numbers[0], self.cleaned_data["later"] or numbers[-1]


class RestoreForm(ReasonForm):
    """An earlier text is restored, with a reason where the action asks for one. `seen` marks the text on the page."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    field_order = ("seen", "reason")

    def __init__(self, data=None, *, seen, asks_for_reason):
        super().__init__(data, initial={"seen": seen})
        if not asks_for_reason:
            del self.fields["reason"]
            self.error_focus = "seen"
