"""How the tests ask the clerk's pages of a meeting, and what they read in the answers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inquiries.actions import meetings, packs
from inquiries.choices import ItemKind, Stage
from inquiries.documents.pack_content import fingerprint
from inquiries.models import (
    AgendaDocument,
    AgendaItem,
    AgendaPack,
    Committee,
    Meeting,
    OfficerReport,
    PackPaper,
    PackPlan,
)
from inquiries.models.meetings import name_paper_size
from inquiries.models.packs import this_connection
from inquiries.uploads.paper import Rejected
from tests.cast import NOW
from tests.factories import make_meeting, make_officer_report, make_received, make_report

LATER = NOW + timedelta(hours=1)


def clerk_url(name, meeting, *more):
    return reverse(f"clerk:{name}", args=[meeting.pk, *more])


def page_text(response):
    return " ".join(response.content.decode().split())


def error_messages(response):
    forms = response.context.get("forms") or [response.context["form"]]
    return [message for form in forms for message, _ in form.error_summary()]


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def item_titles(meeting):
    return [item.title for item in meeting.items.on_agenda()]


def make_pack(meeting, clerk, *, edition="public", published=True, built_at=LATER, documents=(), **values):
    pack = AgendaPack(meeting=meeting, edition=edition, content={}, built_at=built_at, built_by=clerk, **values)
    pack.file.save("pack.pdf", ContentFile(b"%PDF-"), save=False)
    pack.save()
    for document in documents:
        PackPaper.objects.create(pack=pack, document=document, first_page=3)
    if published:
        AgendaPack.objects.filter(pk=pack.pk).update(published_at=built_at, published_by=clerk)
    return pack


def current_fingerprint(meeting, edition="public"):
    return fingerprint(packs.current_contents(packs.plan_of(meeting, 0))[edition])


def upload(name="figures.pdf", data=b"%PDF-1.7"):
    return SimpleUploadedFile(name, data, content_type="application/pdf")


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch):
    """The clerk opens the pages on the day of the story."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


@pytest.fixture(autouse=True)
def uploads_received(monkeypatch):
    """Uploads come through their checks: what is refused and cleaned there has tests of its own."""

    def receive(upload, name):
        if b"encrypted" in upload.read():
            raise Rejected("The file is locked with a password. Save it without one and send it again.")
        return replace(make_received(2, name=name), cleaned=("A script was taken out.",) if "script" in name else ())

    monkeypatch.setattr("inquiries.uploads.process_upload.process_paper", receive)


@pytest.fixture
def meeting(committee):
    return make_meeting(committee)


@pytest.fixture
def clerks(client, clerk):
    """The clerk's browser."""
    client.force_login(clerk)
    return client


@pytest.fixture
def put(meeting, clerk):
    """A function that puts an item on the agenda."""
    return lambda title, **values: meetings.add_item(meeting, title=title, by=clerk, now=NOW, **values)


@pytest.fixture
def item(put):
    return put("Budget", kind=ItemKind.PAPERS)


@pytest.fixture
def paper(item, clerk):
    return meetings.add_paper(item, make_received(), title="Figures", by=clerk, now=NOW)


def test_new_agenda_is_empty(clerks, meeting):
    page = page_text(clerks.get(clerk_url("agenda", meeting)))
    assert "15 December 2026 at 14:00" in page and "Mezzanine Room 2" in page
    assert "Nothing is on the agenda yet." in page
    assert "Due 7 December 2026, in 14 days" in page
    assert "overdue" not in page
    assert "Not built" in page and clerk_url("pack", meeting, 0) in page
    assert reverse("public:meeting", args=[meeting.pk]) in page


def test_agenda_shows_items_and_papers(clerks, clerk, meeting, inquiry, item):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    meetings.add_item(
        meeting, title="Warm homes", subtitle="Six months on", kind="report", report=report, by=clerk, now=NOW
    )
    meetings.add_item(meeting, title="Roads", kind="papers", to_follow=True, by=clerk, now=NOW)
    meetings.add_item(meeting, title="Late business", kind="papers", supplement=1, by=clerk, now=NOW)
    add = {"by": clerk, "now": NOW}
    meetings.add_paper(item, make_received(3), title="Figures", **add)
    wide = replace(make_received(1, tagged=False), cleaned=("A script was taken out.",))
    wide = replace(wide, pages=(replace(wide.pages[0], width=1191.0, height=842.0),))
    meetings.add_paper(item, wide, title="Contract", exempt_paragraph=3, **add)
    page = page_text(clerks.get(clerk_url("agenda", meeting)))
    assert "Figures</a> (3 pages, A4)" in page
    assert "Contract</a> (1 page, A3 landscape)" in page
    assert "Exempt: paragraph 3" in page and "Not tagged for screen readers" in page
    assert "<li>A script was taken out.</li>" in page
    assert "Six months on" in page and "Signed off" in page
    assert page.count("Papers to follow") == 1 and page.count("No paper yet") == 1
    assert page.count("Supplement 1") == 2
    assert "is for this meeting but" not in page
    assert "added the paper “Contract” of item 1" in page


def test_agenda_shows_late_and_done_dates(clerks, clerk, meeting, inquiry):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    report.updates_due_on, report.sign_off_due_on = date(2026, 11, 20), date(2026, 12, 1)
    report.save()
    meeting.start = datetime(2026, 11, 26, 14, tzinfo=UTC)
    meeting.save()
    lines = clerks.get(clerk_url("agenda", meeting)).context["timeline"]
    assert [(line.label, line.day, bool(line.done)) for line in lines] == [
        ("Last day to publish the agenda", date(2026, 11, 18), False),
        ("Updates are due: Warm Homes Inquiry, 6 months on", date(2026, 11, 20), True),
        ("Sign-off is due: Warm Homes Inquiry, 6 months on", date(2026, 12, 1), True),
        ("Meeting", date(2026, 11, 26), False),
    ]
    page = page_text(clerks.get(clerk_url("agenda", meeting)))
    assert "5 days overdue</strong>, was due 18 November 2026" in page
    assert "20 November 2026; done on 23 November 2026" in page
    make_pack(meeting, clerk)
    page = page_text(clerks.get(clerk_url("agenda", meeting)))
    assert "overdue" not in page and "18 November 2026; done on 23 November 2026" in page


def test_agenda_proposes_missing_reports(clerks, clerk, meeting, inquiry, put):
    report = make_report(inquiry, clerk, meeting=meeting)
    page = page_text(clerks.get(clerk_url("agenda", meeting)))
    assert "6 proposals for this agenda" in page and clerk_url("agenda_proposals", meeting) in page
    assert "Progress report for this meeting: collecting updates until " in page
    where = f"{clerk_url('add_item', meeting)}?report={report.pk}"
    form = clerks.get(where).context["form"]
    assert (form["title"].value(), form["kind"].value()) == ("Warm Homes Inquiry", "report")
    item = put("Warm homes", kind="report", report=report)
    page = page_text(clerks.get(clerk_url("agenda", meeting)))
    assert "5 proposals for this agenda" in page and "Progress report for this meeting" not in page
    report.meeting = make_meeting(meeting.committee, date(2027, 2, 2))
    report.save()
    page = page_text(clerks.get(clerk_url("agenda", meeting)))
    assert "This report is for another meeting, on 2 February 2027." in page
    meetings.remove_item(item, by=clerk, now=NOW)
    assert "is for another meeting" not in page_text(clerks.get(clerk_url("agenda", meeting)))


@pytest.mark.parametrize(
    ("published", "current", "changed"),
    [(False, "Built", "Out of date"), (True, "Published", "Published, but changed since")],
)
def test_agenda_shows_pack_status(clerks, clerk, meeting, item, published, current, changed):
    def shown():
        (issue,) = clerks.get(clerk_url("agenda", meeting)).context["issues"]
        return issue.name, issue.public.text, issue.restricted

    assert shown() == ("Agenda", "Not built", None)
    make_pack(meeting, clerk, published=published, fingerprint=current_fingerprint(meeting))
    assert shown() == ("Agenda", current, None)
    meetings.change_item(item, title="Budget and reserves", by=clerk, now=NOW)
    assert shown() == ("Agenda", changed, None)


def test_agenda_shows_withdrawn_and_building_packs(clerks, clerk, meeting):
    pack = make_pack(meeting, clerk)
    AgendaPack.objects.filter(pk=pack.pk).update(withdrawn_at=LATER, withdrawn_by=clerk, withdrawn_reason="A name.")
    assert clerks.get(clerk_url("agenda", meeting)).context["issues"][0].public.text == "Withdrawn"
    PackPlan.objects.create(meeting=meeting, claimed_by=this_connection())
    assert clerks.get(clerk_url("agenda", meeting)).context["issues"][0].public.text == "Being built"


def test_agenda_shows_restricted_pack_status(clerks, clerk, meeting, item):
    meetings.add_paper(item, make_received(), title="Tender", exempt_paragraph=3, by=clerk, now=NOW)
    make_pack(meeting, clerk, fingerprint=current_fingerprint(meeting))
    (issue,) = clerks.get(clerk_url("agenda", meeting)).context["issues"]
    assert [(edition, status.text) for edition, status in issue.editions] == [
        ("Public edition", "Published"),
        ("Restricted edition", "Not built"),
    ]
    make_pack(meeting, clerk, edition="restricted", fingerprint=current_fingerprint(meeting, "restricted"))
    (issue,) = clerks.get(clerk_url("agenda", meeting)).context["issues"]
    assert [edition for edition, _ in issue.editions] == ["Public and restricted editions"]


def test_agenda_shows_planned_publication(clerks, clerk, meeting, item):
    plan = PackPlan.objects.create(
        meeting=meeting, publish_on=LATER + timedelta(days=1), planned_at=LATER, planned_by=clerk
    )
    assert "It will be published on 24 November 2026 at" in page_text(clerks.get(clerk_url("agenda", meeting)))
    plan.publish_on, plan.refusal = None, "A paper was replaced."
    plan.save()
    page = page_text(clerks.get(clerk_url("agenda", meeting)))
    assert "The planned publication did not happen.</strong> A paper was replaced." in page
    assert "It will be published" not in page


def test_agenda_lists_supplements(clerks, clerk, meeting, put, item):
    make_pack(meeting, clerk)
    put("Late business")
    meetings.add_paper(item, make_received(), title="Corrected", supplement=2, by=clerk, now=NOW)
    page = clerks.get(clerk_url("agenda", meeting))
    assert [issue.name for issue in page.context["issues"]] == ["Agenda", "Supplement 1", "Supplement 2"]
    assert "The agenda has been published." in page_text(page)


# Of one row, nothing but the updates says whether the supplement with its report has a restricted edition.
@pytest.mark.parametrize(("rows", "queries"), [(1, 15), (3, 14)])
def test_agenda_query_count_is_constant(clerks, clerk, meeting, inquiry, put, django_assert_num_queries, rows, queries):
    for number in range(rows):
        item = put(f"Budget {number}", kind=ItemKind.PAPERS)
        paper = meetings.add_paper(item, make_received(), title="Figures", by=clerk, now=NOW)
        make_pack(meeting, clerk, documents=[paper], number=number + 1)
        report = make_report(inquiry, clerk, months_on=6 * (number + 1), meeting=meeting)
        put(f"Warm homes {number}", kind=ItemKind.REPORT, report=report)
    AgendaDocument.objects.update(exempt_paragraph=3)
    with django_assert_num_queries(queries):
        page = clerks.get(clerk_url("agenda", meeting))
    assert (len(page.context["items"]), len(page.context["exposed_papers"])) == (2 * rows, rows)


@pytest.mark.parametrize(
    ("size", "name"),
    [
        ((595.276, 841.89), "A4"),
        ((842, 595), "A4 landscape"),
        ((1190.6, 841.9), "A3 landscape"),
        ((612, 792), "another size"),
    ],
)
def test_page_size_names(size, name):
    assert name_paper_size(*size) == name


def test_add_item(clerks, meeting, put):
    put("Apologies")
    data = {"title": "Declarations", "subtitle": "All members", "kind": "nothing", "number": "1"}
    response = clerks.post(clerk_url("add_item", meeting), data, follow=True)
    assert response.redirect_chain == [(clerk_url("agenda", meeting), 302)]
    assert item_titles(meeting) == ["Declarations", "Apologies"]
    clerks.post(clerk_url("add_item", meeting), {"title": "Minutes", "kind": "nothing"})
    assert item_titles(meeting) == ["Declarations", "Apologies", "Minutes"]


def test_add_item_redirects_to_papers(clerks, meeting):
    response = clerks.post(clerk_url("add_item", meeting), {"title": "Budget", "kind": "papers"})
    item = AgendaItem.objects.get()
    assert response.url == clerk_url("add_paper", meeting, item.pk)
    response = clerks.post(clerk_url("add_item", meeting), {"title": "Roads", "kind": "papers", "to_follow": "on"})
    assert response.url == clerk_url("agenda", meeting)


def test_add_item_drops_report_of_other_kind(clerks, clerk, meeting, inquiry):
    report = make_report(inquiry, clerk)
    data = {"title": "Warm homes", "kind": "report", "report": ""}
    assert error_messages(clerks.post(clerk_url("add_item", meeting), data)) == [
        "Choose the progress report that this item carries"
    ]
    clerks.post(clerk_url("add_item", meeting), data | {"report": report.pk})
    assert AgendaItem.objects.get().report == report
    clerks.post(clerk_url("add_item", meeting), {"title": "Apologies", "kind": "nothing", "report": report.pk})
    assert AgendaItem.objects.get(number=2).report is None


def test_add_item_offers_unassessed_reports(clerks, clerk, meeting, inquiry):
    open_one = make_report(inquiry, clerk)
    offered = clerks.get(clerk_url("add_item", meeting)).context["form"].fields["report"].queryset
    assert list(offered) == [open_one]
    other = make_meeting(Committee.objects.create(name="Health", slug="health"))
    assert list(clerks.get(clerk_url("add_item", other)).context["form"].fields["report"].queryset) == []


@pytest.mark.parametrize("report", ["0", "99999999999999999999", "x", "\x00", ""])
def test_add_item_ignores_unknown_report(clerks, meeting, report):
    page = clerks.get(clerk_url("add_item", meeting), {"report": report})
    assert page.context["form"].initial == {}


def test_add_item_shows_errors_and_keeps_input(clerks, meeting):
    response = clerks.post(
        clerk_url("add_item", meeting), {"title": "\x00", "subtitle": "All", "kind": "x", "number": "7"}
    )
    assert error_messages(response) == [
        "Enter the title",
        "Choose what the item carries",
        "Choose the place from the list",
    ]
    assert 'value="All"' in page_text(response)
    assert not AgendaItem.objects.exists()


def test_change_item(clerks, meeting, put):
    item = put("Apologies")
    page = clerks.get(clerk_url("change_item", meeting, item.pk))
    assert page.context["form"]["title"].value() == "Apologies"
    assert page.context["form"].fields["supplement"].choices == [(0, "Agenda"), (1, "Supplement 1")]
    data = {"title": "Apologies for absence", "kind": "nothing", "supplement": "1"}
    response = clerks.post(clerk_url("change_item", meeting, item.pk), data, follow=True)
    assert messages_of(response) == ["Item 1 is changed."]
    item.refresh_from_db()
    assert (item.title, item.supplement) == ("Apologies for absence", 1)


def test_change_item_with_papers_keeps_kind(clerks, meeting, item, paper):
    data = {"title": "Budget", "kind": "nothing", "supplement": "0"}
    assert error_messages(clerks.post(clerk_url("change_item", meeting, item.pk), data)) == [
        "This item has papers. Remove them first."
    ]


@pytest.mark.parametrize(
    ("title", "to", "expected", "focus"),
    [
        ("B", 1, "BACD", "item-down"),
        ("C", 2, "ACBD", "item-up"),
        ("B", 3, "ACBD", "item-down"),
        ("C", 4, "ABDC", "item-up"),
        ("A", 4, "BCDA", "item-up"),
    ],
)
def test_move_item_keeps_focus(clerks, meeting, put, title, to, expected, focus):
    items = {name: put(name) for name in "ABCD"}
    response = clerks.post(clerk_url("move_item", meeting, items[title].pk), {"to": to})
    button = f"{focus}-{items[title].pk}"
    assert response.url == f"{clerk_url('agenda', meeting)}#{button}"
    assert item_titles(meeting) == list(expected)
    page = clerks.get(clerk_url("agenda", meeting))
    assert messages_of(page) == [f"“{title}” is now item {to}."]
    assert f'id="{button}"' in page_text(page)


@pytest.mark.parametrize("data", [{}, {"to": ""}, {"to": "x"}, {"to": "0"}, {"to": "99999999999999999999"}])
def test_move_item_ignores_invalid_number(clerks, meeting, put, data):
    item = put("A")
    put("B")
    assert clerks.post(clerk_url("move_item", meeting, item.pk), data).status_code == 302
    assert clerks.get(clerk_url("move_item", meeting, item.pk), {"to": "2"}).status_code == 302
    assert item_titles(meeting) == ["A", "B"]


def test_remove_item(clerks, clerk, meeting, item, paper):
    make_pack(meeting, clerk)
    page = page_text(clerks.get(clerk_url("remove_item", meeting, item.pk)))
    assert "Its papers go with it:" in page and "<li>Figures</li>" in page
    assert "A published pack keeps the item and its number." in page
    assert item_titles(meeting) == ["Budget"]
    response = clerks.post(clerk_url("remove_item", meeting, item.pk), follow=True)
    assert messages_of(response) == ["“Budget” is removed from the agenda."]
    assert item_titles(meeting) == []
    assert clerks.get(clerk_url("remove_item", meeting, item.pk)).status_code == 404


def test_remove_item_names_the_officer_report_that_nobody_is_asked_for_then(
    clerks, clerk, officer, cabinet_member, committee
):
    meeting = make_meeting(committee, date(2027, 1, 26))
    report = make_officer_report(meeting, clerk, author=officer, cabinet_member=cabinet_member)
    page = page_text(clerks.get(clerk_url("remove_item", meeting, report.item_id)))
    assert "the officer report “Contact centre” of Siân Llŷr-Ôwain, not started." in page
    assert f'href="/clerk/officer-reports/{report.pk}/move/"' in page
    clerks.post(clerk_url("remove_item", meeting, report.item_id))
    assert not OfficerReport.objects.current().exists()


CALLED = {"day_day": "12", "day_month": "1", "day_year": "2027", "time": "10:00", "venue": "Oculus"}


def test_call_meeting(clerks, committee):
    page = clerks.get(reverse("clerk:call_meeting"), {"committee": "communities"})
    assert page.context["form"].initial["committee"] == committee
    response = clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED}, follow=True)
    meeting = Meeting.objects.get()
    assert response.redirect_chain == [(clerk_url("agenda", meeting), 302)]
    assert (meeting.start, meeting.venue) == (datetime(2027, 1, 12, 10, tzinfo=UTC), "Oculus")
    assert item_titles(meeting) == []
    assert messages_of(response) == ["The meeting is called."]


def test_call_meeting_adds_usual_items(clerks, committee):
    page = page_text(clerks.get(reverse("clerk:call_meeting")))
    assert "Apologies for absence, Declarations of interest, Minutes of the last meeting" in page
    clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, "usual_items": "on"})
    assert item_titles(Meeting.objects.get())[0] == "Apologies for absence"


@pytest.mark.parametrize("slug", ["nowhere", "\x00", "a b"])
def test_call_meeting_ignores_unknown_committee(clerks, slug):
    assert clerks.get(reverse("clerk:call_meeting"), {"committee": slug}).context["form"].initial["committee"] is None


@pytest.mark.parametrize(
    ("data", "local"),
    [("14:00", "14:00"), ("14.30", "14:30"), ("2pm", "14:00"), ("2.30 p.m.", "14:30"), ("10 AM", "10:00")],
)
def test_call_meeting_accepts_time_formats(clerks, committee, data, local):
    clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, "time": data})
    assert f"{Meeting.objects.get().start:%H:%M}" == local


def test_call_meeting_uses_local_time(clerks, committee):
    clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, "day_month": "July"})
    assert Meeting.objects.get().start == datetime(2027, 7, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"committee": ""}, "Choose the committee"),
        ({"committee": "99999999999999999999"}, "Choose the committee from the list"),
        ({"day_day": ""}, "The date must include a day"),
        ({"time": ""}, "Enter the time"),
        ({"time": "noon"}, "Enter a time like 14:00 or 2pm"),
        ({"time": "25:00"}, "Enter a time like 14:00 or 2pm"),
        ({"time": "19.5"}, "Enter a time like 14:00 or 2pm"),
        ({"time": "2.5pm"}, "Enter a time like 14:00 or 2pm"),
        (
            {"day_day": "28", "day_month": "3", "time": "1:30"},
            "There is no such time on that day, or it comes twice: the clocks change",
        ),
    ],
)
def test_call_meeting_shows_errors_and_keeps_input(clerks, committee, change, expected):
    response = clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, **change})
    assert error_messages(response) == [expected]
    assert 'value="Oculus"' in page_text(response)
    assert not Meeting.objects.exists()


def test_call_meeting_rejects_taken_time(clerks, meeting):
    data = CALLED | {"day_day": "15", "day_month": "12", "day_year": "2026", "time": "14:00"}
    response = clerks.post(reverse("clerk:call_meeting"), {"committee": meeting.committee_id, **data})
    assert error_messages(response) == ["This committee already meets at 14:00 on 15 December 2026."]
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "warning"),
    [
        ({"day_day": "10", "day_month": "11", "day_year": "2015"}, "This meeting is in the past."),
        (
            {"day_day": "26", "day_month": "11", "day_year": "2026"},
            "The last day to publish its agenda, 18 November 2026, has passed.",
        ),
    ],
)
def test_call_meeting_too_soon_warns(clerks, committee, day, warning):
    response = clerks.post(reverse("clerk:call_meeting"), {"committee": committee.pk, **CALLED, **day}, follow=True)
    assert Meeting.objects.count() == 1
    assert messages_of(response)[1].startswith(warning)


def test_change_meeting(clerks, clerk, meeting, inquiry, member):
    report = make_report(inquiry, clerk, meeting=meeting)
    make_pack(meeting, clerk)
    page = page_text(clerks.get(clerk_url("change_meeting", meeting)))
    assert 'value="14:00"' in page and 'value="Mezzanine Room 2"' in page
    assert "You see what changes before anything is saved" in page and "Warm Homes Inquiry: interim report" in page
    assert "The agenda has been published" in page
    shown = clerks.post(clerk_url("change_meeting", meeting), CALLED)
    page = page_text(shown)
    assert "Nothing has been saved yet." in page
    assert [(name, old, new) for _, name, old, new in shown.context["effects"]["lines"]] == [
        ("Date of the update", date(2026, 12, 15), date(2027, 1, 12)),
        ("Updates are due", date(2026, 11, 16), date(2026, 12, 9)),
        ("Sign-off is due", date(2026, 11, 30), date(2026, 12, 23)),
    ]
    assert (
        "Notified by e-mail: Councillor Anwen Pritchard, Councillor Ruth Adeyemi, Siân Llŷr-Ôwain, Tom Okafor" in page
    )
    meeting.refresh_from_db()
    assert (meeting.day, report.updates_due_on) == (date(2026, 12, 15), date(2026, 11, 16))
    # What is saved is what was looked at.
    changed = clerks.post(clerk_url("change_meeting", meeting), CALLED | {"seen": "another"})
    assert "Nothing has been saved yet." in page_text(changed)
    looked_at = CALLED | {"seen": shown.context["effects"]["version"]}
    response = clerks.post(clerk_url("change_meeting", meeting), looked_at, follow=True)
    meeting.refresh_from_db()
    report.refresh_from_db()
    assert report.updates_due_on == date(2026, 12, 9)
    assert (meeting.day, meeting.venue) == (date(2027, 1, 12), "Oculus")
    assert messages_of(response) == ["The meeting is changed."]


def test_change_meeting_into_past_warns(clerks, meeting):
    response = clerks.post(clerk_url("change_meeting", meeting), CALLED | {"day_year": "2025"}, follow=True)
    assert [message.split(".")[0] for message in messages_of(response)] == [
        "The meeting is changed",
        "This meeting is in the past",
    ]


def test_cancel_meeting(clerks, meeting):
    page = page_text(clerks.get(clerk_url("cancel_meeting", meeting)))
    assert "Everybody can read your reason" in page and "are notified by e-mail, with your reason" in page
    response = clerks.post(clerk_url("cancel_meeting", meeting), {"reason": ""})
    assert error_messages(response) == ["Say why the meeting is cancelled"]
    response = clerks.post(clerk_url("cancel_meeting", meeting), {"reason": "Too few members could come."}, follow=True)
    meeting.refresh_from_db()
    assert meeting.cancelled_reason == "Too few members could come."
    page = page_text(response)
    assert "<strong>Cancelled</strong> on 23 November 2026 by Carys Whitlock: Too few members could come." in page
    assert clerk_url("change_meeting", meeting) not in page and "overdue" not in page
    assert clerks.get(clerk_url("cancel_meeting", meeting)).status_code == 403
    assert clerks.get(clerk_url("change_meeting", meeting)).status_code == 403
    assert error_messages(clerks.post(clerk_url("change_meeting", meeting), CALLED)) == [
        "This meeting has been cancelled. Call another one instead."
    ]


# Who, and what is not there


def every_address(meeting, item, paper):
    yield reverse("clerk:call_meeting")
    yield from (clerk_url(name, meeting) for name in ("agenda", "change_meeting", "cancel_meeting", "add_item"))
    yield from (clerk_url(name, meeting, item.pk) for name in ("change_item", "move_item", "remove_item", "add_paper"))
    papers_ = ("change_paper", "replace_paper", "move_paper", "remove_paper")
    yield from (clerk_url(name, meeting, paper.pk) for name in papers_)


@pytest.mark.parametrize("who", ["officer", "contributor", "cabinet_member", "member", "chair", "stranger"])
def test_pages_are_not_found_for_others(client, people, who, meeting, item, paper):
    client.force_login(people[who])
    for address in every_address(meeting, item, paper):
        assert client.get(address).status_code == 404, address
        if address != clerk_url("agenda", meeting):
            assert client.post(address, {"to": "1"}).status_code == 404, address


def test_public_is_redirected_to_sign_in(client, meeting, item, paper):
    for address in every_address(meeting, item, paper):
        assert client.get(address).url == f"{reverse('account_login')}?next={address}"


def test_other_meetings_records_are_not_found(clerks, committee, item, paper):
    other = make_meeting(committee, date(2027, 2, 2))
    for address in every_address(other, item, paper):
        expected = (
            200 if address in [reverse("clerk:call_meeting"), *(clerk_url(n, other) for n in MEETING_PAGES)] else 404
        )
        assert clerks.get(address).status_code == expected, address


MEETING_PAGES = ("agenda", "change_meeting", "cancel_meeting", "add_item")


# Where a clerk finds them


def test_your_work_lists_upcoming_meetings(clerks, clerk, meeting):
    cancelled = make_meeting(meeting.committee, date(2027, 2, 2))
    meetings.cancel_meeting(cancelled, reason="Snow.", by=clerk, now=NOW)
    make_meeting(meeting.committee, date(2026, 11, 22))
    page = page_text(clerks.get(reverse("public:home")))
    assert f'href="{clerk_url("agenda", meeting)}"' in page and clerk_url("agenda", cancelled) not in page
    assert "Due 7 December 2026, in 14 days" in page and "To publish" in page
    assert reverse("clerk:call_meeting") in page
    make_pack(meeting, clerk)
    page = page_text(clerks.get(reverse("public:home")))
    assert "Agenda published" in page and "Due 7 December 2026" not in page


def test_your_work_shows_late_agenda(clerks, committee):
    make_meeting(committee, date(2026, 11, 26))
    (task,) = clerks.get(reverse("public:home")).context["agendas"]
    assert (task.status, task.due) == ("Late", date(2026, 11, 18))


def test_committee_page_links_to_call_meeting(client, clerk, committee):
    where = f"{reverse('clerk:call_meeting')}?committee=communities"
    assert where not in page_text(client.get(committee.get_absolute_url()))
    client.force_login(clerk)
    assert where in page_text(client.get(committee.get_absolute_url()))


def test_add_several_papers(clerks, meeting, item):
    data = {
        "paper1-title": "Figures",
        "paper1-file": upload(),
        "paper1-exempt_paragraph": "",
        "paper3-title": "Contract",
        "paper3-file": upload("with script.pdf"),
        "paper3-exempt_paragraph": "3",
    }
    response = clerks.post(clerk_url("add_paper", meeting, item.pk), data, follow=True)
    assert response.redirect_chain == [(clerk_url("agenda", meeting), 302)]
    assert [(p.title, p.exempt_paragraph, p.page_count) for p in item.documents.on_agenda()] == [
        ("Figures", None, 2),
        ("Contract", 3, 2),
    ]
    assert messages_of(response) == [
        "Added to item 1: “Figures” (2 pages), “Contract” (2 pages).",
        "On receipt of “Contract”: A script was taken out.",
    ]


def test_rejected_paper_keeps_title_and_adds_others(clerks, meeting, item):
    data = {
        "paper1-title": "Figures",
        "paper1-file": upload(data=b"encrypted"),
        "paper1-exempt_paragraph": "3",
        "paper2-title": "Minutes",
        "paper2-file": upload(),
    }
    response = clerks.post(clerk_url("add_paper", meeting, item.pk), data)
    assert error_messages(response) == ["The file is locked with a password. Save it without one and send it again."]
    assert [paper.title for paper in item.documents.on_agenda()] == ["Minutes"]
    page = page_text(response)
    assert 'value="Figures"' in page and 'value="Minutes"' not in page
    assert '<option value="3" selected>' in page
    assert messages_of(response) == ["Added to item 1: “Minutes” (2 pages)."]


def test_add_paper_without_title_asks_for_file_again(clerks, meeting, item):
    response = clerks.post(clerk_url("add_paper", meeting, item.pk), {"paper1-file": upload()})
    assert error_messages(response) == [
        "Choose the file again: a file cannot be kept while something else is put right",
        "Enter the title",
    ]
    assert not AgendaDocument.objects.exists()


def test_add_paper_requires_a_file(clerks, meeting, item):
    assert error_messages(clerks.post(clerk_url("add_paper", meeting, item.pk), {})) == [
        "Choose the file of the paper",
        "Enter the title",
    ]
    assert error_messages(clerks.post(clerk_url("add_paper", meeting, item.pk), {"paper2-title": "Figures"})) == [
        "Choose the file of the paper"
    ]
    data = {"paper1-title": "Figures", "paper1-file": upload(data=b"")}
    assert error_messages(clerks.post(clerk_url("add_paper", meeting, item.pk), data)) == [
        "The file is empty. Choose another one."
    ]


def test_add_paper_requires_papers_item(clerks, meeting, put):
    item = put("Apologies")
    assert clerks.get(clerk_url("add_paper", meeting, item.pk)).status_code == 403
    data = {"paper1-title": "Figures", "paper1-file": upload()}
    assert error_messages(clerks.post(clerk_url("add_paper", meeting, item.pk), data)) == [
        "Only an item that carries papers can have a paper."
    ]


def test_add_paper_names_supplement(clerks, clerk, meeting, item):
    make_pack(meeting, clerk)
    assert "what you add goes into Supplement 1" in page_text(clerks.get(clerk_url("add_paper", meeting, item.pk)))
    clerks.post(clerk_url("add_paper", meeting, item.pk), {"paper1-title": "Figures", "paper1-file": upload()})
    assert AgendaDocument.objects.get().supplement == 1


def test_titles_survive_signing_in(client, clerk, meeting, item):
    where = clerk_url("add_paper", meeting, item.pk)
    response = client.post(where, {"paper1-title": "Figures", "paper1-file": upload(), "writer": clerk.signed_key})
    assert response.url.startswith(reverse("account_login"))
    client.force_login(clerk)
    page = page_text(client.get(where))
    assert 'value="Figures"' in page and "You have text that was not saved" in page
    assert not AgendaDocument.objects.exists()


def test_change_paper(clerks, meeting, paper):
    where = clerk_url("change_paper", meeting, paper.pk)
    assert clerks.get(where).context["form"]["title"].value() == "Figures"
    response = clerks.post(where, {"title": "", "exempt_paragraph": "8", "supplement": "9"})
    assert error_messages(response) == [
        "Enter the title",
        "Choose from the list who may read it",
        "Choose from the list where it is printed",
    ]
    response = clerks.post(where, {"title": "The figures", "exempt_paragraph": "3", "supplement": "1"}, follow=True)
    paper.refresh_from_db()
    assert (paper.title, paper.exempt_paragraph, paper.supplement) == ("The figures", 3, 1)
    page = page_text(response)
    assert "Exempt: paragraph 3" in page and "Withdraw the published pack" not in page


def test_exempting_published_paper_asks_to_withdraw_pack(clerks, clerk, meeting, paper):
    pack = make_pack(meeting, clerk, documents=[paper])
    withdraw = clerk_url("withdraw_pack", meeting, pack.pk)
    page = page_text(clerks.get(clerk_url("change_paper", meeting, paper.pk)))
    assert "Everybody can read this paper in what has been published: Agenda pack, public." in page
    assert f'href="{withdraw}"' in page
    assert withdraw not in page_text(clerks.get(clerk_url("agenda", meeting)))
    data = {"title": "Figures", "exempt_paragraph": "3", "supplement": "0"}
    page = page_text(clerks.post(clerk_url("change_paper", meeting, paper.pk), data, follow=True))
    assert (
        "“Figures” is marked exempt, and everybody can still read it in what has been published: Agenda pack, public."
        in page
    )
    assert f'href="{withdraw}"' in page
    AgendaPack.objects.filter(pk=pack.pk).update(withdrawn_at=LATER, withdrawn_by=clerk, withdrawn_reason="A name.")
    assert "is marked exempt" not in page_text(clerks.get(clerk_url("agenda", meeting)))


def test_replace_paper(clerks, meeting, item, paper):
    where = clerk_url("replace_paper", meeting, paper.pk)
    assert error_messages(clerks.post(where, {})) == ["Choose the file of the paper"]
    assert error_messages(clerks.post(where, {"file": upload(data=b"encrypted")})) == [
        "The file is locked with a password. Save it without one and send it again."
    ]
    response = clerks.post(where, {"file": upload("with script.pdf")}, follow=True)
    (new,) = item.documents.on_agenda()
    assert new.pk != paper.pk and (new.title, new.original_name) == ("Figures", "with script.pdf")
    assert messages_of(response) == ["On receipt of “Figures”: A script was taken out.", "The file is replaced."]


def test_move_paper_keeps_focus(clerks, clerk, meeting, item, paper):
    second = meetings.add_paper(item, make_received(), title="Contract", by=clerk, now=NOW)
    response = clerks.post(clerk_url("move_paper", meeting, second.pk), {"to": "1"})
    assert response.url == f"{clerk_url('agenda', meeting)}#paper-down-{second.pk}"
    assert [paper.title for paper in item.documents.on_agenda()] == ["Contract", "Figures"]
    page = clerks.get(clerk_url("agenda", meeting))
    assert messages_of(page) == ["“Contract” is now paper 1 of item 1."]
    assert f'id="paper-down-{second.pk}"' in page_text(page)
    assert clerks.get(clerk_url("move_paper", meeting, second.pk)).status_code == 302


def test_remove_paper(clerks, meeting, item, paper):
    assert "Take “Figures” off the agenda" in page_text(clerks.get(clerk_url("remove_paper", meeting, paper.pk)))
    response = clerks.post(clerk_url("remove_paper", meeting, paper.pk), follow=True)
    assert messages_of(response) == ["“Figures” is removed from the agenda."]
    assert list(item.documents.on_agenda()) == []
    assert clerks.get(clerk_url("change_paper", meeting, paper.pk)).status_code == 404
