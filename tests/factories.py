"""Reports at any stage, reached by walking the real actions."""

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pypdfium2
from django.core.files.base import ContentFile
from PIL import Image

from inquiries.actions import (
    assessments,
    endings,
    inquiries,
    meetings,
    officer_reports,
    progress,
    publication,
    responses,
)
from inquiries.choices import Decision, ItemKind, Rating, Stage, Tagging
from inquiries.documents.archive_content import FORMAT, ArchiveFacts
from inquiries.documents.data_formats import to_json_bytes
from inquiries.models import FormerCouncil, FormerFile, Inquiry, Meeting, Response
from inquiries.serialization import to_plain_data
from inquiries.uploads.paper import ReceivedPaper
from inquiries.uploads.picture import process_picture
from tests.cast import NOW
from tests.documents.papers import WORDS, facts_of, make_paper
from tests.replay import replayed

# The deadlines of a report that goes to no meeting yet.
DATES = {"updates_due_on": date(2027, 6, 1), "sign_off_due_on": date(2027, 6, 8)}
LONDON = ZoneInfo("Europe/London")
# As long as in the report of 2015.
RECOMMENDED = (
    "That the council, with its partner agencies, publishes one telephone number for all who need help in a crisis, "
    "and that this number stands on every leaflet, letter and page about benefits which the council and the agencies "
    "send out."
)
WRITTEN = (
    "Since April the team has met eleven partner agencies, of which nine have signed the agreement about referrals. "
    "A leaflet with the number has gone to every surgery, library and school of the county. "
) * 4


@replayed
def make_inquiry(committee, by, *, officer=None, other_officer=None, cabinet_member=None, title="Warm Homes Inquiry"):
    """An inquiry with 1a and 1b (one response), 2, 3b (not accepted), 4 (withdrawn) and 10 (without a lead)."""
    inquiry = Inquiry.objects.create(
        committee=committee,
        title=title,
        slug=inquiries.free_slug(title.lower().replace(" ", "-")),
        completed_on=date(2026, 5, 1),
        completed_body="Cabinet",
    )
    made = {
        reference: inquiries.add_recommendation(inquiry, reference=reference, text=text, by=by, now=NOW)
        for reference, text in (
            ("1a", "That the council publishes one telephone number for help with heating."),
            ("1b", "That the number stands on every council tax bill."),
            ("2", "That officers meet the county's advice agencies every quarter."),
            ("3b", "That the council buys a thermal camera for each library."),
            ("4", "That the council writes to every landlord."),
            ("10", "That the warm-homes fund is reviewed each year."),
        )
    }
    endings.end_recommendation(
        made["4"],
        ending="withdrawn",
        reason="The committee took it back at its meeting.",
        on=date(2026, 6, 2),
        by=by,
        now=NOW,
    )
    for references, decision, words in (
        (("1a", "1b"), Decision.ACCEPTED, {"text": "One number will be used.", "lead_officer": officer}),
        (("2",), Decision.IN_PART, {"text": "Twice a year.", "reason": "Costs.", "lead_officer": other_officer}),
        (("3b",), Decision.NOT_ACCEPTED, {"reason": "A camera would stand idle for most of the year."}),
        (("10",), Decision.ACCEPTED, {"text": "It will be reviewed each spring."}),
    ):
        responses.record_response(
            inquiry,
            recommendations=[made[reference] for reference in references],
            decision=decision,
            cabinet_member=cabinet_member,
            by=by,
            now=NOW,
            **words,
        )
    return inquiry


@replayed
def make_former_council(name="Weald District Council"):
    """One whose archive holds a front page and a paper, and a paper that is not public."""
    facts = ArchiveFacts(FORMAT, "1.0", name, NOW.isoformat(), "public", "")
    public = {"data/archive.json": to_json_bytes(to_plain_data(facts)), "files/paper.pdf": make_paper(1)}
    parts = {False: public, True: {"files/exempt.pdf": make_paper(1, title="Exempt")}}
    for files in parts.values():
        links = "".join(f"<a href={path}>{path}</a>" for path in (*files, "SHA256SUMS"))
        files["index.html"] = f"<!doctype html><title>Archive</title>{links}".encode()
    council = FormerCouncil(name=name, slug=name.lower().replace(" ", "-"), archived_on=NOW, imported_on=NOW)
    lists = {
        part: "".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in files.items())
        for part, files in parts.items()
    }
    council.public_checksum = hashlib.sha256(lists[False].encode()).hexdigest()
    council.restricted_checksum = hashlib.sha256(lists[True].encode()).hexdigest()
    council.save()
    for part, files in parts.items():
        for position, (path, data) in enumerate(files.items(), start=1):
            kept = FormerFile(council=council, is_restricted=part, position=position, path=path, size=len(data))
            kept.checksum = hashlib.sha256(data).hexdigest()
            kept.file.save(path.rpartition("/")[2], ContentFile(data))
    return council


@replayed
def make_meeting(committee, day=date(2026, 12, 15)):
    """A meeting at two in the afternoon."""
    return Meeting.objects.create(
        committee=committee, start=datetime(day.year, day.month, day.day, 14, tzinfo=LONDON), venue="Mezzanine Room 2"
    )


@replayed
def hold_meeting(committee):
    """A meeting of the morning of the story: the committee can have decided there."""
    return Meeting.objects.get_or_create(committee=committee, start=NOW - timedelta(minutes=30))[0]


@replayed
def make_report(inquiry, by, *, at=Stage.COMMISSIONED, months_on=6, meeting=None, cabinet_members=(), chair=None):
    """A report that has walked to the stage `at`. `chair` confirms the assessments; else the clerk does."""
    days = {} if meeting else DATES
    # Before its deadlines, which for the usual meeting have passed on the day of the story.
    now = min(NOW, datetime.combine(meeting.deadlines.updates, NOW.timetz()) - timedelta(days=14)) if meeting else NOW
    report = progress.commission(
        inquiry, months_on=months_on, by=by, now=now, meeting=meeting, cabinet_members=cabinet_members, **days
    )
    return walk(report, to=at, by=by, chair=chair)


@replayed
def make_long_report(committee, by, *, officer, cabinet_member):
    """Twelve rows with texts as long as those of the report of 2015, published for a meeting; all are overdue."""
    inquiry = Inquiry.objects.create(committee=committee, title="Crisis Support", slug="crisis-support")
    answer = {"decision": Decision.ACCEPTED, "lead_officer": officer, "cabinet_member": cabinet_member}
    for number in range(1, 13):
        recommendation = inquiries.add_recommendation(inquiry, reference=str(number), text=RECOMMENDED, by=by, now=NOW)
        responses.record_response(inquiry, recommendations=[recommendation], text=WRITTEN, by=by, now=NOW, **answer)
    Response.objects.update(target_date=date(2026, 10, 31), original_target_date=date(2026, 6, 30))
    report = make_report(inquiry, by, at=Stage.SIGNED_OFF, meeting=make_meeting(committee))
    for update in report.updates.for_page():
        text = f"About {update.response.references}: {WRITTEN}"
        report.updates.filter(pk=update.pk).update(text=text, officer_view="on_track")
    publication.publish(report, by=by, now=NOW)
    report.refresh_from_db()
    return report


@replayed
def walk(report, *, to, by, chair=None):
    """Take a freshly commissioned report to the stage `to` by the real actions; returns it as it then stands."""
    steps = [Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF, Stage.PUBLISHED, Stage.ASSESSED]
    deeds = [_submit_all, _sign_all, publication.publish, _assess_all]
    for number, deed in enumerate(deeds[: steps.index(to)], start=1):
        actor = chair if deed is _assess_all and chair else by
        deed(report, by=actor, now=NOW + timedelta(minutes=number))
        report.refresh_from_db()
    return report


def _submit_all(report, *, by, now):
    for update in report.updates.for_page():
        words = f"Work on {update.response.references} is going well."
        saved = progress.save_update(update, version=update.version, text=words, by=by, now=now)
        progress.submit_update(saved, version=saved.version, by=by, now=now)


def _sign_all(report, *, by, now):
    for sign_off in report.sign_offs.all():
        progress.record_sign_off(sign_off, evidence_note="An e-mail of the same day.", by=by, now=now)


def _assess_all(report, *, by, now):
    for update, rating in zip(report.updates.for_page(), [*Rating, None], strict=False):
        assessments.assess(update, rating=rating, comment="", seen=None, by=by, now=now)
    confirm_assessments(report, by=by, now=now)


def confirm_assessments(report, *, by, now):
    """Confirm the assessments once the meeting has begun: that of the morning where the report names none."""
    held = report.meeting or hold_meeting(report.inquiry.committee)
    return assessments.confirm_assessments(report, meeting=held, by=by, now=max(now, held.start))


def make_received(pages=1, *, title="A paper", words=WORDS, name="paper.pdf", tagged=True):
    """A sample paper as the check of uploads hands it on."""
    pdf = make_paper(pages, title=title, words=words, tagged=tagged)
    with pypdfium2.PdfDocument(pdf) as opened:
        texts = tuple(page.get_textpage().get_text_bounded() for page in opened)
    return ReceivedPaper(
        pdf=pdf,
        checksum=hashlib.sha256(pdf).hexdigest(),
        original_name=name,
        pages=facts_of(pdf),
        page_texts=texts,
        tagging=Tagging.VALID if tagged else Tagging.UNTAGGED,
        title=title,
        language="en-GB",
        cleaned=(),
    )


@replayed
def make_agenda(meeting, by, *, report=None, paper_pages=3, exempt_words=""):
    """The usual agenda: apologies, a paper of so many pages, the report where there is one, an exempt paper's item."""
    meetings.add_item(meeting, title="Apologies for absence", by=by, now=NOW)
    item = meetings.add_item(
        meeting, title="Bus services", subtitle="A first look", kind=ItemKind.PAPERS, by=by, now=NOW
    )
    meetings.add_paper(item, make_received(paper_pages, title="Bus services"), title="Bus services", by=by, now=NOW)
    if report:
        meetings.add_item(meeting, title="Warm homes", kind=ItemKind.REPORT, report=report, by=by, now=NOW)
    if exempt_words:
        item = meetings.add_item(meeting, title="A contract", kind=ItemKind.PAPERS, by=by, now=NOW)
        # All sample papers share some sentences, and what is exempt stands nowhere else.
        received = replace(make_received(2, title="Sealed", name="sealed.pdf"), page_texts=(exempt_words, ""))
        meetings.add_paper(item, received, title="Tender report", exempt_paragraph=3, by=by, now=NOW)
    return meeting


REPORT_SECTIONS = [
    ("Purpose", "To tell members what the contact centre does."),
    ("Background", "Cabinet agreed it in **2025**."),
    ("Summary", "Calls are answered sooner."),
    ("Key issues", "- staff\n- telephones\n\n| Year | Calls |\n| 2025 | 1,240 |"),
    ("Resource implications", "None."),
    ("Next steps", "A report in June."),
]


@replayed
def make_officer_report(meeting, by, *, author, title="Contact centre", now=NOW, **values):
    return officer_reports.commission(meeting, title=title, author=author, **values, by=by, now=now)


@replayed
def write_officer_report(report, by, *, submit=False, now=NOW, **fields):
    """Write it whole, and submit it if wished."""
    values = {"sections": REPORT_SECTIONS, "contact_telephone": "01234 567890"} | fields
    report = officer_reports.save(officer_reports.fetch(report), version=report.version, **values, by=by, now=now)
    return officer_reports.submit(report, version=report.version, by=by, now=now) if submit else report


@replayed
def sign_officer_report(report, now=NOW):
    for signature in report.signatures.select_related("person"):
        officer_reports.sign(signature, by=signature.person, now=now)
    return officer_reports.fetch(report)


def picture_file(colour="teal", size=(40, 20)):
    target = BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG")
    return ContentFile(target.getvalue(), "chart.png")


@replayed
def add_report_picture(report, by, words="Calls by year"):
    received = process_picture(picture_file(), "chart.png")
    return officer_reports.add_picture(report, received, alternative_text=words, by=by, now=NOW)
