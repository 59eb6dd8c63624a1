"""An earlier text is restored: as a new version, by the action that changes such a text, with all its rules."""

from django.db import transaction
from django.utils import timezone

from inquiries.actions.inquiries import reword_recommendation
from inquiries.actions.progress import EditClash, save_update
from inquiries.actions.responses import correct_response
from inquiries.models import ProgressUpdate, Recommendation, Response
from inquiries.models.fields import checksum_of_data
from inquiries.permissions import Refused, check_can

MODELS = {"progressupdate": ProgressUpdate, "recommendation": Recommendation, "response": Response}


def record_of(entry):
    model = MODELS[entry.subject_type]
    records = model.objects.for_page() if model is ProgressUpdate else model.objects.select_related("inquiry")
    return records.get(pk=entry.subject_id)


def right_to_restore(record):
    return "write_update" if isinstance(record, ProgressUpdate) else "administer"


def text_version(record):
    """A mark that is another one as soon as the text is: who puts one back says which they have seen."""
    return str(record.version) if isinstance(record, ProgressUpdate) else checksum_of_data(record.text)[:32]


@transaction.atomic
def restore_text(entry, *, seen, by, now, reason=""):
    """Record the text that `entry` brought once more, as a new version. Returns the record.

    `seen` is the `text_version` of the text the person has seen. A recommendation needs a `reason`. Raises EditClash,
    Refused (also where the text stands already), or ValidationError.
    """
    record = record_of(entry)
    check_can(right_to_restore(record), by, record, timezone.localdate(now))
    if not isinstance(record, ProgressUpdate):
        # Locked: the action below must find the text that the person has seen.
        type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
        record = record_of(entry)
    if seen != text_version(record):
        raise EditClash(record)
    text = entry.changes["text"][1]
    if text == record.text:
        raise Refused("This is already the current text.")
    at = timezone.localtime(entry.at)
    note = " ".join(f"The text of {at.day} {at:%B %Y, %H:%M} was restored. {reason}".split())
    if isinstance(record, Recommendation):
        return reword_recommendation(record, text=text, reason=note if reason.strip() else "", by=by, now=now)
    if isinstance(record, Response):
        return correct_response(record, text=text, note=note, by=by, now=now)
    return save_update(record, version=record.version, text=text, note=note, by=by, now=now)
