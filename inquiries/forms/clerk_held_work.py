"""What waits since a restore: which of it goes out, which is dropped."""

from django import forms

from inquiries.govuk import GovukForm
from inquiries.models import Notification, PackPlan

DECIDED = {"invalid_choice": "Some of these have been decided already. The list below is as it is now"}
RELEASE, DROP, CLOSE = "release", "drop", "close"


class HeldWorkForm(GovukForm, forms.Form):
    """Cleans the chosen lines to querysets; `all_notifications` is for those too that the page has no room for."""

    action = forms.ChoiceField(choices=[(RELEASE, ""), (DROP, ""), (CLOSE, "")])
    notifications = forms.ModelMultipleChoiceField(
        Notification.objects.held(), required=False, label="E-mails", error_messages=DECIDED
    )
    plans = forms.ModelMultipleChoiceField(
        PackPlan.objects.filter(is_held=True), required=False, label="Publications", error_messages=DECIDED
    )
    all_notifications = forms.BooleanField(required=False, label="All e-mails")

    def clean(self):
        cleaned = super().clean()
        if cleaned.pop("all_notifications", False):
            cleaned["notifications"] = Notification.objects.held()
        nothing = not cleaned.get("notifications") and not cleaned.get("plans")
        if cleaned.get("action") in (RELEASE, DROP) and nothing and not self.errors:
            self.add_error("notifications", "Choose at least one e-mail or publication")
        return cleaned
