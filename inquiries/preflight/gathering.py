"""From the records to the Subject of the checks, in a fixed number of queries."""

from django.urls import reverse
from django.utils import timezone

from inquiries.choices import DatePrecision, ItemKind, PackEdition, Stage
from inquiries.deadlines import deadlines_for
from inquiries.documents.pack_content import records_of
from inquiries.preflight.subject import ItemSubject, PaperSubject, Place, ReportSubject, RowSubject, Subject


def gather(meeting, supplement, contents, plan, now, records=None):
    """What the checks need to know about one issue of a meeting's agenda: a Subject.

    `contents` are the PackContents of its editions, by edition; `plan` is its PackPlan; `now` is the moment at which
    it would be published, unless the plan names a later one. `records` are the PackRecords of the meeting with the
    words of its papers, from a caller who has them already.
    """
    records = records or records_of(meeting, words=True)
    content = contents.get(PackEdition.RESTRICTED) or contents[PackEdition.PUBLIC]
    moment = max(now, plan.publish_on) if plan.publish_on else now
    items = {item.pk: item for item in records.items}
    documents = {document.pk: document for some in records.documents.values() for document in some}
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
        items=tuple(_item(meeting, item, items.get(item.pk), documents, records) for item in content.items),
        overlaps=tuple(_overlaps(supplement, records.packs)),
    )


def _overlaps(supplement, packs):
    """Published supplements after this issue whose pages begin before its newest build ends: (supplement, page)."""
    for edition in PackEdition:
        standing = [pack for pack in packs if pack.edition == edition and pack.withdrawn_at is None]
        newest = {pack.supplement: pack for pack in standing}.get(supplement)
        published = {pack.supplement: pack for pack in standing if pack.is_published and pack.supplement > supplement}
        for later in published.values() if newest else ():
            first_exempt = later.content["first_exempt_page"]
            if edition == PackEdition.PUBLIC and later.first_page <= newest.last_page:
                yield later.supplement, str(later.first_page)
            elif edition == PackEdition.RESTRICTED and first_exempt <= newest.last_exempt_page:
                yield later.supplement, f"E{first_exempt}"


def _item(meeting, item, standing, documents, records):
    place = Place(f"Item {item.number}", reverse("clerk:change_item", args=[meeting.pk, item.pk]))
    both = [(paper, False) for paper in item.papers] + [(paper, True) for paper in item.exempt_papers]
    return ItemSubject(
        item=item,
        carries_papers=standing is not None and standing.kind == ItemKind.PAPERS,
        report=_report(item, place, standing.report, records) if _still_carries_its_report(item, standing) else None,
        papers=tuple(_paper(meeting, place, paper, exempt, documents.get(paper.pk)) for paper, exempt in both),
        place=place,
    )


def _still_carries_its_report(item, standing):
    # Somebody may have changed it since the contents were put together; whoever publishes finds that out.
    return item.report is not None and standing is not None and standing.report_id == item.report.pk


def _paper(meeting, place, paper, exempt, document):
    return PaperSubject(
        paper=paper,
        exempt=exempt,
        has_paragraph=document is not None and document.exempt_paragraph is not None,
        original_name=document.original_name if document else "",
        pages=tuple(document.words) if document else (),
        place=Place(f"{place.where}, “{paper.title}”", reverse("clerk:change_paper", args=[meeting.pk, paper.pk])),
    )


def _report(item, place, report, records):
    updates = {
        recommendation.reference: update
        for update in records.updates.get(report.pk, [])
        for recommendation in records.answered_by(update)
    }
    address = [report.inquiry.slug, report.months_on]
    exempt_rows = item.exempt_report.content.rows if item.exempt_report else item.report.content.rows
    return ReportSubject(
        pk=report.pk,
        content=item.report.content,
        rows=tuple(
            _row(place, row, exempt_row, updates.get(row.references[0]), report, records)
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


def _writing_page(report, answered):
    # Where `ProgressUpdate.get_absolute_url` leads; that would ask for the recommendations of each update.
    return reverse("officer:update", args=[report.inquiry.slug, report.months_on, answered[0].reference])


def _row(place, row, exempt_row, update, report, records):
    where = f"{place.where}, recommendation{'s' if len(row.references) > 1 else ''} {' and '.join(row.references)}"
    manage = reverse("clerk:manage", args=[report.inquiry.slug, report.months_on])
    # Once the updates are in, nobody writes any more: the clerk's page of the report is where one is returned.
    answered = records.answered_by(update) if update else []
    mend = _writing_page(report, answered) if answered and report.stage == Stage.COMMISSIONED else manage
    saved = update and (update.submitted_at or update.saved_at)
    last = records.last_time(update) if update else None
    wordings = {
        recommendation.reference: reverse("clerk:reword_recommendation", args=[recommendation.pk])
        for recommendation in answered
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
