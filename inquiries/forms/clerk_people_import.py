"""A list of people on its way in: the file, and what a clerk decides about it."""

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import pluralize

from inquiries.govuk import GovukForm, Radios
from inquiries.people_import.reading import MOST_ROWS, SIZE_LIMIT, Unreadable, read_people


class PeopleUploadForm(GovukForm, forms.Form):
    """A CSV file. `cleaned_data` then holds `file`, `data` (its bytes) and `read` (its rows)."""

    file = forms.FileField(
        label="CSV file",
        help_text=(
            f"As Excel saves it: commas, semicolons or tabs between the cells. At most {MOST_ROWS:,} rows and "
            f"{SIZE_LIMIT // 1024 // 1024} MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={
            "required": "Choose a CSV file",
            "empty": "The file is empty. Choose another one.",
            "missing": "Choose a CSV file",
        },
    )

    def clean_file(self):
        """The upload. Raises ValidationError, with what to do, where it cannot be read."""
        file = self.cleaned_data["file"]
        # One byte more than is taken: enough for the sentence that says it is too large.
        self.cleaned_data["data"] = file.read(SIZE_LIMIT + 1)
        try:
            self.cleaned_data["read"] = read_people(self.cleaned_data["data"])
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from None
        return file


class PeopleImportForm(GovukForm, forms.Form):
    """What a clerk decides about a Plan: who is meant, whether rows with errors are left out, who is invited."""

    invite = forms.BooleanField(
        label="Send each new person an invitation",
        required=False,
        help_text="By e-mail, with the way to sign in. You can also invite them later, one by one.",
    )
    leave_out = forms.BooleanField(required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, plan, seen, recording=False):
        self.plan, self.recording = plan, recording
        super().__init__(data, initial={"seen": seen})
        count = len(plan.errors)
        leave_out = f"Record the others, and leave out {count} row{pluralize(count)} with errors"
        self.fields["leave_out"].label = leave_out
        if not count:
            del self.fields["leave_out"]
        if not any(one.is_new and one.first.email for one in plan.people) and not plan.questions:
            del self.fields["invite"]
        for one in plan.questions:
            self.fields[one.question] = forms.ChoiceField(
                label=f"Line {one.first.line}: {one.first.name}, {one.first.email}",
                choices=one.options,
                required=recording,
                widget=Radios(small=True),
                error_messages={"required": f"Say who {one.first.name} in line {one.first.line} is"},
            )

    @property
    def questions(self):
        """The fields that ask who is meant."""
        return [self[one.question] for one in self.plan.questions]

    def clean(self):
        """Rows with errors are left out only where that is said."""
        words = super().clean()
        if self.recording and self.plan.errors and not words.get("leave_out"):
            self.add_error(
                "leave_out", "Correct the file and upload it again, or say that the rows with errors are left out"
            )
        return words
