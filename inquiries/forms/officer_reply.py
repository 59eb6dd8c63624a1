"""A reply form in Word, as it is uploaded and accepted."""

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from inquiries.differences import merge_texts
from inquiries.forms.officer import UpdateForm
from inquiries.govuk import GovukForm, Radios
from inquiries.imports import Unreadable
from inquiries.imports.reply_form import SIZE_LIMIT, read_reply

FORM, BOTH, RECORDED = "form", "both", "recorded"
INCOMPLETE = "This page came back incomplete. Load it again and try again."
CHOICES = [
    (FORM, "Take the text of the form, in place of what is recorded"),
    (BOTH, "Keep both texts, one after the other, and put them together on the page of the update"),
    (RECORDED, "Keep what is recorded"),
]


class ReplyUploadForm(GovukForm, forms.Form):
    """A reply form. `cleaned_data` then holds `file` and `reply`, as it was read."""

    file = forms.FileField(
        label="The form, as a Word document",
        help_text=f"The file that you downloaded and wrote in: a .docx file of at most {filesizeformat(SIZE_LIMIT)}.",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        error_messages={
            "required": "Choose the file of the form",
            "empty": "The file is empty. Choose another one.",
            "missing": "Choose the file of the form",
        },
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            self.cleaned_data["reply"] = read_reply(file.read(SIZE_LIMIT + 1))
        except Unreadable as unreadable:
            raise ValidationError(str(unreadable)) from None
        return file


class AcceptReplyForm(GovukForm, forms.Form):
    """What is taken of a reply: for each update that it changes a box to tick, or a choice between two versions."""

    def __init__(self, data=None, *, replied):
        self.replied = [each for each in replied if each.can_be_taken]
        super().__init__(data)
        for each in self.replied:
            name, references = f"take_{each.update.pk}", each.update.response.references
            self.fields[f"version_{each.update.pk}"] = forms.IntegerField(
                min_value=0,
                max_value=2**31 - 1,
                widget=forms.HiddenInput,
                initial=each.update.version,
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), INCOMPLETE),
            )
            if each.is_stale:
                both = "text" in each.fields and each.fields["text"] and each.update.text
                self.fields[name] = forms.ChoiceField(
                    label=f"Which text of {references} do you want to keep?",
                    choices=[choice for choice in CHOICES if both or choice[0] != BOTH],
                    widget=Radios(small=True),
                    error_messages={"required": f"Choose which text of {references} to keep"},
                )
            else:
                self.fields[name] = forms.BooleanField(
                    label=f"Accept what the form says about {references}",
                    required=False,
                    initial=not each.is_emptied,
                )
            each.take, each.version = self[name], self[f"version_{each.update.pk}"]

    def accepted(self, *, submitting):
        """(update, the values that `save_update` takes) of each that is accepted; None where something is wrong."""
        if not self.is_valid():
            return None
        found = []
        for each in self.replied:
            chosen = self.cleaned_data[f"take_{each.update.pk}"]
            if chosen not in (True, FORM, BOTH):
                continue
            form = update_form(each, chosen, self.cleaned_data[f"version_{each.update.pk}"], submitting)
            if form.is_valid():
                found.append((each.update, form.values()))
                continue
            errors = [*form.errors.values(), *(errors for link in form.links.errors for errors in link.values())]
            for messages in [*errors, form.links.non_form_errors()]:
                for message in messages:
                    self.add_error(f"take_{each.update.pk}", message)
        if not found and not self.errors:
            self.add_error(None, "Tick at least one update to accept.")
        return None if self.errors else found


def update_form(replied, chosen, version, submitting):
    """What the form says, checked like an update that is typed on its page."""
    data = {"version": version, "text": replied.fields.get("text", replied.update.text)}
    if chosen == BOTH:
        data["text"] = merge_texts(replied.update.text, data["text"])
    if replied.update.exempt_text:
        data |= {name: getattr(replied.update, name) for name in ("exempt_text", "exempt_paragraph")}
    if "officer_view" in replied.fields:
        data["officer_view"] = replied.fields["officer_view"]
    if day := replied.fields.get("forecast_date", replied.update.forecast_date):
        data |= {f"forecast_date_{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    if "evidence" in replied.fields:
        data["links-TOTAL_FORMS"] = data["links-INITIAL_FORMS"] = len(replied.fields["evidence"])
        for number, (title, address) in enumerate(replied.fields["evidence"]):
            data[f"links-{number}-title"], data[f"links-{number}-url"] = title, address
    return UpdateForm(data, update=replied.update, submitting=submitting)
