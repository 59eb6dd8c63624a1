"""From the records to the Subject of the checks, in a fixed number of queries."""

from django.urls import reverse
from django.utils import timezone

from inquiries.choices import DatePrecision, ItemKind, PackEdition, Stage
from inquiries.deadlines import deadlines_for
from inquiries.models import AgendaDocument, AgendaItem, ProgressReport, ProgressUpdate
from inquiries.preflight.subject import ItemSubject, PaperSubject, Place, ReportSubject, RowSubject, Subject


def gather(meeting, supplement, contents, plan, now):
    """What the checks need to know about one issue of a meeting's agenda: a Subject.

    `contents` are the PackContents of its editions, by edition; `plan` is its PackPlan; `now` is the moment at which
    it would be published, unless the plan names a later one.
    """
    content = contents.get(PackEdition.RESTRICTED) or contents[PackEdition.PUBLIC]
    moment = max(now, plan.publish_on) if plan.publish_on else now
    kinds = dict(AgendaItem.objects.filter(meeting=meeting).values_list("pk", "kind"))
    papers = {paper.pk for item in content.items for paper in (*item.papers, *item.exempt_papers)}
    documents = AgendaDocument.objects.in_bulk(papers)
    reports = _reports([item.report.pk for item in content.items if item.report])
    return Subject(
        meeting=meeting.pk,
        supplement=supplement,
        committee=meeting.committee_id,
        day=meeting.day,
        today=timezone.localdate(now),
        publish_on=timezone.localdate(moment),
        publication_due=deadlines_for(meeting).publication,
        is_over=meeting.start <= now,
        is_cancelled=meeting.cancelled_at is not None,
        urgency_reason=plan.urgency_reason,
        members=content.members,
        items=tuple(_item(meeting, item, kinds.get(item.pk), documents, reports) for item in content.items),
    )


def _reports(pks):
    reports = ProgressReport.objects.select_related("inquiry").in_bulk(pks)
    updates = {pk: {} for pk in reports}
    for update in ProgressUpdate.objects.filter(report__in=reports).for_page().with_last_time():
        for recommendation in update.response.recommendations.all():
            updates[update.report_id][recommendation.reference] = update
    return {pk: (report, updates[pk]) for pk, report in reports.items()}


def _item(meeting, item, kind, documents, reports):
    place = Place(f"Item {item.number}", reverse("clerk:change_item", args=[meeting.pk, item.pk]))
    both = [(paper, False) for paper in item.papers] + [(paper, True) for paper in item.exempt_papers]
    return ItemSubject(
        item=item,
        carries_papers=kind == ItemKind.PAPERS,
        report=_report(item, place, *reports[item.report.pk]) if item.report else None,
        papers=tuple(_paper(meeting, place, paper, exempt, documents.get(paper.pk)) for paper, exempt in both),
        place=place,
    )


def _paper(meeting, place, paper, exempt, document):
    return PaperSubject(
        paper=paper,
        exempt=exempt,
        has_paragraph=document is not None and document.exempt_paragraph is not None,
        original_name=document.original_name if document else "",
        pages=tuple(document.words) if document else (),
        place=Place(f"{place.where}, “{paper.title}”", reverse("clerk:change_paper", args=[meeting.pk, paper.pk])),
    )


def _report(item, place, report, updates):
    address = [report.inquiry.slug, report.months_on]
    exempt_rows = item.exempt_report.content.rows if item.exempt_report else item.report.content.rows
    return ReportSubject(
        pk=report.pk,
        content=item.report.content,
        rows=tuple(
            _row(place, row, exempt_row, updates.get(row.references[0]), report)
            for row, exempt_row in zip(item.report.content.rows, exempt_rows, strict=True)
        ),
        stage=report.stage,
        meeting=report.meeting_id,
        completed_on=report.inquiry.completed_on,
        completed_to_the_day=report.inquiry.completed_precision == DatePrecision.DAY,
        address=reverse("clerk:manage", args=address),
        dates_address=reverse("clerk:reschedule", args=address),
        inquiry_address=reverse("admin:inquiries_inquiry_change", args=[report.inquiry_id]),
    )


def _row(place, row, exempt_row, update, report):
    where = f"{place.where}, recommendation{'s' if len(row.references) > 1 else ''} {' and '.join(row.references)}"
    manage = reverse("clerk:manage", args=[report.inquiry.slug, report.months_on])
    # Once the updates are in, nobody writes any more: the clerk's page of the report is where one is returned.
    mend = update.get_absolute_url() if update and report.stage == Stage.COMMISSIONED else manage
    saved = update and (update.submitted_at or update.saved_at)
    last = update.last_time if update else None
    wordings = {
        recommendation.reference: reverse("clerk:reword_recommendation", args=[recommendation.pk])
        for recommendation in (update.response.recommendations.all() if update else ())
    }
    return RowSubject(
        row=row,
        place=Place(where, mend),
        written_on=timezone.localdate(saved) if saved else None,
        last_time=last.text if last else "",
        response_address=reverse("admin:inquiries_response_change", args=[update.response_id]) if update else manage,
        recommendation_addresses=tuple(wordings.get(reference, manage) for reference in row.references),
        exempt_text=exempt_row.exempt.text if exempt_row.exempt else "",
    )
