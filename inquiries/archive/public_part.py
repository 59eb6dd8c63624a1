"""The public part of an archive: what everybody may read on the site, as pages, files and data."""

from dataclasses import replace

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.utils import timezone

from inquiries.archive.folder import pieces_of
from inquiries.choices import PackEdition
from inquiries.documents.archive_content import (
    PAGES,
    ArchivedCommittee,
    ArchivedDecision,
    ArchivedEdition,
    ArchivedInquiry,
    ArchivedItem,
    ArchivedMeeting,
    ArchivedOfficerReport,
    ArchivedPack,
    ArchivedProgrammeLine,
    ArchivedRecommendation,
    ArchivedReport,
    ArchivedResponse,
    ArchivedUpdate,
    ArchiveFacts,
    Link,
    Seat,
    TargetDateMoved,
    schema_of,
)
from inquiries.documents.content import from_json, long_date
from inquiries.documents.data_formats import RENDERERS, agenda_pack_json
from inquiries.documents.minutes_docx import minutes_docx
from inquiries.documents.work_programme import work_programme
from inquiries.models import (
    AgendaDocument,
    AgendaPack,
    Committee,
    EvidenceFile,
    Inquiry,
    Meeting,
    PackPaper,
    ProgressReport,
)
from inquiries.serialization import to_plain_data
from inquiries.templatetags.scrutiny import moment, moment_of
from inquiries.views.meetings import build_agenda, build_decisions, members_with_roles, seats_in_order, with_agendas
from inquiries.views.public import inquiry_timelines

CHUNK = 100
PUBLIC = AnonymousUser()


def write_public_part(folder, now):
    """All pages, files and data but the front page. Returns the links to the committees."""
    today = timezone.localdate(now)
    for inquiry in Inquiry.objects.public().select_related("committee").order_by("pk").iterator(CHUNK):
        content = inquiry_content(folder, inquiry)
        write_page(folder, "inquiries", page_of_inquiry(inquiry), content)
    for meeting in Meeting.objects.select_related("committee").order_by("pk").iterator(CHUNK):
        content = meeting_content(folder, meeting, today)
        write_page(folder, "meetings", page_of_meeting(meeting), content)
    links = []
    for committee in Committee.objects.all():
        content = committee_content(committee, now, today)
        write_page(folder, "committees", page_of_committee(committee), content)
        links.append(Link(committee.name, page_of_committee(committee)))
    write_schemas(folder)
    return tuple(links)


def write_page(folder, kind, page, content):
    folder.write_data(f"data/{page.removesuffix('.html')}.json", to_plain_data(content))
    folder.write_page(page, "archive/page.html", body=f"archive/{kind}.html", content=content)


def write_schemas(folder):
    for kind, content in {**PAGES, "archive": ArchiveFacts}.items():
        folder.write_data(f"data/schemas/{kind}.schema.json", schema_of(content))
    for name in ("progress-report", "agenda-pack"):
        schema = settings.BASE_DIR / "docs" / f"{name}.schema.json"
        folder.write(f"data/schemas/{schema.name}", [schema.read_bytes()])


# The address of each page, the same wherever a link is made to it


def page_of_inquiry(inquiry):
    return f"inquiries/{page_name(inquiry)}.html"


def page_of_committee(committee):
    return f"committees/{page_name(committee)}.html"


def page_of_meeting(meeting):
    return f"meetings/{meeting.day}-{meeting.committee.slug[:60].lower()}-{meeting.pk}.html"


def page_name(record):
    # With a full stop, which no slug has: none is a name that Windows reserves, or differs in its case alone.
    return record.slug if record.slug == record.slug.lower() and len(record.slug) > 4 else f"{record.slug}.{record.pk}"


def link_to_committee(committee):
    return Link(committee.name, page_of_committee(committee))


# Committees


def committee_content(committee, now, today):
    inquiries = committee.inquiries.public().order_by("-completed_on", "title", "pk")
    meetings = with_agendas(committee.meetings.select_related("committee").order_by("-start"))
    return ArchivedCommittee(
        title=committee.name,
        slug=committee.slug,
        members=tuple(Seat(name, role.label) for name, role in seats_in_order(committee, today)),
        inquiries=tuple(
            Link(inquiry.title, page_of_inquiry(inquiry), inquiry.completed_on, inquiry.completion)
            for inquiry in inquiries.iterator(CHUNK)
        ),
        meetings=tuple(
            Link(long_date(meeting.day), page_of_meeting(meeting), meeting.day, meeting_note(meeting))
            for meeting in meetings.iterator(CHUNK)
        ),
        programme=tuple(
            ArchivedProgrammeLine(part.heading, line.title, line.kind, line.purpose, line.contact)
            for part in work_programme(committee, now=now, today=today).parts
            for line in part.lines
        ),
    )


def meeting_note(meeting):
    return "cancelled" if meeting.cancelled_at else "with its agenda" if meeting.has_agenda else ""


# Inquiries


def inquiry_content(folder, inquiry):
    about = {"committee": inquiry.committee.name, "inquiry": inquiry.title, "page": page_of_inquiry(inquiry)}
    report_file = None
    if inquiry.report_file:
        report_file = folder.add_kept(
            inquiry.report_file,
            inquiry.report_file_checksum,
            f"{inquiry.title} inquiry report",
            ".pdf",
            day=inquiry.completed_on,
            kind="Inquiry report",
            title="Inquiry report (PDF)",
            **about,
        )
    reports = ProgressReport.objects.public().filter(inquiry=inquiry).order_by("months_on")
    return ArchivedInquiry(
        title=inquiry.title,
        slug=inquiry.slug,
        committee=link_to_committee(inquiry.committee),
        summary=inquiry.summary,
        completion=inquiry.completion,
        received_on=inquiry.received_on,
        notice_on=inquiry.notice_on,
        response_due=inquiry.response_due,
        is_health=inquiry.is_health,
        published_at=inquiry.published_at.isoformat(),
        report_file=report_file,
        recommendations=tuple(map(recommendation_content, inquiry_timelines(inquiry))),
        reports=tuple(report_content(folder, report, about) for report in reports),
    )


def recommendation_content(timeline):
    recommendation = timeline.recommendation
    return ArchivedRecommendation(
        reference=recommendation.reference,
        number_given=recommendation.reference_given,
        text=recommendation.text,
        response=response_content(recommendation.response) if recommendation.response else None,
        updates=tuple(map(update_content, timeline.published)),
        ended_as=recommendation.ended_as,
        ending=recommendation.ending if recommendation.ended_as else "",
        ended_reason=recommendation.ended_reason,
    )


def response_content(response):
    answered = sorted(response.recommendations.all(), key=lambda r: r.reference_key)
    return ArchivedResponse(
        answers=tuple(r.reference for r in answered),
        decision=response.decision,
        decision_label=response.get_decision_display(),
        text=response.text,
        reason=response.reason,
        responding_body=response.responding_body,
        responded_on=response.responded_on,
        lead_officer=response.lead_officer.title_and_name if response.lead_officer else "",
        original_target_date=response.original_target_date,
        target_date=response.target_date,
        target_date_changes=tuple(
            TargetDateMoved(timezone.localdate(change.changed_at), change.old_date, change.new_date, change.reason)
            for change in response.target_date_changes.all()
        ),
    )


def update_content(published):
    row = published.row
    return ArchivedUpdate(
        months_on=published.content.months_on,
        report=published.content.kind,
        edition=published.edition.number,
        day=published.content.update_date,
        text=row.update,
        exempt_paragraph=row.exempt.paragraph if row.exempt else None,
        contributors=tuple(map(str, row.contributors)),
        officer_view=row.officer_view,
        evidence=row.evidence,
        rating=row.rating,
        assessment=row.assessment,
        comment=row.comment,
        corrections=row.corrections,
        actions=row.actions,
        earlier_actions=row.earlier_actions,
    )


def report_content(folder, report, about):
    evidence = EvidenceFile.objects.public().filter(update__report=report).order_by("pk")
    day = report.update_date
    return ArchivedReport(
        title=report.kind,
        months_on=report.months_on,
        editions=tuple(edition_content(folder, report, edition, about) for edition in report.editions.iterator(1)),
        evidence=tuple(
            file
            for kept in evidence
            if (
                file := folder.add_kept(
                    kept.file,
                    kept.checksum,
                    f"{about['inquiry']} {report.months_on} months evidence {kept.title}",
                    ".pdf",
                    day=day,
                    kind="Evidence",
                    title=f"{kept.title} (PDF)",
                    **about,
                )
            )
        ),
    )


def edition_content(folder, report, edition, about):
    content = from_json(edition.content)
    files = []
    for title, ending in (("PDF", "pdf"), ("Word", "docx"), ("CSV", "csv"), ("JSON", "json")):
        is_kept = ending in ("pdf", "docx")
        file = folder.add(
            f"{about['inquiry']} progress report {report.months_on} months edition {edition.number}",
            f".{ending}",
            pieces_of(getattr(edition, ending)) if is_kept else [RENDERERS[ending](content)],
            expected=getattr(edition, f"{ending}_checksum") if is_kept else "",
            day=content.update_date or timezone.localdate(edition.published_at),
            kind="Progress report",
            title=f"{report.kind} ({title})",
            edition=edition.number,
            **about,
        )
        files += [replace(file, title=title)] if file else []
    return ArchivedEdition(
        number=edition.number,
        after_meeting=edition.after_meeting,
        published=moment_of(edition, "published"),
        published_at=edition.published_at.isoformat(),
        files=tuple(files),
    )


# Meetings


def meeting_content(folder, meeting, today):
    agenda = build_agenda(meeting, PUBLIC, today, restricted=False)
    about = {"committee": meeting.committee.name, "page": page_of_meeting(meeting), "day": meeting.day}
    members = members_with_roles(meeting) if agenda.members is None else agenda.members
    return ArchivedMeeting(
        title=str(meeting),
        committee=link_to_committee(meeting.committee),
        start=timezone.localtime(meeting.start).isoformat(),
        when=moment(meeting.start),
        venue=meeting.venue,
        cancelled=meeting.cancelled_at is not None,
        cancelled_reason=meeting.cancelled_reason,
        members=tuple(Seat(name, role) for name, role in members),
        items=items_content(folder, meeting, agenda, today, about),
        packs=tuple(pack_content(folder, pack, about) for pack in published_packs(meeting).iterator(1)),
        **minutes_content(folder, meeting, about),
    )


def minutes_content(folder, meeting, about):
    """What was published after the meeting, with the files of the draft and of the signed minutes."""
    after = build_decisions(meeting)
    about, files = {**about, "kind": "Minutes"}, []
    if after.signed:
        name = f"{meeting.committee.name} minutes signed"
        title = "Signed minutes (PDF)"
        files.append(folder.add_kept(after.signed.file, after.signed.checksum, name, ".pdf", title=title, **about))
    if after.content is None:
        return {"minutes": tuple(file for file in files if file)}
    about["edition"] = after.edition.number
    name = f"{meeting.committee.name} minutes draft {after.edition.number}"
    files.append(folder.add(name, ".docx", [minutes_docx(after.content)], title="Draft minutes (Word)", **about))
    return {
        "attendance": tuple(f"{heading}: {one}" for heading, people in after.content.attendance for one in people),
        "declarations": tuple(str(one) for one in after.content.declarations),
        "decisions": tuple(ArchivedDecision(one.number, one.title, one.outcome) for one in after.content.minutes),
        "minutes": tuple(file for file in files if file),
    }


def items_content(folder, meeting, agenda, today, about):
    papers: dict = {}
    readable = AgendaDocument.objects.visible_to(PUBLIC, today).filter(item__meeting=meeting)
    readable = readable.select_related("officer_report__author").prefetch_related("officer_report__signatures__person")
    for paper in readable.defer("page_texts", "pages").order_by("item", "position", "pk"):
        papers.setdefault(paper.item_id, []).append(paper)
    found = []
    for line in agenda.lines:
        files = [
            folder.add_kept(
                paper.file,
                paper.checksum,
                f"{meeting.committee.name} item {line.number} {paper.title}",
                ".pdf",
                kind="Paper",
                title=f"{paper.title} (PDF)",
                **about,
            )
            for paper in papers.get(line.pk, ())
        ]
        report = next((part.report for part in line.parts if part.report), None)
        edition = report and (report.for_meeting or report.assessed)
        found.append(
            ArchivedItem(
                number=line.number,
                title=line.title,
                subtitle=line.subtitle,
                to_follow=line.to_follow,
                pages=tuple(
                    f"{'Supplement ' + str(part.pack.supplement) + ', ' if part.pack.supplement else ''}{part.range}"
                    for part in line.parts
                    if part.range
                ),
                exempt=tuple(f"Paragraph {number}: {words}" for number, words in line.exempt),
                report=Link(report.title, page_of_inquiry(edition.report.inquiry)) if edition else None,
                papers=tuple(file for file in files if file),
                officer_reports=tuple(
                    officer_report_content(paper.officer_report)
                    for paper in papers.get(line.pk, ())
                    if hasattr(paper, "officer_report")
                ),
            )
        )
    return tuple(found)


def officer_report_content(report):
    signed = (signature for signature in report.signatures.all() if signature.signed_at is not None)
    return ArchivedOfficerReport(
        title=report.title,
        author=str(report.author),
        signed_by=tuple(f"{one}, {long_date(timezone.localdate(one.signed_at))}" for one in signed),
    )


def published_packs(meeting):
    packs = AgendaPack.objects.filter(meeting=meeting, edition=PackEdition.PUBLIC, published_at__isnull=False)
    bound = Prefetch("papers", PackPaper.objects.select_related("document"))
    return packs.order_by("supplement", "number").prefetch_related("entries", bound)


def pack_content(folder, pack, about):
    files = []
    if pack.is_published:
        name = f"{about['committee']} {pack_file_words(pack)}"
        about = {**about, "kind": "Agenda pack", "edition": pack.number}
        kept = folder.add_kept(pack.file, pack.checksum, name, ".pdf", title=f"{pack.name} (PDF)", **about)
        data = folder.add(name, ".json", [agenda_pack_json(pack)], title=f"{pack.name} (JSON)", **about)
        files = [file for file in (kept, data) if file]
    return ArchivedPack(
        title=pack.name,
        supplement=pack.supplement,
        edition=pack.number,
        published=moment(pack.published_at),
        published_at=pack.published_at.isoformat(),
        withdrawn=moment(pack.withdrawn_at),
        withdrawn_reason=pack.withdrawn_reason,
        files=tuple(files),
    )


def pack_file_words(pack):
    """ "agenda pack", "supplement 1 restricted edition 2"."""
    words = f"supplement {pack.supplement}" if pack.supplement else "agenda pack"
    restricted = " restricted" if pack.edition == PackEdition.RESTRICTED else ""
    return f"{words}{restricted}{f' edition {pack.number}' if pack.number > 1 else ''}"
