"""An officer report from its commission to the paper of its item."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from inquiries.actions import handover, meetings, officer_reports
from inquiries.actions.progress import EditClash
from inquiries.choices import ItemKind, OfficerReportState
from inquiries.models import Entry, Notification, OfficerReport
from inquiries.notifications import open_tasks
from inquiries.permissions import Refused
from inquiries.uploads.picture import process_picture
from tests import factories
from tests.cast import NOW, TODAY, person

MEETING_DAY = date(2027, 1, 26)
SECTIONS = factories.REPORT_SECTIONS
pytestmark = pytest.mark.django_db


@pytest.fixture
def director(db):
    return person("Richard Ambrose", "richard@wealdshire.example", job_title="Director of Assurance")


@pytest.fixture
def meeting(committee, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return factories.make_meeting(committee, MEETING_DAY)


@pytest.fixture
def report(meeting, clerk, officer, director, cabinet_member):
    return officer_reports.commission(
        meeting,
        title="Contact centre",
        author=officer,
        director=director,
        cabinet_member=cabinet_member,
        by=clerk,
        now=NOW,
    )


def save(report, by, **fields):
    return factories.write_officer_report(report, by, **fields)


def submit(report, by):
    return factories.write_officer_report(report, by, submit=True)


def sign_all(report, now=NOW):
    return factories.sign_officer_report(report, now)


def mails(occasion):
    found = Notification.objects.filter(occasion=occasion).order_by("pk")
    return [(one.recipient.name, one.subject) for one in found.select_related("recipient")]


def test_commissioned_for_a_new_item(report, meeting, officer):
    item = meeting.items.get()
    assert (item.title, item.kind) == ("Contact centre", ItemKind.PAPERS)
    assert report.state == OfficerReportState.NOT_STARTED
    assert report.text_due_on == meeting.deadlines.updates
    assert report.sign_off_due_on == meeting.deadlines.sign_off
    assert [section["heading"] for section in report.sections] == [heading for heading, _ in SECTIONS]
    assert report.contact == "Siân Llŷr-Ôwain, sian@wealdshire.example"
    assert mails("officer_report_wanted") == [(officer.name, "Please write: the report “Contact centre”")]
    entry = Entry.objects.about(report).get()
    assert entry.sentence == "commissioned the officer report “Contact centre”"


def test_commissioned_for_an_item_that_carried_nothing(meeting, clerk, officer, director):
    item = meetings.add_item(meeting, title="Telephones", by=clerk, now=NOW)
    asked = {"title": "Telephones", "author": officer, "director": director}
    report = officer_reports.commission(meeting, item=item, **asked, by=clerk, now=NOW)
    assert report.item == item
    item.refresh_from_db()
    assert item.kind == ItemKind.PAPERS


def test_a_commission_names_people_who_can_do_it(meeting, clerk, officer, director, member):
    def errors(**values):
        with pytest.raises(ValidationError) as caught:
            officer_reports.commission(meeting, title="Telephones", author=officer, **values, by=clerk, now=NOW)
        return caught.value.message_dict

    assert errors() == {"director": ["Name the director or the Cabinet Member who signs the report, or both."]}
    assert errors(cabinet_member=director) == {
        "cabinet_member": ["Richard Ambrose has no portfolio in Cabinet: choose a Cabinet Member."]
    }
    assert errors(director=director, text_due=TODAY - timedelta(days=1)) == {
        "text_due": ["22 November 2026 has passed. Enter 23 November 2026 or a later date."]
    }
    late = date(2027, 1, 20)
    assert errors(director=director, text_due=late) == {
        "sign_off_due": ["Sign-off cannot be due before the text is, on 20 January 2027."]
    }
    with pytest.raises(Refused, match="sits on the Communities Select Committee"):
        officer_reports.commission(meeting, title="T", author=officer, director=member, by=clerk, now=NOW)
    with pytest.raises(Refused, match="Only a clerk"):
        officer_reports.commission(meeting, title="T", author=officer, director=director, by=officer, now=NOW)
    assert not OfficerReport.objects.exists()


def test_written_submitted_and_signed_it_is_a_paper(report, officer, director, cabinet_member, clerk):
    report = save(report, officer)
    assert (report.state, report.version) == (OfficerReportState.DRAFT, 1)
    report = officer_reports.submit(report, version=1, by=officer, now=NOW)
    assert report.state == OfficerReportState.AWAITING_SIGN_OFF
    assert mails("officer_report_to_sign") == [
        (director.name, "Ready for your sign-off: the report “Contact centre”"),
        (cabinet_member.name, "Ready for your sign-off: the report “Contact centre”"),
    ]
    one, other = report.signatures.all()
    officer_reports.sign(one, by=one.person, now=NOW, seen=report.version)
    report = officer_reports.fetch(report)
    assert (report.state, report.document) == (OfficerReportState.AWAITING_SIGN_OFF, None)
    officer_reports.sign(other, by=other.person, now=NOW, seen=report.version)
    report = officer_reports.fetch(report)
    assert report.state == OfficerReportState.SIGNED_OFF
    paper = report.item.documents.get()
    assert paper == report.document
    assert (paper.title, paper.tagging, paper.position, paper.supplement) == ("Contact centre", "valid", 1, 0)
    assert paper.contact == "Siân Llŷr-Ôwain, 01234 567890, sian@wealdshire.example"
    text = " ".join(" ".join(paper.page_texts).split())
    assert "Calls are answered sooner." in text
    assert "Richard Ambrose" in text and "23 November 2026" in text
    assert "sign-off required" not in text
    assert mails("officer_report_signed") == [
        (clerk.name, "Signed off: the report “Contact centre”"),
        (officer.name, "Signed off: the report “Contact centre”"),
    ]


def test_a_report_with_parts_missing_is_not_submitted(report, officer):
    sections = [*SECTIONS[:2], ("Summary", " "), ("Key issues", "Agreed. [Director sign-off required]"), *SECTIONS[4:]]
    picture = ("Pictures", "![A chart](chart.png)")
    report = save(report, officer, sections=[*sections, picture], contact_telephone="", contact_email="")
    with pytest.raises(ValidationError) as caught:
        officer_reports.submit(report, version=report.version, by=officer, now=NOW)
    assert caught.value.message_dict == {
        "text_3": ["Write the section “Summary”. Where there is nothing to say, say so."],
        "text_4": [
            "Remove “[Director sign-off required]”: who signs is asked here, and printed when they have.",
        ],
        "text_7": ["There is no picture chart.png: add it to the report, or take it out of the text."],
        "contact_telephone": ["Enter a telephone number or an e-mail address of the contact officer."],
    }
    assert officer_reports.fetch(report).state == OfficerReportState.DRAFT


def test_an_edit_based_on_an_old_version_is_refused(report, officer, clerk):
    save(report, officer)
    with pytest.raises(EditClash) as caught:
        officer_reports.save(report, version=0, title="Another", by=clerk, now=NOW)
    assert caught.value.current.version == 1
    assert officer_reports.fetch(report).title == "Contact centre"


def test_contributors_write_with_the_author(report, officer, contributor, other_officer):
    with pytest.raises(Refused, match="Only its author, the contributors they name, or a clerk"):
        save(report, contributor)
    report = save(report, officer, contributors=[contributor])
    assert mails("officer_report_wanted")[1:] == [(contributor.name, "Please write: the report “Contact centre”")]
    report = save(report, contributor, title="The contact centre")
    assert report.title == "The contact centre"
    with pytest.raises(Refused, match="Only its author or a clerk can name contributors"):
        save(report, contributor, contributors=[contributor, other_officer])


def test_returned_it_is_open_again(report, officer, director, cabinet_member):
    report = submit(report, officer)
    director_signs = report.signatures.get(role="director")
    officer_reports.sign(director_signs, by=director, now=NOW)
    with pytest.raises(Refused, match="Say what you would like changed"):
        officer_reports.return_report(report, note=" ", by=cabinet_member, now=NOW)
    report = officer_reports.return_report(report, note="Say what it costs.", by=cabinet_member, now=NOW)
    assert (report.state, report.return_note) == (OfficerReportState.RETURNED, "Say what it costs.")
    assert mails("officer_report_returned") == [(officer.name, "Please revise: the report “Contact centre”")]
    # Until the text changes the director's signature holds.
    assert report.signatures.get(role="director").signed_at == NOW
    report = save(report, officer, sections=[*SECTIONS[:5], ("Next steps", "A report in July.")])
    assert not report.signatures.filter(signed_at__isnull=False).exists()
    assert mails("report_signature_withdrawn") == [
        (director.name, "Your sign-off has been withdrawn: the report “Contact centre”")
    ]


def test_a_signature_is_for_the_text_that_was_read(report, officer, director, clerk):
    report = submit(report, officer)
    signature = report.signatures.get(role="director")
    with pytest.raises(EditClash):
        officer_reports.sign(signature, by=director, now=NOW, seen=report.version - 1)
    with pytest.raises(Refused, match="Only the person named"):
        officer_reports.sign(signature, by=officer, now=NOW)
    with pytest.raises(Refused, match="Note how their agreement is known"):
        officer_reports.record_sign_off(signature, evidence_note=" ", by=clerk, now=NOW)
    officer_reports.record_sign_off(signature, evidence_note="An e-mail of today.", by=clerk, now=NOW)
    signature.refresh_from_db()
    assert (signature.signed_by, signature.evidence_note) == (clerk, "An e-mail of today.")


def test_reopened_and_signed_again_its_paper_is_replaced(report, officer, clerk):
    report = sign_all(submit(report, officer))
    first = report.document
    report = officer_reports.reopen(report, reason="A figure was wrong.", by=clerk, now=NOW)
    assert (report.state, report.document) == (OfficerReportState.RETURNED, first)
    assert not report.signatures.filter(signed_at__isnull=False).exists()
    report = save(report, officer, title="The contact centre")
    later = NOW + timedelta(hours=1)
    report = officer_reports.submit(report, version=report.version, by=officer, now=later)
    report = sign_all(report, later)
    assert [paper.title for paper in report.item.documents.on_agenda()] == ["The contact centre"]
    first.refresh_from_db()
    assert first.removed_at == later


def test_an_exempt_report_is_an_exempt_paper_and_its_title_in_no_mail(meeting, clerk, officer, director):
    asked = {"title": "Quorvane tender", "author": officer, "director": director, "exempt_paragraph": 3}
    report = officer_reports.commission(meeting, **asked, by=clerk, now=NOW)
    report = sign_all(submit(report, officer))
    assert report.document.exempt_paragraph == 3
    for notification in Notification.objects.all():
        assert "Quorvane" not in notification.subject + notification.body


def test_changed_by_a_clerk(report, clerk, officer, other_officer, director, cabinet_member):
    report = submit(report, officer)
    officer_reports.sign(report.signatures.get(role="director"), by=director, now=NOW)
    report = officer_reports.change(report, text_due=date(2026, 12, 1), by=clerk, now=NOW)
    assert report.text_due_on == date(2026, 12, 1)
    assert report.signatures.get(role="director").signed_at == NOW
    with pytest.raises(Refused, match="Richard Ambrose has already signed and stays named"):
        officer_reports.change(report, director=other_officer, by=clerk, now=NOW)
    # Who had not signed is no longer named: it is signed off.
    report = officer_reports.change(report, cabinet_member=None, by=clerk, now=NOW)
    assert report.state == OfficerReportState.SIGNED_OFF
    with pytest.raises(Refused, match="reopen it before you change it"):
        officer_reports.change(report, title="Another", by=clerk, now=NOW)


def test_cancelled_its_paper_leaves_the_agenda(report, officer, clerk):
    report = sign_all(submit(report, officer))
    report = officer_reports.cancel(report, by=clerk, now=NOW)
    assert report.state == OfficerReportState.CANCELLED
    assert not report.item.documents.on_agenda().exists()
    with pytest.raises(Refused, match="has been cancelled"):
        save(report, officer)


def test_tasks_and_their_superiors(report, officer, director, cabinet_member):
    officer.director = person("Gill Hart", "gill@wealdshire.example")
    officer.save()
    (task,) = open_tasks(MEETING_DAY)
    assert (task.key, task.people, task.due) == (f"officer_report:{report.pk}", (officer,), report.text_due_on)
    assert task.about == "meeting of the Communities Select Committee, 26 January 2027"
    assert task.superiors == (officer.director, director, cabinet_member)
    submit(report, officer)
    tasks = open_tasks(MEETING_DAY)
    assert [(task.what, task.people) for task in tasks] == [
        ("sign-off of the report “Contact centre”", (director,)),
        ("sign-off of the report “Contact centre”", (cabinet_member,)),
    ]
    assert open_tasks(report.sign_off_due_on - timedelta(days=1)) == []


def test_its_dates_move_with_the_meeting(report, meeting, clerk, officer, director):
    start = datetime(2027, 2, 9, 14, tzinfo=ZoneInfo("Europe/London"))
    meetings.change_meeting(meeting, start=start, venue=meeting.venue, by=clerk, now=NOW)
    report = officer_reports.fetch(report)
    assert report.text_due_on == report.meeting.deadlines.updates > date(2027, 1, 1)
    body = Notification.objects.get(occasion="dates_changed", recipient=officer).body
    assert "the report “Contact centre”: by 11 January 2027 instead of 23 December 2026" in body
    assert "sign-off of the report" in Notification.objects.get(occasion="dates_changed", recipient=director).body


def test_a_meeting_that_is_cancelled_ends_the_work(report, meeting, clerk, officer):
    meetings.cancel_meeting(meeting, reason="Snow.", by=clerk, now=NOW)
    assert officer_reports.fetch(report).state == OfficerReportState.CANCELLED
    assert not OfficerReport.objects.open().exists()
    assert officer.name in [name for name, _ in mails("meeting_cancelled")]
    with pytest.raises(Refused, match="The meeting of this report has been cancelled"):
        save(officer_reports.fetch(report), officer)


def test_pictures_are_drawn_anew(report, officer):
    received = process_picture(factories.picture_file(), "C:\\charts\\calls.png")
    assert (received.original_name, received.extension, received.width, received.height) == ("calls.png", "png", 40, 20)
    picture = officer_reports.add_picture(report, received, alternative_text="Calls by year", by=officer, now=NOW)
    assert picture.name == "picture-1.png"
    with picture.file.open() as file, Image.open(file) as kept:
        assert (kept.size, kept.getpixel((0, 0))) == ((40, 20), (0, 128, 128))
    officer_reports.remove_picture(picture, by=officer, now=NOW)
    assert not report.pictures.current().exists()


def test_a_leaver_hands_it_over(report, clerk, officer, other_officer, contributor, director):
    report = save(report, officer, contributors=[contributor])
    for leaver, takes_over in ((officer, {"officer_reports": other_officer}), (contributor, {})):
        handover.record_leaver(leaver, **takes_over, by=clerk, now=NOW)
    with pytest.raises(ValidationError, match="Choose who signs these officer reports off"):
        handover.record_leaver(director, by=clerk, now=NOW)
    handover.record_leaver(director, report_signatures=other_officer, by=clerk, now=NOW)
    report = officer_reports.fetch(report)
    assert (report.author, report.contributor_names, report.contact_name) == (other_officer, [], "Tom Okafor")
    assert report.signatures.get(role="director").person == other_officer
    bodies = Notification.objects.filter(occasion="handed_over", recipient=other_officer).values_list("body", flat=True)
    assert any("the report “Contact centre”, as its author, by 23 December 2026" in body for body in bodies)
