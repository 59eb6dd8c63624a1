"""Numbers that are missing from a report's table although nothing says what became of them."""

from django.utils.text import get_text_list

from inquiries.documents.progress_report import NOT_RECORDED
from inquiries.preflight.finding import Finding

UNEXPLAINED = (NOT_RECORDED, "No response recorded yet")


def check(subject):
    """Findings about numbers without an account."""
    for item, report in subject.reports():
        missing = [
            recommendation.reference
            for entry in report.content.account
            if entry.outcome in UNEXPLAINED
            for recommendation in entry.recommendations
        ]
        if missing:
            numbers = get_text_list(missing, "and")
            yield Finding(
                "number_missing",
                f"Nothing is recorded about {numbers}: the table leaves the number{'s' if len(missing) > 1 else ''} "
                "out, and the report cannot say why.",
                f"{item.place.where}, recommendation{'s' if len(missing) > 1 else ''} {numbers}",
                report.inquiry_address,
            )
