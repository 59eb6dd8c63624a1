"""Whether what is printed is what the history last recorded."""

from inquiries.checking_history.recorded import with_recorded
from inquiries.models import (
    AgendaPack,
    Assessment,
    ProgressUpdate,
    Recommendation,
    ReportEdition,
    Response,
)
from inquiries.models.files import checksum_of_data

# A kind of record, which of them are printed, and which of their words.
PRINTED = (
    (ProgressUpdate.objects.filter(submitted_at__isnull=False), ("text", "exempt_text")),
    (Recommendation.objects.all(), ("text",)),
    (Response.objects.all(), ("text", "reason")),
    (Assessment.objects.all(), ("rating", "comment")),
)
# What the public reads on the pages of what has been published.
PUBLISHED = (ReportEdition.objects.all(), AgendaPack.objects.filter(published_at__isnull=False))


def changed_words():
    """Records whose words are not those that the history last recorded, in sentences."""
    for records, fields in PRINTED:
        for record, recorded in with_recorded(records.all(), fields):
            for field in fields:
                if (getattr(record, field) or None) != (recorded.get(field) or None):
                    yield _sentence(record, record._meta.get_field(field).verbose_name)
    for records in PUBLISHED:
        for record, recorded in with_recorded(records.all(), ["content_checksum"]):
            if checksum_of_data(record.content) != recorded.get("content_checksum"):
                yield _sentence(record, "published words")


def _sentence(record, what):
    kind = record._meta.verbose_name
    return f"The {kind} with the key {record.pk} is not what the history last recorded: {what}."
