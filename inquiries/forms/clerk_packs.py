"""What a clerk types about an agenda pack: how it is printed, when it is published, why it is withdrawn."""

from datetime import datetime

from django import forms
from django.utils import timezone

from inquiries.actions.packs import is_late
from inquiries.choices import PackEdition
from inquiries.documents.content import long_date
from inquiries.forms.clerk_meetings import TimeOfDay
from inquiries.govuk import Checkboxes, DateParts, GovukForm, Radios, Textarea, TextField
from inquiries.models import TickedFinding

NOW, LATER = "now", "later"
LONGEST_WORDS = 2000


class PlanForm(GovukForm, forms.Form):
    duplex = forms.BooleanField(
        label="For printing on both sides",
        help_text="Each paper starts on a right-hand page: a blank page follows the one before where needed.",
        required=False,
    )


class PublishForm(GovukForm, forms.Form):
    """When a pack is published, and why it cannot wait where that is late.

    Valid, `cleaned_data["publish_on"]` is the moment of a planned publication, or None for now.
    """

    when = forms.ChoiceField(
        label="When should it be published?",
        choices=[(NOW, "Now"), (LATER, "At a set time")],
        widget=Radios(
            hints={LATER: "If anything on the agenda changes before then, nothing is published and you are notified."}
        ),
        error_messages={"required": "Choose when it should be published"},
    )
    on = DateParts(label="Day, for a set time", required=False)
    at = TimeOfDay(
        label="Time, for a set time",
        help_text="For example, 9:30 or 2pm",
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )
    urgency_reason = TextField(
        label="Why can it not wait?", required=False, widget=Textarea(rows=4), max_length=LONGEST_WORDS
    )

    def __init__(self, data=None, *, meeting, now, urgency_reason=""):
        self.meeting, self.now = meeting, now
        super().__init__(data, initial={"urgency_reason": urgency_reason})
        due = meeting.deadlines.publication
        late = is_late(meeting, timezone.localdate(now))
        self.fields["urgency_reason"].help_text = (
            f"{'The last day to publish was' if late else 'Only if it is published after'} {long_date(due)}"
            f"{'' if late else ', the last day to publish'}. "
            "The law then asks for the reason why it is urgent (Local Government Act 1972, section 100B(4)). "
            "It is printed on the front sheet."
        )

    def clean(self):
        cleaned = super().clean()
        cleaned["publish_on"] = None
        if cleaned.get("when") == LATER:
            if not {"on", "at"} & self.errors.keys():
                cleaned["publish_on"] = self.publication_time(cleaned)
        elif cleaned.get("when") != NOW:
            return cleaned
        day = timezone.localdate(cleaned["publish_on"] or self.now)
        if not self.errors and is_late(self.meeting, day) and not cleaned["urgency_reason"].strip():
            due = long_date(self.meeting.deadlines.publication)
            self.add_error("urgency_reason", f"Say why it cannot wait: the last day to publish is {due}")
        return cleaned

    def publication_time(self, cleaned):
        for name, missing in (
            ("on", "Enter the day on which it is to be published"),
            ("at", "Enter the time at which it is to be published"),
        ):
            if cleaned.get(name) is None:
                self.add_error(name, missing)
        if self.errors:
            return None
        moment = timezone.make_aware(datetime.combine(cleaned["on"], cleaned["at"]))
        if moment <= self.now:
            self.add_error("on", "This time has passed. Choose one that is still to come, or publish now")
        elif moment >= self.meeting.start:
            self.add_error("on", f"It must be published before the meeting on {long_date(self.meeting.day)}")
        return moment


class TextForm(forms.Form):
    text = forms.CharField(required=False, max_length=LONGEST_WORDS)


class ClearWordsForm(GovukForm, forms.Form):
    error_focus = "reason"

    text = TextField(
        label="Text that may be published",
        max_length=LONGEST_WORDS,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter the text that may be published"},
    )
    reason = TextField(
        label="Why may it be published?",
        help_text="A name that is known anyway, say. The reason is kept in the history.",
        widget=Textarea(rows=4),
        max_length=LONGEST_WORDS,
        error_messages={"required": "Say why this text may be published"},
    )

    def clean_text(self):
        return self.cleaned_data["text"].replace("\r\n", "\n")


class TickFindingsForm(GovukForm, forms.Form):
    findings = forms.MultipleChoiceField(
        label="Findings",
        widget=Checkboxes(small=True),
        error_messages={
            "required": "Tick what is as it should be",
            "invalid_choice": "Something has changed since. Look at it again.",
        },
    )
    reason = TextField(
        label="Why is it as it should be?",
        help_text="For all that you have ticked above. It stays ticked off until the paper or the text changes.",
        widget=Textarea(rows=2),
        max_length=TickedFinding._meta.get_field("reason").max_length,
        error_messages={"required": "Say why it is as it should be"},
    )

    def __init__(self, data=None, *, found):
        super().__init__(data)
        self.fields["findings"].choices = [(finding.key, finding.message) for finding in found]


class WithdrawPackForm(GovukForm, forms.Form):
    error_focus = "reason"

    reason = TextField(
        label="Why is it withdrawn?",
        help_text="Everybody can read this in its place, so name nothing that is withheld.",
        widget=Textarea(rows=4),
        max_length=LONGEST_WORDS,
        error_messages={"required": "Say why the pack is withdrawn"},
    )
    with_restricted = forms.BooleanField(
        label="Withdraw the restricted edition too",
        help_text="It holds everything that the public edition holds.",
        required=False,
        initial=True,
    )

    def __init__(self, data=None, *, restricted):
        super().__init__(data)
        if not restricted:
            del self.fields["with_restricted"]


class EditionForm(forms.Form):
    edition = forms.ChoiceField(choices=PackEdition.choices, required=False)

    def clean_edition(self):
        return PackEdition(self.cleaned_data["edition"] or PackEdition.PUBLIC)
