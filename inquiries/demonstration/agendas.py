"""The demonstration's agendas, put together by the clerk's own actions."""

from inquiries.actions import meetings
from inquiries.choices import ItemKind
from inquiries.demonstration.content import PAPERS
from inquiries.demonstration.papers import received
from inquiries.models import ProgressReport


def put_together(meeting, agenda, *, by, now):
    """Put the items of `agenda` (of `words`) on the agenda of a meeting, with their papers and reports."""
    for told in agenda:
        item = meetings.add_item(
            meeting,
            title=told["title"],
            subtitle=told.get("subtitle", ""),
            kind=_kind(told),
            report=_report(told, meeting),
            to_follow=told.get("to_follow", False),
            supplement=told.get("supplement", 0),
            by=by,
            now=now,
        )
        for key in told.get("papers", ()):
            meetings.add_paper(
                item,
                received(key),
                title=PAPERS[key]["title"],
                exempt_paragraph=told.get("exempt", {}).get(key),
                by=by,
                now=now,
            )


def _kind(told):
    if "report" in told:
        return ItemKind.REPORT
    return ItemKind.PAPERS if "papers" in told else ItemKind.NOTHING


def _report(told, meeting):
    return ProgressReport.objects.get(inquiry__title=told["report"], meeting=meeting) if "report" in told else None
