"""What a lead officer types."""

from django import forms
from django.core.validators import MaxLengthValidator, URLValidator
from django.utils import timezone

from inquiries.choices import ExemptParagraph, OfficerView
from inquiries.forms.clerk_meetings import CHOOSE_AGAIN, KINDS, PaperFile
from inquiries.govuk import DateParts, GovukForm, PersonField, Radios, Textarea, TextField
from inquiries.models.fields import LineFormField
from inquiries.rules import LONGEST_TEXT, why_not_submitted

MOST_LINKS = 20
MOST_CONTRIBUTORS = 20
HOW_TO_WRITE = (
    "Say what has been done, and what is still to do. Leave an empty line between paragraphs, begin each line of a "
    "list with “- ”, and write web addresses out in full. Nothing else is formatted."
)
TOO_LONG = f"Make the text shorter: it can have at most {LONGEST_TEXT:,} characters."


class WebAddressField(forms.URLField):
    """A web address; one of another kind (ftp) would be refused by the database."""

    default_validators = [URLValidator(["http", "https"])]


class LinkForm(GovukForm, forms.Form):
    title = LineFormField(
        label="What it shows",
        required=False,
        max_length=200,
        error_messages={"max_length": "Describe the link in at most 200 characters."},
    )
    url = WebAddressField(
        label="Web address",
        required=False,
        max_length=2000,
        assume_scheme="https",
        error_messages={
            "invalid": "Enter a web address that begins with https:// or http://.",
            "max_length": "The web address can have at most 2,000 characters.",
        },
    )

    def clean(self):
        words = super().clean()
        if words.get("url") and not words.get("title") and "title" not in self.errors:
            self.add_error("title", "Say what the link shows.")
        if words.get("title") and not words.get("url") and "url" not in self.errors:
            self.add_error("url", "Enter the web address of the link.")
        return words


class BaseLinkFormSet(forms.BaseFormSet):
    def pairs(self):
        return [(form.cleaned_data["title"], form.cleaned_data["url"]) for form in self if form.cleaned_data.get("url")]


LinkFormSet = forms.formset_factory(
    LinkForm, BaseLinkFormSet, extra=3, max_num=MOST_LINKS, validate_max=True, absolute_max=MOST_LINKS + 10
)


def version_field():
    """The version of what was opened, which travels with its form."""
    return forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        widget=forms.HiddenInput,
        error_messages={
            name: "This page came back incomplete. Copy your text, load the page again and try again."
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )


class ContributorFields:
    """Of a form: `contributor_1` and so on, for those who write with the lead officer or author."""

    fewest_contributors = 4  # fields that are offered, even where nobody is named

    def add_contributor_fields(self, people, named):
        """`people` is the queryset of those who may be named; None where the writer may not name any."""
        if people is None:
            return
        sent = sum(name.startswith("contributor_") and not name.endswith("_key") for name in self.data)
        count = max(self.fewest_contributors, len(named) + 1, min(sent, MOST_CONTRIBUTORS))
        for number in range(1, count + 1):
            self.fields[f"contributor_{number}"] = PersonField(
                label=f"Contributor {number}", required=False, people=people, known=named
            )

    @property
    def contributor_fields(self):
        return [self[name] for name in self.fields if name.startswith("contributor_")]

    @property
    def has_contributor_errors(self):
        return any(field.errors for field in self.contributor_fields)

    def sent_contributors(self):
        """{"contributors": those who were named}; nothing where the form came without these fields."""
        names, cleaned = [field.name for field in self.contributor_fields], self.cleaned_data
        if not names or not all(name in self.data and name in cleaned for name in names):
            return {}
        return {"contributors": list(dict.fromkeys(person for name in names if (person := cleaned[name])))}


class UpdateForm(ContributorFields, GovukForm, forms.Form):
    """A progress update as it is being written, with its links as the formset `links`.

    `people` is the queryset of those who may be named as contributors; None where the writer may not name any.
    `submitting` asks for words, which a draft may lack.
    """

    version = version_field()
    text = TextField(
        label="What has been done",
        required=False,
        widget=Textarea(rows=12),
        help_text=HOW_TO_WRITE,
        validators=[MaxLengthValidator(LONGEST_TEXT, TOO_LONG)],
    )
    officer_view = forms.ChoiceField(
        label="Your own view of progress",
        required=False,
        choices=OfficerView.choices,
        widget=Radios(small=True),
        help_text="It is shown beside the text. The committee makes its own assessment.",
    )
    forecast_date = DateParts(
        label="When do you expect it to be done?",
        required=False,
        help_text="For example, 31 3 2027. Leave it empty where it is done, or nobody can say yet.",
    )
    exempt_text = TextField(
        label="The confidential part",
        required=False,
        widget=Textarea(rows=6),
        help_text="Only people who may see exempt papers read this. The public can see that there is such a part.",
        validators=[MaxLengthValidator(LONGEST_TEXT, TOO_LONG)],
    )
    exempt_paragraph = forms.TypedChoiceField(
        label="Why it is exempt",
        required=False,
        choices=[("", "Choose a paragraph of Schedule 12A"), *ExemptParagraph.choices],
        coerce=int,
        empty_value=None,
        help_text="Local Government Act 1972, Schedule 12A. Ask the clerk if you are not sure.",
    )

    def __init__(self, data=None, *, update, people=None, submitting=False, **kwargs):
        self.submitting = submitting
        super().__init__(data, initial=self.saved_values(update), **kwargs)
        self.links = self.make_links(data, update)
        self.add_contributor_fields(people, update.contributor_names)

    @property
    def has_link_errors(self):
        return bool(self.links.total_error_count()) if self.links.is_bound else False

    @property
    def has_exempt_part(self):
        """Whether the confidential part must be open: it has words, or something in it is wrong."""
        names = ("exempt_text", "exempt_paragraph")
        return any(self[name].value() for name in names) or any(self[name].errors for name in names)

    def is_valid(self):
        fields, links = super().is_valid(), self.links.is_valid() if self.links.is_bound else True
        return fields and links

    def clean(self):
        words = super().clean()
        if words.get("exempt_text") and words.get("exempt_paragraph", "") is None:
            self.add_error("exempt_paragraph", "Choose the paragraph of Schedule 12A that makes this part exempt.")
        if self.submitting:
            # A text that is too long is not in the cleaned data; yet it is not nothing.
            written = [words.get(name, self[name].data) for name in ("text", "exempt_text")]
            reasons = why_not_submitted(*written, words.get("forecast_date"), timezone.localdate())
            for field, reason in reasons.items():
                self.add_error(field, reason)
        if not words.get("exempt_text") and "exempt_text" not in self.errors:
            words["exempt_paragraph"] = None
        return words

    def values(self):
        """What `save_update` takes, of what was sent; the form is valid."""
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in ("version", "text", "officer_view") if name in self.data}
        if "forecast_date_day" in self.data:
            values["forecast_date"] = cleaned["forecast_date"]
        if "exempt_text" in self.data:
            values |= {name: cleaned[name] for name in ("exempt_text", "exempt_paragraph")}
        values |= self.sent_contributors()
        if self.links.is_bound and self.links.is_valid():
            values["evidence"] = self.links.pairs()
        return values

    def saved_values(self, update):
        saved = ("version", "text", "officer_view", "forecast_date", "exempt_text", "exempt_paragraph")
        numbered = enumerate(update.contributor_names, start=1)
        return {name: getattr(update, name) for name in saved} | {f"contributor_{n}": person for n, person in numbered}

    def make_links(self, data, update):
        # A form that came without any row of links leaves them as they are.
        if data is not None and "links-TOTAL_FORMS" in data:
            return LinkFormSet(data, prefix="links")
        saved = [{"title": link.title, "url": link.url} for link in update.evidence_links]
        return LinkFormSet(initial=saved, prefix="links")


class ListedUpdateForm(UpdateForm):
    """One of several updates on a page: the text and what belongs beside it. The rest keeps what is saved."""

    def __init__(self, data=None, *, update, **kwargs):
        super().__init__(data, update=update, auto_id=f"id_{update.pk}_%s", **kwargs)
        self.fields["text"].label = f"What has been done about {update.response.references}"
        self.fields["text"].help_text = ""
        self.fields["text"].widget.attrs["rows"] = 9
        self.fields["officer_view"].help_text = ""
        self.fields["officer_view"].widget.inline = True

    def hidden_fields_of_draft(self):
        """What a draft from the page of this update alone holds beside these fields: it goes with them."""
        shown = ("version", "text", "officer_view", "forecast_date_day", "forecast_date_month", "forecast_date_year")
        others = self.data.lists() if self.is_bound else ()
        return [(name, value) for name, values in others if name not in (*shown, "return_to") for value in values]


class EvidenceFileForm(GovukForm, forms.Form):
    file = PaperFile(help_text=KINDS)
    title = LineFormField(
        label="What it shows",
        required=False,
        max_length=200,
        help_text="Leave it empty to use the title of the file.",
    )

    def clean(self):
        cleaned = super().clean()
        if self.errors and "file" in cleaned:
            self.add_error("file", CHOOSE_AGAIN)
        return cleaned


class ReturnSeveralForm(GovukForm, forms.Form):
    """Why several updates go back: a note for each (`note_<pk>`), or one for all that have none of their own."""

    note = TextField(
        label="A note for all of them",
        required=False,
        help_text="It is sent with each update that has no note of its own.",
        widget=Textarea(rows=4),
    )

    def __init__(self, data=None, *, updates):
        self.updates = updates
        super().__init__(data)
        for update in updates:
            self.fields[f"note_{update.pk}"] = TextField(
                label=f"A note on {update.response.references}", required=False, widget=Textarea(rows=4)
            )

    @property
    def lines(self):
        return [(update, self[f"note_{update.pk}"]) for update in self.updates]

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("note"):
            for update in self.updates:
                if not cleaned.get(f"note_{update.pk}"):
                    self.add_error(f"note_{update.pk}", "Say what you would like changed, here or in the note for all")
        return cleaned

    def notes(self):
        cleaned = self.cleaned_data
        return {update: cleaned[f"note_{update.pk}"] or cleaned["note"] for update in self.updates}


class ReturnForm(GovukForm, forms.Form):
    """Why an update goes back. The note is sent to its lead officer and contributors."""

    error_focus = "note"

    note = TextField(
        label="What would you like changed?",
        help_text="The people who write this update read your note exactly as you write it.",
        widget=Textarea(rows=6),
        error_messages={"required": "Say what you would like changed"},
    )
