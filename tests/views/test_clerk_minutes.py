"""The clerk's pages after a meeting, and what the public reads there."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document

from inquiries.actions import assessments, meetings, minutes
from inquiries.choices import ItemKind, Rating, Stage
from inquiries.documents.minutes import propose_outcome
from inquiries.documents.recorded_minutes import recorded_minutes
from inquiries.models import Attendance, ItemOutcome, MinutesEdition, SignedMinutes
from tests import factories
from tests.cast import NOW
from tests.replay import replayed
from tests.views.test_changes import sent_by_browser

LATER = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch):
    """After the meeting, on the day of the story."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


@pytest.fixture
def held(committee, chair, member):
    return factories.hold_meeting(committee)


@pytest.fixture
def report(inquiry, held, clerk):
    return make_rated_report(inquiry, held, clerk)


@replayed
def make_rated_report(inquiry, held, clerk):
    """A published report, two of its three rows rated; on the agenda of the meeting."""
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    report.meeting = held
    report.save(update_fields=["meeting"])
    for update, rating in zip(report.updates.for_page(), (Rating.IMPLEMENTED, Rating.CONCERNS), strict=False):
        assessments.assess(update, rating=rating, comment="", seen=None, by=clerk, now=NOW)
    return report


@pytest.fixture
def items(held, report, clerk):
    return list(add_three_items(held, report, clerk).values())


@replayed
def add_three_items(held, report, clerk):
    """Apologies, libraries (a paper's item), the report."""
    wanted = (
        {"title": "Apologies for absence"},
        {"title": "Libraries", "kind": ItemKind.PAPERS},
        {"title": "Warm homes", "kind": ItemKind.REPORT, "report": report},
    )
    return {fields["title"]: meetings.add_item(held, by=clerk, now=NOW, **fields) for fields in wanted}


@pytest.fixture
def clerks(client, clerk):
    """The clerk's browser."""
    client.force_login(clerk)
    return client


@pytest.fixture
def complete(held, items, report, chair, member, clerk):
    record_everything(held, items, report, chair, member, clerk)
    return held


@replayed
def record_everything(held, items, report, chair, member, clerk):
    """Everything recorded and confirmed, nothing published."""
    factories.confirm_assessments(report, by=clerk, now=LATER)
    seats = {f"presence_{chair.pk}": "present", f"presence_{member.pk}": "apologies"}
    lists = {"officers": [clerk], "guests": [], "other_officers": "", "other_guests": ""}
    declared = {"declarer_1": chair, "declared_item_1": items[1], "nature_1": "A trustee of the library."}
    minutes.record_attendance(held, started=None, ended=None, **seats, **lists, **declared, by=clerk, now=NOW)
    words = zip(items, ("There was one apology.", "Libraries were noted.", "RESOLVED: noted."), strict=True)
    minutes.record_outcomes(held, **{f"outcome_{item.pk}": text for item, text in words}, by=clerk, now=NOW)


@pytest.fixture
def published(complete, clerk):
    """What was decided, published."""
    seen = minutes.minutes_version(recorded_minutes(complete))
    return minutes.publish_minutes(complete, seen=seen, by=clerk, now=LATER)


def url(name, meeting, *more):
    return reverse(f"clerk:{name}", args=[meeting.pk, *more])


def text(response):
    return " ".join(response.content.decode().split())


def steps(response, name="steps"):
    return [(task.status, bool(task.href)) for task in response.context[name]]


def test_what_is_still_to_do(clerks, held, items, clerk, django_assert_max_num_queries):
    """On the page after the meeting, on that of the agenda, and in "your work", until it is done."""
    todo = [("To do", True), ("To do", True), ("When the others are done", False), ("After the next meeting", True)]
    with django_assert_max_num_queries(12):
        assert steps(clerks.get(url("minutes", held))) == todo
    assert steps(clerks.get(url("agenda", held)), "after") == todo
    work = clerks.get(reverse("public:home")).context["minutes"]
    assert [(task.href, task.status) for task in work] == [(url("minutes", held), "Attendance")]
    assert "Attendance" in text(clerks.get(reverse("public:home")))


def test_your_work_until_it_is_done(clerks, published, committee, clerk):
    def left():
        return [task.status for task in clerks.get(reverse("public:home")).context["minutes"]]

    assert left() == []
    factories.Meeting.objects.create(committee=committee, start=NOW + timedelta(hours=1))
    assert left() == ["Signed minutes"]
    minutes.add_signed_minutes(published.meeting, factories.make_received(), signed_meeting=None, by=clerk, now=LATER)
    assert left() == []
    minutes.withdraw_minutes(published, reason="A name.", by=clerk, now=LATER)
    assert left() == ["To publish"]


def test_attendance_is_prefilled_and_saved(clerks, held, items, chair, member, officer, other_officer, clerk):
    page = clerks.get(url("attendance", held))
    form = page.context["form"]
    assert [presence.value() for presence, _ in form.member_fields()] == ["present", "present"]
    assert [label for _, label in form["officers"].field.choices] == [
        "Carys Whitlock, Scrutiny Officer",
        "Siân Llŷr-Ôwain, Head of Customer Access",
        "Tom Okafor, Finance Manager",
    ]
    assert form["officers"].value() == [clerk.pk]
    assert [label for _, label in form["guests"].field.choices] == ["Councillor Ruth Adeyemi"]
    sent = sent_by_browser(page) | {
        "started": "9.35",
        f"presence_{member.pk}": "apologies",
        "substitute_1": "Ben Ali",
        "substitute_for_1": member.pk,
        "officers": [clerk.pk, officer.pk],
        "declarer_1": chair.pk,
        "declared_item_1": items[1].pk,
        "nature_1": "A trustee.",
    }
    assert clerks.post(url("attendance", held), sent).status_code == 302
    content = recorded_minutes(held)
    assert [str(one) for one in content.present] == [
        "Councillor Harold Penrose, Chair",
        "Ben Ali (substitute for Councillor Anwen Pritchard)",
    ]
    assert [one.name for one in content.officers] == ["Carys Whitlock", "Siân Llŷr-Ôwain"]
    assert [str(one) for one in content.declarations] == ["Councillor Harold Penrose, item 2. Libraries: A trustee."]
    # As it was recorded, with two rows more; saved once more, nothing changes.
    again = clerks.get(url("attendance", held))
    assert list(again.context["form"].substitute_rows) == [1, 2, 3]
    keys = set(Attendance.objects.values_list("pk", flat=True))
    assert clerks.post(url("attendance", held), sent_by_browser(again)).status_code == 302
    assert set(Attendance.objects.values_list("pk", flat=True)) == keys
    assert recorded_minutes(held) == content


def test_wrong_attendance_comes_back(clerks, held, items, chair):
    sent = sent_by_browser(clerks.get(url("attendance", held)))
    answer = clerks.post(url("attendance", held), sent | {"declarer_1": chair.pk, "other_guests": "Ivy Marsh"})
    assert answer.context["form"].errors["nature_1"] == ["Say what interest Councillor Harold Penrose declared."]
    assert "Ivy Marsh" in text(answer)
    assert not Attendance.objects.exists()


def test_two_clerks_at_one_outcome(clerks, held, items):
    first, second = (sent_by_browser(clerks.get(url("outcomes", held))) for _ in range(2))
    name = f"outcome_{items[1].pk}"
    assert clerks.post(url("outcomes", held), first | {name: "Noted."}).status_code == 302
    merged = second | {f"outcome_{items[0].pk}": "None."}
    assert clerks.post(url("outcomes", held), merged).status_code == 302
    assert ItemOutcome.objects.get(item=items[1]).text == "Noted."
    answer = clerks.post(url("outcomes", held), second | {name: "Deferred."})
    assert "What you entered is not saved: save again to replace it." in str(answer.context["form"].errors[name])
    assert ItemOutcome.objects.get(item=items[1]).text == "Noted."
    assert clerks.post(url("outcomes", held), sent_by_browser(answer)).status_code == 302
    assert ItemOutcome.objects.get(item=items[1]).text == "Deferred."


def test_resolution_is_taken_over_with_one_press(clerks, held, items):
    """What was typed beside it is saved too; a usual phrase for the paper."""
    page = clerks.get(url("outcomes", held))
    assert page.text.count("The ratings are not confirmed yet.") == 1
    assert "recommendations 1a and 1b were considered implemented" in text(page)
    sent = sent_by_browser(page) | {f"outcome_{items[0].pk}": "None.", "use": f"{items[2].pk}:proposed"}
    answer = clerks.post(url("outcomes", held), sent)
    assert answer["Location"] == f"{url('outcomes', held)}#item-{items[2].pk}"
    words = ItemOutcome.objects.get(item=items[2]).text
    assert words.startswith("RESOLVED:\n1. that the report be noted;\n2. that recommendations 1a and 1b were")
    assert ItemOutcome.objects.get(item=items[0]).text == "None."
    page = clerks.get(url("outcomes", held))
    clerks.post(url("outcomes", held), sent_by_browser(page) | {"use": f"{items[1].pk}:Noted"})
    assert ItemOutcome.objects.get(item=items[1]).text == "RESOLVED: that the report be noted."
    word = Document(BytesIO(clerks.get(url("resolutions_file", held)).content))
    assert [p.text for p in word.paragraphs][1:4] == ["3. Warm homes", "RESOLVED:", "that the report be noted;"]


def test_every_proposal_with_one_press(clerks, complete, items):
    ItemOutcome.objects.all().delete()
    page = clerks.get(url("outcomes", complete))
    assert "The ratings are not confirmed yet." not in page.text
    assert page.context["to_take_over"] == 2
    clerks.post(url("outcomes", complete), sent_by_browser(page) | {"use": "all"})
    assert {one.item_id for one in ItemOutcome.objects.all()} == {items[0].pk, items[2].pk}


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow(clerks, complete, clerk, number, django_assert_max_num_queries):
    for count in range(number):
        meetings.add_item(complete, title=f"Paper {count}", by=clerk, now=NOW)
    for name in ("attendance", "outcomes", "publish_minutes"):
        with django_assert_max_num_queries(12):
            assert clerks.get(url(name, complete)).status_code == 200


def test_public_reads_nothing_before_it_is_published(complete, items):
    page = text(Client().get(complete.get_absolute_url()))
    for words in ("one apology", "Libraries were noted", "trustee", "Councillor Anwen Pritchard (", "Draft minutes"):
        assert words not in page
    # The ratings are confirmed, so they are public.
    assert "Implemented" in page
    assert Client().get(reverse("public:minutes", args=[complete.pk, 1])).status_code == 404


def test_unconfirmed_ratings_are_not_public(held, items):
    page = text(Client().get(held.get_absolute_url()))
    assert "Implemented" not in page
    assert "What was decided" not in page


def test_publish(clerks, complete, items):
    page = clerks.get(url("publish_minutes", complete))
    assert "Libraries were noted." in text(page)
    assert clerks.post(url("publish_minutes", complete), sent_by_browser(page)).status_code == 302
    assert MinutesEdition.objects.get().number == 1
    assert "This is published already" in text(clerks.get(url("publish_minutes", complete)))


def test_public_page_afterwards(published, report, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        response = Client().get(published.meeting.get_absolute_url())
    page = text(response)
    for words in (
        "Libraries were noted.",
        "Councillor Harold Penrose, Chair",
        "Councillor Harold Penrose, item 2. Libraries: A trustee of the library.",
        "Carys Whitlock, Scrutiny Officer",
        "Draft minutes, published on 23 November 2026",
        ">✓</span> Implemented",
        ">!</span> Concerns",
        "To be assessed",
    ):
        assert words.lower() in page.lower(), words
    number = report.editions.get(after_meeting=True).number
    for ending in ("pdf", "docx"):
        address = reverse("public:edition_export", args=[report.inquiry.slug, report.months_on, number, ending])
        assert f'href="{address}"' in page
    word = Client().get(reverse("public:minutes_file", args=[published.meeting_id, 1, "docx"]))
    assert "Libraries were noted." in [p.text for p in Document(BytesIO(word.content)).paragraphs]
    data = Client().get(reverse("public:minutes_file", args=[published.meeting_id, 1, "json"])).json()
    assert data["minutes"][1]["outcome"] == "Libraries were noted."
    assert "Libraries were noted." in text(Client().get(published.get_absolute_url()))


def test_correction(clerks, published, items):
    meeting = published.meeting
    sent = sent_by_browser(clerks.get(url("outcomes", meeting))) | {f"outcome_{items[1].pk}": "Deferred."}
    clerks.post(url("outcomes", meeting), sent)
    assert "Publish the correction" in text(clerks.get(url("minutes", meeting)))
    assert "Deferred." not in text(Client().get(meeting.get_absolute_url()))
    page = sent_by_browser(clerks.get(url("publish_minutes", meeting)))
    answer = clerks.post(url("publish_minutes", meeting), page)
    assert answer.context["form"].errors["reason"] == ["Say what is corrected, and why"]
    clerks.post(url("publish_minutes", meeting), page | {"reason": "Item 2 was deferred."})
    public = text(Client().get(meeting.get_absolute_url()))
    assert "<strong>Corrected on 23 November 2026:</strong> Item 2 was deferred." in public
    assert "Deferred." in public
    assert "These have been corrected." in text(Client().get(published.get_absolute_url()))


def test_withdrawn_edition(clerks, published):
    meeting = published.meeting
    assert clerks.post(url("withdraw_edition", meeting, 1), {"reason": "A name was in it."}).status_code == 302
    public = text(Client().get(meeting.get_absolute_url()))
    assert "were withdrawn on 23 November 2026: A name was in it." in public
    assert "Libraries were noted." not in public
    for name, more in (("minutes", []), ("minutes_file", ["docx"])):
        address = reverse(f"public:{name}", args=[meeting.pk, 1, *more])
        assert Client().get(address).status_code == 404
        assert clerks.get(address).status_code == 200


def test_exempt_outcome_is_read_by_those_who_may_and_never_by_the_public(
    clerks, complete, items, clerk, member, cabinet_member, stranger, officer, django_assert_max_num_queries
):
    exempt = {f"exempt_{items[1].pk}": "Quorvane was chosen.", f"paragraph_{items[1].pk}": 3}
    minutes.record_outcomes(complete, **exempt, by=clerk, now=NOW)
    page = clerks.get(url("publish_minutes", complete))
    assert "Quorvane" not in text(page)
    reader = Client()
    reader.force_login(member)
    assert "Quorvane" not in text(reader.get(complete.get_absolute_url()))
    clerks.post(url("publish_minutes", complete), sent_by_browser(page))
    for person, reads in ((member, 1), (cabinet_member, 1), (clerk, 1), (stranger, 0), (officer, 0)):
        reader.force_login(person)
        with django_assert_max_num_queries(20):
            shown = text(reader.get(complete.get_absolute_url()))
        assert shown.count("Quorvane was chosen.") == reads, person
        assert shown.count("<strong>Not for publication:</strong> Schedule 12A paragraph 3") == reads, person
    public = text(Client().get(complete.get_absolute_url()))
    assert "Part of this minute is exempt from publication: Schedule 12A paragraph 3" in public
    assert "Quorvane" not in public
    for ending in ("docx", "json"):
        answer = Client().get(reverse("public:minutes_file", args=[complete.pk, 1, ending]))
        body = (
            answer.content if ending == "json" else str([p.text for p in Document(BytesIO(answer.content)).paragraphs])
        )
        assert "Quorvane" not in str(body)
    word = Document(BytesIO(clerks.get(url("draft_minutes", complete)).content))
    assert "Quorvane was chosen." in [p.text for p in word.paragraphs]


def test_signed_minutes(clerks, published, committee, monkeypatch):
    received = factories.make_received(2, name="signed.pdf")
    monkeypatch.setattr(
        "inquiries.uploads.process_upload.process_paper",
        lambda upload, name: replace(received, cleaned=("A script was taken out.",)),
    )
    later = factories.Meeting.objects.create(committee=committee, start=NOW + timedelta(hours=1))
    upload = SimpleUploadedFile("signed.pdf", b"%PDF-1.7", content_type="application/pdf")
    where = url("add_signed_minutes", published.meeting)
    answer = clerks.post(where, {"file": upload, "signed_meeting": later.pk}, follow=True)
    assert "On receipt: A script was taken out." in text(answer)
    signed = SignedMinutes.objects.get()
    public = text(Client().get(published.meeting.get_absolute_url()))
    assert "Minutes as agreed and signed on 23 November 2026 (PDF, 2 pages)" in public
    assert "Draft minutes, published on" in public
    file = Client().get(signed.get_absolute_url())
    assert b"".join(file.streaming_content) == received.pdf
    clerks.post(url("withdraw_signed", published.meeting, signed.pk), {"reason": "Page 2 is missing."})
    assert Client().get(signed.get_absolute_url()).status_code == 404
    assert "Signed minutes were withdrawn" in text(Client().get(published.meeting.get_absolute_url()))


def test_not_before_the_meeting(clerks, committee):
    to_come = factories.make_meeting(committee)
    for name in ("minutes", "attendance", "outcomes", "publish_minutes", "add_signed_minutes", "draft_minutes"):
        assert clerks.get(url(name, to_come)).status_code == 403
    assert clerks.get(url("agenda", to_come)).context["after"] == []


def test_declarations_are_on_the_public_page_once(client, complete, clerk):
    item = meetings.add_item(complete, title="Declarations of interest", by=clerk, now=NOW)
    content = recorded_minutes(complete)
    outcomes = {f"outcome_{item.pk}": propose_outcome(item.title, content)}
    outcomes |= {f"outcome_{one.item_id}": one.outcome for one in content.minutes if one.outcome}
    minutes.record_outcomes(complete, **outcomes, by=clerk, now=LATER)
    seen = minutes.minutes_version(recorded_minutes(complete))
    edition = minutes.publish_minutes(complete, seen=seen, by=clerk, now=LATER)
    for address in (complete.get_absolute_url(), edition.get_absolute_url()):
        page = text(client.get(address))
        assert page.count("A trustee of the library.") == 1
        assert page.count("Declarations of interest") == 1
