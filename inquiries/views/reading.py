"""What a person reads of a progress report: said once, so that the page and every file of it agree."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404
from django.utils import timezone

from inquiries.choices import Stage
from inquiries.documents.content import ReportContent, Row, from_json
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.models import ProgressReport, ProgressUpdate, ReportEdition
from inquiries.permissions import can
from inquiries.rules import natural_key


@dataclass(frozen=True)
class Reading:
    """The words that one person reads of a report, and why these.

    `edition` is the kept edition they are from, None for working text; `whole` is False where only the rows
    that are the person's own are shown; `revised` says that a kept edition is being worked on again.
    """

    content: ReportContent
    edition: ReportEdition | None = None
    whole: bool = True
    revised: bool = False


@dataclass(frozen=True)
class PublishedRow:
    """What one kept edition says about a recommendation."""

    edition: ReportEdition
    content: ReportContent
    row: Row

    @property
    def report(self):
        return self.edition.report

    @property
    def day(self):
        """The date that the report bears."""
        return self.content.update_date or timezone.localdate(self.edition.published_at)

    @property
    def assessed(self):
        return self.edition.after_meeting


def report_or_404(person, slug, months):
    """The report that `person` may read at least a part of, with what its content needs; else Http404."""
    visible = ProgressReport.objects.visible_to(person).values("pk")
    return get_object_or_404(for_content().filter(pk__in=visible), inquiry__slug=slug, months_on=months)


def content_for(report, person, today):
    """What `person`, who may see `report`, reads of it today: a Reading.

    While it stands published everybody reads the latest kept edition. Before, and while it is reopened, clerks
    and the Cabinet Members who sign it read all of the working text, lead officers and contributors the rows
    that are theirs; the exempt words only those who may. Everybody else still reads the kept edition.
    """
    if not report.is_published and person.is_authenticated:
        if person.is_clerk or any(sign_off.person_id == person.pk for sign_off in report.sign_offs.all()):
            exempt = can("see_exempt", person, report, today)
            return Reading(progress_report_content(report, exempt=exempt))
        theirs = ProgressUpdate.objects.written_by(person)
        content = progress_report_content(report, updates=theirs)
        if content.rows:
            return Reading(content, whole=False)
    edition = latest_editions().get(report=report)
    return Reading(from_json(edition.content), edition, revised=_is_revised(report, edition))


def edition_reading(edition):
    """What everybody reads of one kept edition: a Reading."""
    return Reading(from_json(edition.content), edition)


def latest_editions():
    """Of each report the edition that the public reads now."""
    latest = ReportEdition.objects.filter(report=OuterRef("report")).order_by("-number").values("number")[:1]
    return ReportEdition.objects.filter(number=Subquery(latest))


def published_rows(inquiry):
    """What the public reads about each recommendation of `inquiry`, in the order of the reports.

    Returns {natural key of the number: [PublishedRow]}.
    """
    found = {}
    editions = latest_editions().filter(report__inquiry=inquiry).select_related("report")
    for edition in editions.order_by("report__months_on"):
        edition.report.inquiry = inquiry
        content = from_json(edition.content)
        for row in content.rows:
            for reference in row.references:
                found.setdefault(natural_key(reference), []).append(PublishedRow(edition, content, row))
    return found


def _is_revised(report, edition):
    # Reopened after the meeting, it stands published still, but its ratings are being looked at again.
    return not report.is_published or (edition.after_meeting and report.stage != Stage.ASSESSED)
