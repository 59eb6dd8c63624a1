"""Hostile words in what leaves the application: PDF, Word, CSV, JSON, calendars, mails, and their headers."""

import csv
import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO, StringIO

import pikepdf
import pypdfium2
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse
from icalendar import Calendar
from lxml import etree

from inquiries.models import Meeting, Notification, OfficerReport
from tests.security.conftest import LATER
from tests.sending import send_all

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Of each of these a piece is looked for: as it stands, its letters in order, nothing worked out.
LITERAL = ("<x-attack", "{{7*7}}", '#eval("7*7")', "<script>alert(1)</script>")


def body_of(answer):
    return b"".join(answer) if answer.streaming else answer.content


def squeezed(text):
    """Without what only breaks lines: blanks, soft hyphens, joiners, hyphens at the end of a line."""
    return re.sub(r"[\s\u00ad\u200b\u2060\ufffe\ufffd-]", "", text)


def literal_in(text):
    return [piece for piece in LITERAL if squeezed(piece) not in squeezed(text)]


def words_of_pdf(data):
    with pypdfium2.PdfDocument(data) as pdf:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


def check_headers(answer, content_type):
    disposition = answer["Content-Disposition"]
    assert re.fullmatch(r'(inline|attachment); filename="[A-Za-z0-9._-]+"', disposition), disposition
    assert answer["Content-Type"] == content_type
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "X-Attack" not in answer.headers


def check_json(answer):
    check_headers(answer, "application/json")
    text = json.dumps(json.loads(body_of(answer)), ensure_ascii=False)
    assert literal_in(text.replace('\\"', '"')) == []


def check_csv(answer):
    check_headers(answer, "text/csv; charset=utf-8")
    rows = list(csv.reader(StringIO(body_of(answer).decode("utf-8-sig"), newline="")))
    assert len({len(row) for row in rows}) == 1
    assert [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")] == []
    assert literal_in(" ".join(cell for row in rows for cell in row)) == []


def check_word(answer):
    check_headers(answer, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    with zipfile.ZipFile(BytesIO(body_of(answer))) as file:
        parts = {name: file.read(name) for name in file.namelist() if name.endswith((".xml", ".rels"))}
    document = etree.fromstring(parts["word/document.xml"])
    assert literal_in("".join(node.text or "" for node in document.iter(f"{WORD}t"))) == []
    for name, data in parts.items():
        tree = etree.fromstring(data)
        assert not [node for node in tree.iter() if "attack" in str(node.tag).lower()], name
        # What a field does is code, and what is outside the file is fetched.
        assert not [node for node in tree.iter(f"{WORD}instrText") if "HYPERLINK" in (node.text or "")], name
        targets = [node.get("Target") for node in tree.iter() if node.get("TargetMode") == "External"]
        assert not [target for target in targets if not target.startswith(("https://", "http://", "mailto:"))], name


def check_pdf(answer):
    check_headers(answer, "application/pdf")
    data = body_of(answer)
    assert literal_in(words_of_pdf(data)) == []
    with pikepdf.open(BytesIO(data)) as pdf:
        actions = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/S" in thing]
        assert not [str(act.S) for act in actions if str(act.S) in ("/JavaScript", "/Launch", "/SubmitForm", "/GoToR")]
        links = [str(act.URI) for act in actions if "/URI" in act]
    assert not [link for link in links if not link.startswith(("https://", "http://"))]


CHECKS = {"pdf": check_pdf, "docx": check_word, "csv": check_csv, "json": check_json}


def test_files_keep_hostile_text(hostile, clerk, signed_in):
    facts = hostile()
    office, public = signed_in(clerk), signed_in(None)
    report = {"slug": facts["slug"], "months": facts["months"]}
    for format, check in CHECKS.items():
        kept = {**report, "number": 1, "format": format}
        for browser in (office, public):
            check(browser.get(reverse("public:report_export", kwargs={**report, "format": format})))
            check(browser.get(reverse("public:edition_export", kwargs=kept)))
    meeting = facts["meeting"]
    for pack in Meeting.objects.get(pk=meeting).packs.filter(published_at__isnull=False):
        pdf = office.get(reverse("public:pack", args=[meeting, pack.pk, "pdf"]))
        check_headers(pdf, "application/pdf")
        assert "{{7*7}}" in squeezed(words_of_pdf(body_of(pdf)))
        data = office.get(reverse("public:pack", args=[meeting, pack.pk, "json"]))
        check_headers(data, "application/json")
        json.loads(body_of(data))
    for url in (
        reverse("public:paper", args=[meeting, facts["paper"]]),
        reverse("clerk:front_sheet", args=[meeting, 0]),
        reverse("clerk:reprint_item", args=[meeting, 0, facts["item"]]),
    ):
        answer = office.get(url)
        check_headers(answer, "application/pdf")
        body_of(answer)


def test_calendar_escapes_hostile_text(hostile, signed_in):
    facts = hostile()
    answer = signed_in(None).get(reverse("public:calendar", args=[facts["committee"]]))
    check_headers(answer, "text/calendar; charset=utf-8")
    calendar = Calendar.from_ical(body_of(answer))
    parts = {part.name for part in calendar.walk()}
    assert parts == {"VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VEVENT"}
    events = calendar.walk("VEVENT")
    # One for each meeting to come: that of the packs, and that of the officer report.
    report = OfficerReport.objects.get(pk=facts["officer_report"])
    assert [int(event["url"].rsplit("/", 2)[1]) for event in events] == [facts["meeting"], report.meeting.pk]
    for event in events:
        assert "X-ATTACK" not in event
        assert "<x-attack" in str(event["location"])
    assert all(len(line) <= 75 for line in body_of(answer).split(b"\r\n"))


def test_emails_inject_no_header(hostile, officer, clerk):
    hostile()
    Notification.objects.exclude(sent_on=None).delete()
    # The addresses of people are no addresses any more: give those back to whom mails go.
    officer.refresh_from_db()
    clerk.refresh_from_db()
    for person, address_of_theirs in ((officer, "sian@wealdshire.example"), (clerk, "carys@wealdshire.example")):
        type(person).objects.filter(pk=person.pk).update(email=address_of_theirs)
    type(officer).objects.exclude(pk__in=[officer.pk, clerk.pk]).update(email=None)
    # As the actions write them: the hostile titles are those of the inquiry and of people.
    Notification.objects.update(sent_on=None, failures=0)
    sent, _ = send_all(LATER + timedelta(days=2))
    assert sent > 0
    for message in mail.outbox:
        assert not set("\r\n") & set(message.subject)
        assert message.content_subtype == "plain"
        [(html, kind)] = message.alternatives
        assert kind == "text/html"
        assert not re.search("<x-|<script|<img", html)
        ours = re.findall(r"^\S+://\S+$", message.body, re.MULTILINE)
        assert set(re.findall(r'href="([^"]*)"', html)) <= {*ours, "mailto:carys@wealdshire.example"}
        raw = message.message().as_bytes().decode("utf-8", "replace")
        headers = raw.partition("\n\n")[0]
        assert not re.search(r"^X-Attack|^Bcc|^BEGIN", headers, re.MULTILINE)
        assert message.message()["To"] in ("sian@wealdshire.example", "carys@wealdshire.example")


def test_file_names_are_ours(inquiry, clerk, signed_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    name = '../../"><x-attack>\r\nX-Attack: 1\u202efdp.exe'
    inquiry.report_file.save(name.replace("/", "_").replace("\r\n", ""), ContentFile(b"%PDF-1.7"))
    answer = signed_in(clerk).get(reverse("public:inquiry_file", args=[inquiry.slug]))
    check_headers(answer, "application/pdf")
    assert body_of(answer) == b"%PDF-1.7"
