"""What the law and the life of a report ask for: sign-off, five clear days, paragraphs, papers that are there."""

from django.urls import reverse

from inquiries.choices import SeatRole, Stage
from inquiries.documents.content import long_date
from inquiries.preflight.finding import Finding

BEFORE_SIGN_OFF = (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF)


def check(subject):
    """Findings about the meeting, its dates, sign-off and what is exempt."""
    yield from _meeting(subject)
    yield from _publication(subject)
    yield from _reports(subject)
    yield from _exempt(subject)
    yield from _missing_papers(subject)


def _meeting(subject):
    where, address = "The meeting", subject.meeting_address
    if subject.is_cancelled:
        yield Finding("cancelled", "This meeting has been cancelled.", where, address)
    elif subject.is_over:
        yield Finding("over", f"This meeting was on {long_date(subject.day)}: it is already over.", where, address)
    members = reverse("admin:inquiries_committee_change", args=[subject.committee])
    if not subject.members:
        yield Finding(
            "no_members", "No member of the committee is recorded, so the front sheet names none.", where, members
        )
    elif not any(role == SeatRole.CHAIR.label for _, role in subject.members):
        yield Finding("no_chair", "Nobody is recorded as the chair of the committee.", where, members)


def _publication(subject):
    if subject.publish_on > subject.publication_due and not subject.urgency_reason.strip():
        yield Finding(
            "late_without_reason",
            f"Five clear days before the meeting ended on {long_date(subject.publication_due)}. To publish later, "
            "give the reason for urgency (Local Government Act 1972, section 100B(4)).",
            "Publication",
            subject.publish_address,
            stops=True,
        )


def _reports(subject):
    for item, report in subject.reports():
        if report.stage in BEFORE_SIGN_OFF:
            yield Finding(
                "not_signed_off",
                "This progress report has not been signed off.",
                item.place.where,
                report.address,
                stops=True,
            )
        if report.meeting is not None and report.meeting != subject.meeting:
            yield Finding(
                "another_meeting",
                "This progress report is recorded for another meeting.",
                item.place.where,
                report.dates_address,
            )


def _exempt(subject):
    for item in subject.items:
        for paper in item.papers:
            if paper.exempt and not paper.has_paragraph:
                yield _without_paragraph("This paper is exempt", paper.place)
        rows = item.report.rows if item.report else ()
        for row in rows:
            if row.exempt_text and not (row.row.exempt and row.row.exempt.paragraph):
                yield _without_paragraph("This update has an exempt part", row.place)


def _without_paragraph(what, place):
    words = f"{what}, but no paragraph of Schedule 12A is named."
    return Finding("no_paragraph", words, place.where, place.address, stops=True)


def _missing_papers(subject):
    for item in subject.items:
        withheld = item.item.exempt_paragraphs or item.item.exempt_papers
        if item.carries_papers and not item.papers and not withheld and not item.item.to_follow:
            yield Finding(
                "no_paper",
                "This item carries papers, but there is none. Add one, or say that they are to follow.",
                item.place.where,
                item.place.address,
                stops=True,
            )
        for paper in item.papers:
            if not paper.paper.checksum:
                yield Finding(
                    "unchecked_paper",
                    "This paper was received before papers were checked. Upload it again.",
                    paper.place.where,
                    reverse("clerk:replace_paper", args=[subject.meeting, paper.paper.pk]),
                    stops=True,
                )
