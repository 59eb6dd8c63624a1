"""What a clerk types about the papers of an item, and the files they send."""

from django import forms
from django.core.exceptions import ValidationError

from inquiries.choices import ExemptParagraph
from inquiries.forms.clerk.meetings import issue_choices, issue_field
from inquiries.govuk import GovukForm
from inquiries.models import AgendaDocument
from inquiries.uploads import receiving
from inquiries.uploads.received import Rejected

AT_ONCE = 3  # papers that are added at a time
LONGEST_TITLE = AgendaDocument._meta.get_field("title").max_length
KINDS = "A PDF; or a Word document (.docx), where this system can make a PDF of it."
CHOOSE_AGAIN = "Choose the file again: a file cannot be kept while something else is put right"


class PaperFile(forms.FileField):
    """An uploaded paper. Cleans to a ReceivedPaper: checked, cleaned and measured."""

    def __init__(self, **kwargs):
        super().__init__(
            label="File",
            max_length=None,
            error_messages={
                "required": "Choose the file of the paper",
                "missing": "Choose the file of the paper",
                "empty": "The file is empty. Choose another one.",
            },
            **kwargs,
        )

    def clean(self, data, initial=None):
        """The paper. Raises ValidationError, with what to do, where the file cannot be taken."""
        file = super().clean(data, initial)
        try:
            return receiving.receive(file, file.name)
        except Rejected as rejected:
            raise ValidationError(str(rejected)) from None


def _paragraph():
    return forms.TypedChoiceField(
        label="Who may read it?",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Public"), *((value, f"Exempt: {words}") for value, words in ExemptParagraph.choices)],
        help_text="The paragraph of Schedule 12A to the Local Government Act 1972 under which it is exempt, if it is.",
        error_messages={"invalid_choice": "Choose from the list who may read it"},
    )


def _title():
    return forms.CharField(
        label="Title",
        max_length=LONGEST_TITLE,
        help_text="As the agenda is to name it. The title of an exempt paper is not published.",
    )


class AddPaperForm(GovukForm, forms.Form):
    """One paper and its file."""

    file = PaperFile(help_text=KINDS)
    title = _title()
    exempt_paragraph = _paragraph()

    def clean(self):
        """Says that a good file has to be chosen again, where something else is wrong."""
        words = super().clean()
        if self.errors and "file" in words:
            self.add_error("file", CHOOSE_AGAIN)
        return words


def add_paper_forms(data=None, files=None):
    """The forms for a few papers at once. Empty ones are no mistake, unless all are."""
    several = [
        AddPaperForm(data, files, prefix=f"paper{number}", empty_permitted=True) for number in range(1, AT_ONCE + 1)
    ]
    if data is not None and not any(form.has_changed() for form in several):
        several[0].empty_permitted = False
    return several


class ChangePaperForm(GovukForm, forms.Form):
    """What a paper is called, who may read it, where it is printed: what `actions.papers.change_paper` takes."""

    title = _title()
    exempt_paragraph = _paragraph()
    supplement = issue_field()

    def __init__(self, data=None, *, paper, last_issue):
        names = ("title", "exempt_paragraph", "supplement")
        super().__init__(data, initial={name: getattr(paper, name) for name in names})
        self.fields["supplement"].choices = issue_choices(max(last_issue, paper.supplement))


class ReplacePaperForm(GovukForm, forms.Form):
    """Another file for a paper."""

    file = PaperFile(help_text=f"{KINDS} Title, place and who may read it stay as they are.")
