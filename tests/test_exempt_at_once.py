"""Each text that a public page shows as soon as it is saved is named here, and is searched for exempt text first.

Every text of every record is replaced by a word of its own, and whatever the public reads is looked through for these.
"""

import re
from collections import defaultdict
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, models, transaction
from django.urls import reverse

from inquiries.actions import endings, inquiries, meetings, minutes, packs, programme, responses
from inquiries.choices import PackEdition
from inquiries.models import (
    AgendaPack,
    Inquiry,
    ItemOutcome,
    Meeting,
    MinutesEdition,
    ProgressUpdate,
    SignedMinutes,
)
from tests import factories
from tests.cast import NOW, TODAY
from tests.documents.papers import make_paper
from tests.history.conftest import make_everything

pytestmark = pytest.mark.usefixtures("quick_files")

SECRET = "The tender of Quorvane Limited was the lowest of the five final offers"


@pytest.fixture
def scene(inquiry, committee, clerk, officer, contributor, cabinet_member, chair, member, tmp_path, settings):
    """One of everything, and of what is withdrawn, cancelled or ended; an exempt part of an update and a paper."""
    settings.MEDIA_ROOT = tmp_path
    make_everything(inquiry, committee, clerk, officer, contributor, chair, member)
    inquiry.refresh_from_db()
    report = inquiry.progress_reports.get()
    ProgressUpdate.objects.filter(report=report).update(exempt_text=SECRET, exempt_paragraph=3)
    coming = Meeting.objects.get(committee=committee, start=NOW + timedelta(days=60))
    factories.make_agenda(coming, clerk, exempt_words=SECRET)
    entry = programme.add_entry(committee, title="Trams", purpose="To hear", contact="Ed Moss", by=clerk, now=NOW)
    held = report.meeting
    cancelled = factories.make_meeting(committee, date(2027, 3, 1))
    return {
        "inquiry": inquiry,
        "committee": committee,
        "recommendation": inquiry.recommendations.get(reference="2"),
        "response": inquiry.responses.in_order().first(),
        "held": held,
        "coming": coming,
        "cancelled": cancelled,
        "entry": entry,
        "pack": AgendaPack.objects.public().get(meeting=held, edition=PackEdition.PUBLIC),
        "edition": MinutesEdition.objects.get(meeting=held),
        "signed": SignedMinutes.objects.get(meeting=held),
        "by": {"by": clerk, "now": held.start + timedelta(days=1)},
    }


# What stands on a public page at once, by the action that saves it: a function of the scene and the text.


def change_inquiry(field):
    return lambda s, text: inquiries.change_inquiry(s["inquiry"], **{field: text}, **s["by"])


def correct_response(field):
    return lambda s, text: responses.correct_response(s["response"], **{field: text}, **s["by"])


def change_entry(field):
    return lambda s, text: programme.change_entry(s["entry"], **{field: text}, **s["by"])


def record_response(s, **texts):
    values = {"recommendations": [s["inquiry"].recommendations.get(reference="4")], "decision": "accepted"}
    return responses.record_response(s["inquiry"], **values, **texts, **s["by"])


def withdraw(name):
    return lambda s, text: minutes.withdraw_minutes(s[name], reason=text, **s["by"])


def end(s, text):
    about = {"ending": "superseded", "on": TODAY, "reason": text}
    return endings.end_recommendation(s["recommendation"], **about, **s["by"])


def reword(s, text):
    return inquiries.reword_recommendation(s["recommendation"], text=text, reason="A slip.", **s["by"])


def change_target_date(s, text):
    return responses.change_target_date(s["response"], target_date=date(2028, 1, 1), reason=text, **s["by"])


def change_venue(s, text):
    return meetings.change_meeting(s["coming"], start=s["coming"].start, venue=text, **s["by"])


def cancel_meeting(s, text):
    return meetings.cancel_meeting(s["coming"], reason=text, **s["by"])


def withdraw_pack(s, text):
    return packs.withdraw_pack(s["pack"], reason=text, **s["by"])


AT_ONCE = {
    "Inquiry.title": [("title", change_inquiry("title"))],
    "Inquiry.summary": [("summary", change_inquiry("summary"))],
    "Inquiry.completed_body": [("completed_body", change_inquiry("completed_body"))],
    "Recommendation.text": [
        ("text", reword),
        ("text", lambda s, text: inquiries.add_recommendation(s["inquiry"], reference="99", text=text, **s["by"])),
    ],
    "Recommendation.ended_reason": [("reason", end)],
    "Response.text": [
        ("text", correct_response("text")),
        ("text", lambda s, text: record_response(s, text=text)),
    ],
    "Response.reason": [
        ("reason", correct_response("reason")),
        ("reason", lambda s, text: record_response(s, reason=text)),
    ],
    "Response.responding_body": [
        ("responding_body", correct_response("responding_body")),
        ("responding_body", lambda s, text: record_response(s, responding_body=text)),
    ],
    "TargetDateChange.reason": [("reason", change_target_date)],
    "Meeting.venue": [("venue", change_venue)],
    "Meeting.cancelled_reason": [("reason", cancel_meeting)],
    "ProgrammeEntry.title": [
        ("title", change_entry("title")),
        ("title", lambda s, text: programme.add_entry(s["committee"], title=text, **s["by"])),
    ],
    "ProgrammeEntry.purpose": [("purpose", change_entry("purpose"))],
    "ProgrammeEntry.contact": [("contact", change_entry("contact"))],
    "AgendaPack.withdrawn_reason": [("reason", withdraw_pack)],
    "MinutesEdition.withdrawn_reason": [("reason", withdraw("edition"))],
    "SignedMinutes.withdrawn_reason": [("reason", withdraw("signed"))],
}
# Searched with the edition of which it is a part (test_minutes).
WITH_EDITION = {"MinutesEdition.reason"}
# Kept as they were written, or of no record here.
NOT_MARKED = {
    *(f"AgendaPack.{name}" for name in ("checksum", "fingerprint", "screen_checksum")),
    *(f"Entry.{name}" for name in ("by_name", "note", "on_behalf_of", "sentence")),
    *(f"Entry.{name}" for name in ("subject_label", "subject_type", "verb")),
    *(f"ReportEdition.{name}" for name in ("docx_checksum", "pdf_checksum")),
    *(f"PeopleImport.{name}" for name in ("checksum", "file_name")),
    *(f"TrackerImport.{name}" for name in ("checksum", "failure", "file_name")),
    *("Seal.digest", "Draft.address", "ColumnMatching.headings"),
}
# Who people and bodies are.
NAMES = {"Committee.name", "Person.name", "Person.job_title", "CabinetMember.portfolio", "FormerCouncil.name"}


class Undo(Exception):
    pass


def outcome(save, scene, text):
    """By which field of the form it is refused, or "saved"; then it is undone."""
    try:
        with transaction.atomic():
            save(scene, text)
            raise Undo
    except Undo:
        return "saved"
    except ValidationError as error:
        assert f"“{SECRET}” is exempt" in str(error)
        return ", ".join(error.message_dict)


def test_exempt_text_is_refused_beside_its_field(scene):
    cases = [(name, field, save) for name, known in AT_ONCE.items() for field, save in known]
    assert [outcome(save, scene, SECRET) for _, _, save in cases] == [field for _, field, _ in cases]
    assert {outcome(save, scene, "Costs of 2027") for _, _, save in cases} == {"saved"}

    def put(scene, words):
        file = SimpleUploadedFile("report.pdf", make_paper(1, words=words))
        inquiries.change_inquiry(scene["inquiry"], report_file=file, **scene["by"])

    assert [outcome(put, scene, text) for text in (SECRET, "Costs of 2027")] == ["report_file", "saved"]


def test_exempt_text_is_refused_in_the_admin(scene, client):
    address = reverse("admin:inquiries_inquiry_change", args=[scene["inquiry"].pk])
    client.force_login(scene["by"]["by"])
    form = client.get(address).context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields} | {"completed_on": "2026-05-01", "summary": SECRET}
    for rows in ("recommendations", "responses"):
        sent |= {f"{rows}-TOTAL_FORMS": 0, f"{rows}-INITIAL_FORMS": 0}
    page = client.post(address, sent)
    assert [*page.context["adminform"].form.errors] == ["summary"]
    assert Inquiry.objects.get(pk=scene["inquiry"].pk).summary == ""


# Nothing else is shown


def text_fields():
    for model in apps.get_app_config("inquiries").get_models():
        for field in model._meta.concrete_fields:
            kept_apart = (models.SlugField, models.EmailField, models.URLField)
            is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
            # By its number a recommendation is found.
            if is_text and not isinstance(field, kept_apart) and not field.name.startswith("reference"):
                yield f"{model.__name__}.{field.name}", field


def mark_texts():
    """Put a word of its own into each text field, as far as the database allows it: {word: name of the field}."""
    marks = {}
    for number, (name, field) in enumerate(text_fields()):
        word, rows = f"zq{number}x", field.model._base_manager.all()
        for some in (rows, rows.exclude(**{field.name: ""})):
            try:
                with transaction.atomic():
                    for row in some.values_list("pk", flat=True):
                        rows.filter(pk=row).update(**{field.name: f"{word}{row}"[: field.max_length]})
                        marks[word] = name
                break
            except IntegrityError:
                marks.pop(word, None)
    return marks


def read_as_public(client):
    """The text of whatever an anonymous reader reaches from the first page: {address: text}."""
    waiting, read = ["/"], {}
    while waiting:
        address = waiting.pop()
        if address in read:
            continue
        answer = client.get(address)
        data = b"".join(answer.streaming_content) if answer.streaming else answer.content
        read[address] = data.decode(errors="replace")
        if address.endswith(".xlsx"):
            sheets = openpyxl.load_workbook(BytesIO(data)).worksheets
            read[address] = "\n".join(str(cell) for sheet in sheets for row in sheet.values for cell in row)
        elif answer.headers["Content-Type"].startswith("text/html"):
            links = re.findall(r'href="(/[^"#?]*)', read[address])
            waiting += [link for link in links if not link.startswith(("/static", "/account"))]
    return read


def shown_texts(client, marks):
    """{name of the field: the addresses that show it}"""
    shown = defaultdict(set)
    for address, text in read_as_public(client).items():
        for word in re.findall(r"zq\d+x", text):
            shown[marks[word]].add(address)
    return shown


@pytest.fixture
def marked(scene, monkeypatch):
    """The marks, after the meeting; with what is withdrawn, cancelled and ended."""
    s, by = scene, scene["by"]
    change_target_date(s, "zq1001x")
    end(s, "It is done elsewhere.")
    packs.withdraw_pack(s["pack"], reason="A slip.", **by)
    Meeting.objects.filter(pk=s["cancelled"].pk).update(
        cancelled_at=NOW, cancelled_by=by["by"], cancelled_reason="Snow."
    )
    content, published = s["edition"].content, {"published_at": NOW, "published_by": by["by"]}
    minutes.withdraw_minutes(s["signed"], reason="A slip.", **by)
    for number in (2, 3):
        MinutesEdition.objects.create(meeting=s["held"], number=number, content=content, reason="zq1000x", **published)
    minutes.withdraw_minutes(MinutesEdition.objects.get(number=2), reason="A slip.", **by)
    ItemOutcome.objects.filter(item__meeting=s["held"]).update(exempt_text=SECRET, exempt_paragraph=3)
    # Nobody can change the first two: they were written with their marks.
    marks = {"zq1000x": "MinutesEdition.reason", "zq1001x": "TargetDateChange.reason"} | mark_texts()
    monkeypatch.setattr("django.utils.timezone.now", lambda: by["now"])
    return marks


def test_public_pages_show_nothing_else_at_once(marked, client):
    assert {name for name, _ in text_fields()} - set(marked.values()) == NOT_MARKED
    shown = shown_texts(client, marked)
    assert set(shown) == set(AT_ONCE) | WITH_EDITION | NAMES
    # The tracker prints records, not editions: what it says in Excel and CSV is what the pages say.
    in_files = {name for name, addresses in shown.items() if addresses & {"/tracker.csv", "/tracker.xlsx"}}
    searched = {"Inquiry.title", "Recommendation.text", "Response.text", "Response.reason"}
    assert in_files == searched | {"Committee.name", "Person.name", "CabinetMember.portfolio"}
    assert {name for name, addresses in shown.items() if "/tracker/" in addresses} <= in_files
