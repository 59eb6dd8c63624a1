"""A progress report: what everybody reads, what those who work on it read before."""

import pytest

from inquiries.actions import progress, publication
from inquiries.choices import Stage
from inquiries.models import ProgressUpdate
from tests.cast import NOW
from tests.factories import make_meeting, make_report
from tests.views.public.steps import REPORT, write


def test_report_before_publication_is_there_for_those_who_work_on_it_only(
    inquiry, clerk, officer, cabinet_member, stranger, member, chair, other_officer, read
):
    report = make_report(inquiry, clerk)
    write(report, "1a", "The number is 0300.", by=officer)
    write(report, "2", "We met in May.", by=other_officer)
    for nobody in (None, stranger, member, chair):
        read(REPORT, nobody, status=404)
    for everything in (clerk, cabinet_member):
        words = read(REPORT, everything)
        assert "The number is 0300." in words
        assert "We met in May." in words
        assert "It is not published" in words
    words = read(REPORT, officer)
    assert "The number is 0300." in words
    assert "We met in May." not in words
    assert "You are reading only the rows that are yours." in words


def test_report_of_a_contributor(inquiry, clerk, contributor, read):
    report = make_report(inquiry, clerk)
    write(report, "1a", "The number is 0300.", by=clerk)
    write(report, "2", "We met in May.", by=clerk, contributors=[contributor])
    words = read(REPORT, contributor)
    assert "We met in May." in words
    assert "The number is 0300." not in words


def test_report_offers_what_each_may_do(inquiry, clerk, officer, cabinet_member, chair, member, read):
    report = make_report(inquiry, clerk)
    assert f'href="{REPORT}updates/1a/"' in read(REPORT, officer)
    assert 'href="/clerk/inquiries/warm-homes-inquiry/progress/6/"' in read(REPORT, clerk)
    assert f'href="{REPORT}sign-off/"' not in read(REPORT, cabinet_member)
    progress.close_updates(report, by=clerk, now=NOW)
    assert f'href="{REPORT}sign-off/"' in read(REPORT, cabinet_member)
    assert f'href="{REPORT}updates/1a/"' not in read(REPORT, officer)
    progress.record_sign_off(report.sign_offs.get(), evidence_note="A letter.", by=clerk, now=NOW)
    publication.publish(report, by=clerk, now=NOW)
    assert "Record the committee&#x27;s assessment" in read(REPORT, chair)
    assert "Note your indications" in read(REPORT, member)
    assert "assess/" not in read(REPORT)
    assert "assess/" not in read(REPORT, officer)


def test_report_published_is_the_kept_edition(inquiry, clerk, stranger, read):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED, meeting=make_meeting(inquiry.committee))
    ProgressUpdate.objects.filter(report=report).update(text="Changed behind everybody's back.")
    for anybody in (None, stranger, clerk):
        words = read(REPORT, anybody)
        assert "Work on 1a and 1b is going well." in words
        assert "behind" not in words
        assert "Published 23 November 2026, for the meeting on 15 December 2026." in words
        assert "to be assessed" in words
        assert "Recommendations not in the table above" in words
        for ending in ("pdf", "docx", "csv", "json"):
            assert f'href="/inquiries/warm-homes-inquiry/progress/6.{ending}"' in words


def test_report_reopened_is_still_read_as_it_was_published(inquiry, clerk, officer, stranger, read):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    row = next(u for u in report.updates.for_page() if u.reference == "1a")
    progress.reopen(report, to=Stage.COMMISSIONED, reason="A figure.", updates=[row], by=clerk, now=NOW)
    write(report, "1a", "A better figure.", by=officer)
    for anybody in (None, stranger):
        words = read(REPORT, anybody)
        assert "This report is being revised." in words
        assert "Work on 1a and 1b is going well." in words
        assert "A better figure." not in words
    for insider in (clerk, officer):
        words = read(REPORT, insider)
        assert "A better figure." in words
        assert f'href="{REPORT}editions/1/"' in words


def test_report_reopened_after_the_meeting_says_so(inquiry, clerk, read):
    report = make_report(inquiry, clerk, at=Stage.ASSESSED)
    assert "with the committee's assessments" in read(REPORT)
    progress.reopen(report, to=Stage.PUBLISHED, reason="A rating.", by=clerk, now=NOW)
    assert "This report is being revised." in read(REPORT)


def test_edition_is_kept_and_listed(inquiry, clerk, read):
    make_report(inquiry, clerk, at=Stage.ASSESSED)
    words = read(REPORT)
    assert f'href="{REPORT}editions/1/"' in words
    assert f'href="{REPORT}editions/2/"' not in words
    assert "Implemented</strong>" in words
    first = read(f"{REPORT}editions/1/")
    assert "This is version 1" in first
    assert "Implemented</strong>" not in first
    assert 'href="/inquiries/warm-homes-inquiry/progress/6/editions/1.pdf"' in first
    read(f"{REPORT}editions/3/", status=404)


@pytest.mark.parametrize(
    "address",
    [
        "/inquiries/warm-homes-inquiry/progress/7/",
        "/inquiries/warm-homes-inquiry/progress/99999999999999999999/",
        f"/inquiries/warm-homes-inquiry/progress/{'9' * 5000}/",
        "/inquiries/nothing/progress/6/",
        f"{REPORT}editions/99999999999999999999/",
    ],
)
def test_report_that_does_not_exist(inquiry, clerk, read, address):
    make_report(inquiry, clerk)
    read(address, clerk, status=404)


@pytest.mark.parametrize("address", ["/", "/inquiries/", "/inquiries/warm-homes-inquiry/", REPORT, "/committees/"])
def test_pages_are_read_only(inquiry, clerk, client, address):
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    assert client.post(address).status_code == 405
