from datetime import timedelta

import pytest
from django.urls import reverse

from inquiries.actions import assessments, progress, responses
from inquiries.choices import Rating, Stage
from inquiries.models import Notification
from tests.cast import NOW, person
from tests.factories import confirm_assessments, make_meeting, make_report

CHANGED = "An update has changed since you opened this page"


@pytest.fixture
def report(inquiry, committee, clerk):
    """Waiting for sign-off, for the meeting of 15 December 2026."""
    return make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, meeting=make_meeting(committee))


def sign_off_address(report):
    return reverse("cabinet:sign_off", args=[report.inquiry.slug, report.months_on])


def return_address(report, reference="2"):
    return reverse("cabinet:return_update", args=[report.inquiry.slug, report.months_on, reference])


def seen(client, report):
    return client.get(sign_off_address(report)).context["seen"]


def test_sign_off_shows_the_whole_report(client, report, cabinet_member):
    client.force_login(cabinet_member)
    page = client.get(sign_off_address(report)).content.decode()
    assert page.count("Work on ") == 3
    assert "Recommendations not in the table above" in page
    assert "15 December 2026 at 14:00, Mezzanine Room 2" in page
    assert "I have read this progress report and agree that it is given to the Communities Select Committee." in page
    assert page.count(">Return this update<") == 3


def test_sign_off_signs_and_tells_the_clerks(client, report, cabinet_member, clerk):
    client.force_login(cabinet_member)
    page = client.post(sign_off_address(report), {"seen": seen(client, report)}, follow=True)
    report.refresh_from_db()
    assert (report.stage, report.signed_off_by) == (Stage.SIGNED_OFF, cabinet_member)
    assert "You have signed off the interim report (6 months on) on Warm Homes Inquiry." in page.content.decode()
    assert "This report has been signed off on" in page.content.decode()
    assert Notification.objects.filter(recipient=clerk, occasion="report_signed_off").count() == 1


def test_sign_off_twice_says_so_and_changes_nothing(client, report, cabinet_member):
    client.force_login(cabinet_member)
    mark = seen(client, report)
    client.post(sign_off_address(report), {"seen": mark})
    signed_at = report.sign_offs.get().signed_at
    page = client.post(sign_off_address(report), {"seen": mark}, follow=True)
    assert page.status_code == 200
    assert "You had already signed this report off. Nothing was changed." in page.content.decode()
    assert report.sign_offs.get().signed_at == signed_at


def test_sign_off_of_words_that_changed_meanwhile_shows_the_new_words(client, report, cabinet_member, officer):
    client.force_login(cabinet_member)
    mark = seen(client, report)
    update = report.updates.about("1a").get()
    progress.return_update(update, note="Say more.", by=cabinet_member, now=NOW + timedelta(hours=1))
    update.refresh_from_db()
    saved = progress.save_update(
        update, version=update.version, text="The number is 01234.", by=officer, now=NOW + timedelta(hours=2)
    )
    progress.submit_update(saved, version=saved.version, by=officer, now=NOW + timedelta(hours=2))
    answer = client.post(sign_off_address(report), {"seen": mark})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert CHANGED in page
    assert "The number is 01234." in page
    assert report.sign_offs.get().signed_at is None
    client.post(sign_off_address(report), {"seen": answer.context["seen"]})
    assert report.sign_offs.get().signed_at is not None


def test_sign_off_of_an_update_that_was_closed_meanwhile_shows_the_page_again(client, report, cabinet_member, clerk):
    client.force_login(cabinet_member)
    mark = seen(client, report)
    update = report.updates.about("2").get()
    progress.return_update(update, note="Say more.", by=cabinet_member, now=NOW + timedelta(hours=1))
    progress.close_updates(report, by=clerk, now=NOW + timedelta(hours=2))
    answer = client.post(sign_off_address(report), {"seen": mark})
    assert (answer.status_code, CHANGED in answer.content.decode()) == (409, True)


def test_sign_off_without_saying_what_was_seen_signs_nothing(client, report, cabinet_member):
    client.force_login(cabinet_member)
    assert client.post(sign_off_address(report)).status_code == 409
    assert report.sign_offs.get().signed_at is None


def test_sign_off_while_updates_are_missing_says_how_many(client, inquiry, clerk, cabinet_member, officer):
    report = make_report(inquiry, clerk)
    update = report.updates.about("1a").get()
    saved = progress.save_update(update, version=0, text="Done.", by=officer, now=NOW)
    progress.submit_update(saved, version=saved.version, by=officer, now=NOW)
    client.force_login(cabinet_member)
    page = client.get(sign_off_address(report)).content.decode()
    assert "The updates are still being collected: 1 of 3 is in." in page
    assert "2: not in yet (Tom Okafor)" in page
    assert "Sign off this report" not in page
    answer = client.post(sign_off_address(report), {"seen": report.updates_version()})
    assert answer.status_code == 403
    assert "the updates are still being collected" in answer.content.decode()


def test_sign_off_names_who_else_signs(client, inquiry, committee, clerk, cabinet_member):
    colleague = person("Councillor Dafydd Moss", "dafydd@wealdshire.example")
    report = make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, cabinet_members=[colleague])
    client.force_login(colleague)
    assert "Councillor Ruth Adeyemi: not yet signed" in client.get(sign_off_address(report)).content.decode()
    page = client.post(sign_off_address(report), {"seen": seen(client, report)}, follow=True).content.decode()
    assert "You have signed this report off. It goes on when everybody named has signed." in page
    assert "Sign off this report" not in page
    report.refresh_from_db()
    assert report.stage == Stage.AWAITING_SIGN_OFF


def test_sign_off_page_says_when_the_report_is_published(client, inquiry, clerk, cabinet_member):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    client.force_login(cabinet_member)
    page = client.get(sign_off_address(report)).content.decode()
    assert "This report has been published on 23 November 2026." in page
    assert "Return this update" not in page


def test_sign_off_shows_what_the_committee_made_of_the_last_report(client, inquiry, clerk, cabinet_member):
    first = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    update = first.updates.about("2").get()
    assessments.assess(
        update, rating=Rating.CONCERNS, comment="Twice a year is too little.", seen=None, by=clerk, now=NOW
    )
    report = make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, months_on=12)
    client.force_login(cabinet_member)
    assert "Last time" not in client.get(sign_off_address(report)).content.decode()
    confirm_assessments(first, by=clerk, now=NOW + timedelta(hours=1))
    page = client.get(sign_off_address(report)).content.decode()
    assert page.count("Last time") == 1
    assert "(6 months on)" in page
    assert "Twice a year is too little." in page


def test_exempt_words_are_for_those_who_sit_in_cabinet(client, inquiry, clerk, cabinet_member):
    outsider = person("Councillor Former", "former@wealdshire.example")
    report = make_report(inquiry, clerk, cabinet_members=[outsider])
    update = report.updates.about("2").get()
    progress.save_update(
        update, version=0, text="Held.", exempt_text="Talks with Acme Ltd.", exempt_paragraph=3, by=clerk, now=NOW
    )
    for who, reads in ((cabinet_member, True), (clerk, True), (outsider, False)):
        client.force_login(who)
        assert ("Talks with Acme Ltd." in client.get(sign_off_address(report)).content.decode()) is reads


def test_return_update_tells_the_lead_officer_and_opens_this_update_only(
    client, report, cabinet_member, other_officer, officer
):
    client.force_login(cabinet_member)
    page = client.get(return_address(report)).content.decode()
    assert "Work on 2 is going well." in page
    assert "Work on 1a and 1b" not in page
    assert "Tom Okafor will be notified" in page
    page = client.post(return_address(report), {"note": "Which agencies?"}, follow=True).content.decode()
    assert "You have returned the update on 2. Tom Okafor will be notified." in page
    assert "2: returned on " in page
    report.refresh_from_db()
    assert report.stage == Stage.COMMISSIONED
    assert [u.reference for u in report.updates.open()] == ["2"]
    assert Notification.objects.get(occasion="update_returned").recipient == other_officer


def test_return_update_needs_a_note(client, report, cabinet_member):
    client.force_login(cabinet_member)
    answer = client.post(return_address(report), {"note": "  "})
    assert answer.status_code == 200
    assert answer.content.decode().count("Say what you would like changed") == 2
    report.refresh_from_db()
    assert report.stage == Stage.AWAITING_SIGN_OFF


def test_return_update_twice_says_so(client, report, cabinet_member):
    client.force_login(cabinet_member)
    client.post(return_address(report), {"note": "Which agencies?"})
    page = client.post(return_address(report), {"note": "Which agencies?"}, follow=True)
    assert "You had already returned this update. Nothing was changed." in page.content.decode()
    assert Notification.objects.filter(occasion="update_returned").count() == 1


def test_return_update_too_late_keeps_the_note_on_the_page(client, report, cabinet_member, clerk):
    client.force_login(cabinet_member)
    progress.sign_off(report.sign_offs.get(), by=cabinet_member, now=NOW + timedelta(hours=1))
    page = client.post(return_address(report), {"note": "Which agencies, <b>and</b> when?"}).content.decode()
    assert "cannot be done now: the report has been signed off" in page
    assert "Which agencies, &lt;b&gt;and&lt;/b&gt; when?" in page
    assert client.get(return_address(report)).status_code == 403


def test_return_update_keeps_the_note_through_signing_in_again(client, report, cabinet_member, officer):
    answer = client.post(return_address(report), {"note": "Which agencies?", "writer": cabinet_member.signed_key})
    assert answer.url == f"/accounts/login/?next={return_address(report)}"
    client.force_login(cabinet_member)
    page = client.get(return_address(report)).content.decode()
    assert "You have text that was not saved" in page
    assert "Which agencies?</textarea>" in page
    client.post(return_address(report), {"action": "discard"})
    assert "Which agencies?" not in client.get(return_address(report)).content.decode()


def test_return_update_finds_the_row_by_each_of_its_numbers(client, report, cabinet_member):
    client.force_login(cabinet_member)
    for reference in ("1a", "1b", "1B"):
        assert client.get(return_address(report, reference)).context["update"].reference == "1a"
    for reference in ("3b", "99", "?", "4a) i)", "\0"):
        assert client.get(return_address(report, reference)).status_code == 404


def test_a_clerk_reads_but_neither_signs_nor_returns(client, report, clerk):
    client.force_login(clerk)
    page = client.get(sign_off_address(report)).content.decode()
    assert "You read this page as a clerk." in page
    assert "Return this update" not in page
    answer = client.post(sign_off_address(report), {"seen": report.updates_version()})
    assert answer.status_code == 403
    assert "Only the Cabinet Member named can sign this off." in answer.content.decode()
    assert client.get(return_address(report)).status_code == 403
    assert client.post(return_address(report), {"note": "No."}).status_code == 403
    assert report.sign_offs.get().signed_at is None


def several_address(report, *references):
    keys = [f"update={report.updates.about(reference).get().pk}" for reference in references]
    address = reverse("cabinet:return_updates", args=[report.inquiry.slug, report.months_on])
    return f"{address}?{'&'.join(keys)}"


def ticked(report, *references, **words):
    return {"update": [report.updates.about(reference).get().pk for reference in references], "note": "", **words}


def test_several_updates_are_returned_with_one_email_to_each_person(client, report, cabinet_member, officer, clerk):
    update = report.updates.about("2").get()
    responses.correct_response(update.response, lead_officer=officer, by=clerk, now=NOW)
    client.force_login(cabinet_member)
    page = client.get(several_address(report, "1a", "2")).content.decode()
    assert "Return 2 updates" in page and "Work on 2 is going well." in page and "Work on 10" not in page
    words = ticked(report, "1a", "2", note="By when?", **{f"note_{update.pk}": "Which agencies?"})
    answer = client.post(several_address(report), words, follow=True)
    assert "You have returned the updates on 1a and 1b and 2." in answer.content.decode()
    assert [u.reference for u in report.updates.open().in_order()] == ["1a", "2"]
    mail = Notification.objects.get(occasion="update_returned")
    assert mail.recipient == officer
    assert mail.subject == "Please revise: progress updates on recommendations 1a and 1b and 1 more"
    assert (
        "heating. (by Monday 30 November 2026)\n\nBy when?\n\n2: That officers meet" in mail.body
        and "Which agencies?" in mail.body
    )
    assert "/inquiries/warm-homes-inquiry/progress/6/updates/\n" in mail.body


def test_several_updates_are_returned_all_or_none(client, report, cabinet_member):
    client.force_login(cabinet_member)
    progress.return_update(report.updates.about("2").get(), note="Say more.", by=cabinet_member, now=NOW)
    answer = client.post(several_address(report), ticked(report, "1a", "2", note="By when?"))
    assert "This update is still being written, so there is nothing to return." in answer.content.decode()
    assert "By when?</textarea>" in answer.content.decode()
    assert [u.reference for u in report.updates.open()] == ["2"]


def test_each_of_several_updates_needs_a_note(client, report, cabinet_member):
    client.force_login(cabinet_member)
    own = f"note_{report.updates.about('2').get().pk}"
    answer = client.post(several_address(report), ticked(report, "1a", "2", **{own: "Which?"}))
    assert answer.content.decode().count("Say what you would like changed, here or in the note for all") == 2
    assert list(answer.context["form"].errors) == [f"note_{report.updates.about('1a').get().pk}"]
    assert not report.updates.open().exists()


@pytest.mark.parametrize("query", ["", "?update=", "?update=x", "?update=" + "9" * 30, "?update=\0"])
def test_without_a_ticked_update_nothing_is_returned(client, report, cabinet_member, query):
    client.force_login(cabinet_member)
    answer = client.get(several_address(report).removesuffix("?") + query, follow=True)
    assert "Tick the updates that you would like to return." in answer.content.decode()


def test_own_rows_are_marked_where_several_sign(client, inquiry, clerk, cabinet_member):
    colleague = person("Councillor Dafydd Moss", "dafydd@wealdshire.example")
    response = inquiry.recommendations.get(reference="10").response
    responses.correct_response(response, cabinet_member=colleague, by=clerk, now=NOW)
    report = make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF)
    client.force_login(colleague)
    page = client.get(sign_off_address(report))
    assert "1 of 3 rows is yours, marked “Yours”: 10." in " ".join(page.content.decode().split())
    assert [update.reference for _, update in page.context["pairs"]] == ["1a", "2", "10"]
    first = client.get(f"{sign_off_address(report)}?mine=first")
    assert [update.reference for _, update in first.context["pairs"]] == ["10", "1a", "2"]
    assert first.context["seen"] == page.context["seen"]
    assert first.content.decode().count(">Yours</strong>") == 1


def test_no_row_is_marked_where_one_person_signs_all(client, report, cabinet_member):
    client.force_login(cabinet_member)
    assert "Yours" not in client.get(sign_off_address(report)).content.decode()


@pytest.mark.parametrize("stage", [Stage.AWAITING_SIGN_OFF, Stage.PUBLISHED])
def test_nobody_else_finds_the_pages(client, inquiry, clerk, officer, member, chair, stranger, stage):
    report = make_report(inquiry, clerk, at=stage)
    for who in (officer, member, chair, stranger):
        client.force_login(who)
        for address in (sign_off_address(report), return_address(report)):
            assert client.get(address).status_code == 404
            assert client.post(address, {"note": "No.", "seen": report.updates_version()}).status_code == 404


def test_whoever_is_not_signed_in_signs_in_first(client, report):
    answer = client.get(sign_off_address(report))
    assert answer.url == f"/accounts/login/?next={sign_off_address(report)}"
    assert client.post(sign_off_address(report), {"seen": "1.1"}).status_code == 302
    assert client.put(sign_off_address(report)).status_code == 405


def test_text_is_data(client, inquiry, clerk, cabinet_member):
    report = make_report(inquiry, clerk)
    update = report.updates.about("2").get()
    progress.save_update(update, version=0, text="<script>alert(1)</script> {{ 7|add:7 }}", by=clerk, now=NOW)
    client.force_login(cabinet_member)
    page = client.get(sign_off_address(report)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }}" in page
    assert "<script>alert" not in page


def only_the_first(report):
    """Leave one row in the report, as a small inquiry would have."""
    for update in report.updates.exclude(pk=report.updates.about("1a").get().pk):
        update.named.all().delete()
        update.delete()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_database_as_often_for_one_row_as_for_three(
    client, report, cabinet_member, django_assert_num_queries, rows
):
    if rows == 1:
        only_the_first(report)
    client.force_login(cabinet_member)
    with django_assert_num_queries(7):
        assert len(client.get(sign_off_address(report)).context["pairs"]) == rows
