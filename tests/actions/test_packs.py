"""Building, publishing and taking back the packs of an agenda."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.db import transaction
from django.urls import reverse

from inquiries.actions import meetings, packs, progress
from inquiries.actions.packs import claimed
from inquiries.choices import ItemKind, Stage
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import AgendaDocument, AgendaPack, Entry, Notification, PackPlan, ReportEdition
from inquiries.permissions import Refused
from inquiries.uploads.process_upload import tagging_check
from tests import factories
from tests.cast import NOW

LATER = NOW + timedelta(hours=1)
# The last day to publish for a meeting on 15 December 2026 is the 7th.
TOO_LATE = NOW.replace(month=12, day=9)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def meeting(committee, clerk, chair, member):
    """A meeting on 15 December with a paper of three pages as item 2."""
    return factories.make_agenda(factories.make_meeting(committee), clerk)


@pytest.fixture
def with_report(committee, clerk, chair, member, inquiry):
    """The same with a signed-off report as item 3."""
    meeting = factories.make_meeting(committee)
    report = factories.make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    return factories.make_agenda(meeting, clerk, report=report)


@pytest.fixture
def with_secret(committee, clerk, chair, member):
    """The same with an exempt paper as item 3."""
    words = "The tender of Quorvane Limited was 1,234,567 pounds."
    return factories.make_agenda(factories.make_meeting(committee), clerk, exempt_words=words)


def ranges(pack):
    return {entry.item.number: entry.range for entry in pack.entries.select_related("item")}


def test_pack_records_its_pages(meeting, clerk):
    built = packs.build_packs(meeting, 0, by=clerk, now=NOW)
    assert set(built) == {"public"}
    pack = built["public"]
    # Three pages and a blank one, so that the next item would start on the right.
    assert ranges(pack) == {2: "3 - 6"}
    assert (pack.first_page, pack.last_page, pack.number) == (1, 6, 1)
    with pack.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == pack.checksum
    assert [paper.document.title for paper in pack.papers.all()] == ["Bus services"]


def test_single_sided_packs(meeting, clerk):
    packs.save_plan(meeting, 0, duplex=False, by=clerk, now=NOW)
    assert ranges(packs.build_packs(meeting, 0, by=clerk, now=NOW)["public"]) == {2: "2 - 4"}


def test_builds_only_what_changed(meeting, clerk):
    first = packs.build_packs(meeting, 0, by=clerk, now=NOW)["public"]
    again = packs.build_packs(meeting, 0, by=clerk, now=LATER)["public"]
    assert again.pk == first.pk
    meetings.change_item(meeting.items.get(number=2), subtitle="A second look", by=clerk, now=LATER)
    assert packs.is_out_of_date(first, packs.current_contents(packs.plan_of(meeting, 0)))
    changed = packs.build_packs(meeting, 0, by=clerk, now=LATER)["public"]
    assert changed.checksum != first.checksum
    # The first was never published: it is gone, and this is the first edition.
    assert [pack.pk for pack in AgendaPack.objects.all()] == [changed.pk]
    assert changed.number == 1


def test_earlier_text_gives_earlier_bytes(meeting, clerk):
    first = packs.build_packs(meeting, 0, by=clerk, now=NOW)["public"].checksum
    item = meeting.items.get(number=2)
    meetings.change_item(item, subtitle="A second look", by=clerk, now=LATER)
    packs.build_packs(meeting, 0, by=clerk, now=LATER)
    meetings.change_item(item, subtitle="A first look", by=clerk, now=LATER)
    assert packs.build_packs(meeting, 0, by=clerk, now=LATER)["public"].checksum == first


def test_changes_make_pack_out_of_date(with_report, clerk, cabinet_member):
    pack = packs.build_packs(with_report, 0, by=clerk, now=NOW)["public"]
    assert not packs.is_out_of_date(pack, packs.current_contents(packs.plan_of(with_report, 0)))
    with transaction.atomic():
        report = with_report.items.get(number=3).report
        progress.reopen(
            report, to=Stage.COMMISSIONED, reason="A figure.", by=clerk, now=LATER, updates=list(report.updates.all())
        )
        assert packs.is_out_of_date(pack, packs.current_contents(packs.plan_of(with_report, 0)))
        transaction.set_rollback(True)
    paper = with_report.items.get(number=2).documents.get()
    meetings.replace_paper(paper, factories.make_received(5, title="Buses again"), by=clerk, now=LATER)
    assert packs.is_out_of_date(pack, packs.current_contents(packs.plan_of(with_report, 0)))


def test_one_build_at_a_time(meeting, clerk):
    plan = packs.save_plan(meeting, 0, duplex=True, by=clerk, now=NOW)
    busy = pytest.raises(Refused, match="Carys Whitlock is building this pack at this moment")
    with claimed(plan, by=clerk, now=NOW), busy:
        packs.build_packs(meeting, 0, by=clerk, now=LATER)
    assert PackPlan.objects.get().claimed_by == ""


def test_keeps_progress_and_failure(meeting, clerk, monkeypatch):
    build, heard = packs.build, []

    def build_and_look(contents, papers, folder, on_progress):
        def look(*step):
            on_progress(*step)
            heard.append(PackPlan.objects.values_list("step", "done", "total").get())

        return build(contents, papers, folder, look)

    monkeypatch.setattr(packs, "build", build_and_look)
    packs.build_packs(meeting, 0, by=clerk, now=NOW)
    assert heard and all(step and 0 <= done <= total for step, done, total in heard)
    paper = meeting.items.get(number=2).documents.get()
    with paper.file.storage.open(paper.file.name, "wb") as file:
        file.write(b"something else")
    meetings.change_item(meeting.items.get(number=2), subtitle="Changed", by=clerk, now=LATER)
    with pytest.raises(PdfFailed, match="“Bus services” is not what was uploaded"):
        packs.build_packs(meeting, 0, by=clerk, now=LATER)
    assert (
        PackPlan.objects.get().failure
        == "The file of the paper “Bus services” is not what was uploaded. Upload it again."
    )


def test_it_requires_a_clerk(meeting, chair, officer):
    for person in (chair, officer):
        for deed in (packs.build_packs, packs.publish_packs):
            with pytest.raises(Refused, match="Only a clerk"):
                deed(meeting, 0, by=person, now=NOW)


def test_publishes_reports_and_notifies(with_report, clerk):
    pack = packs.publish_packs(with_report, 0, by=clerk, now=NOW)
    report = with_report.items.get(number=3).report
    assert (pack.published_by, report.stage, report.update_date) == (clerk, Stage.PUBLISHED, date(2026, 12, 15))
    assert ReportEdition.objects.get().report == report
    told = Notification.objects.filter(recipient__memberships__isnull=False).values_list("occasion", flat=True)
    assert set(told) == {"agenda_published"}
    # The report's own publication changes nothing of what was printed.
    assert not packs.is_out_of_date(pack, packs.current_contents(packs.plan_of(with_report, 0)))
    assert pack in AgendaPack.objects.public()
    with pytest.raises(Refused, match="published already"):
        packs.publish_packs(with_report, 0, by=clerk, now=LATER)


def test_unsigned_report_stops_pack(committee, clerk, inquiry):
    meeting = factories.make_meeting(committee)
    report = factories.make_report(inquiry, clerk, meeting=meeting)
    factories.make_agenda(meeting, clerk, report=report)
    packs.build_packs(meeting, 0, by=clerk, now=NOW)
    with pytest.raises(Refused, match="has not been signed off"):
        packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    assert not AgendaPack.objects.published().exists()


def test_late_publication_needs_reason(meeting, clerk):
    assert packs.is_late(meeting, date(2026, 12, 8)) and not packs.is_late(meeting, date(2026, 12, 7))
    with pytest.raises(Refused, match="section 100B"):
        packs.publish_packs(meeting, 0, by=clerk, now=TOO_LATE)
    reason = "The grant must be accepted by 18 December."
    pack = packs.publish_packs(meeting, 0, by=clerk, now=TOO_LATE, urgency_reason=reason)
    assert pack.content["urgency_reason"] == reason
    assert Entry.objects.filter(verb="urgency_reason").exists()


def test_correction_is_new_edition(meeting, clerk):
    first = packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    meetings.change_item(meeting.items.get(number=2), subtitle="Corrected", by=clerk, now=LATER)
    second = packs.publish_packs(meeting, 0, by=clerk, now=LATER)
    assert [pack.number for pack in AgendaPack.objects.public()] == [1, 2]
    assert second.pk != first.pk
    with first.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == first.checksum


def test_supplement_continues_agenda(meeting, clerk):
    packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    item = meetings.add_item(meeting, title="Flooding", kind=ItemKind.PAPERS, by=clerk, now=LATER)
    meetings.add_paper(item, factories.make_received(2, title="Flooding"), title="Flooding", by=clerk, now=LATER)
    assert packs.supplements_of(meeting) == [0, 1]
    supplement = packs.publish_packs(meeting, 1, by=clerk, now=LATER)
    # Pages 7 and 8 are its front sheet.
    assert (supplement.first_page, ranges(supplement), supplement.last_page) == (7, {3: "9 - 10"}, 10)


def test_supplement_waits_for_agenda(meeting, clerk):
    item = meetings.add_item(meeting, title="Flooding", kind=ItemKind.PAPERS, supplement=1, by=clerk, now=NOW)
    meetings.add_paper(item, factories.make_received(), title="Flooding", supplement=1, by=clerk, now=NOW)
    with pytest.raises(Refused, match="not published yet"):
        packs.publish_packs(meeting, 1, by=clerk, now=NOW)


def test_restricted_pack_adds_part_two(with_secret, clerk):
    built = packs.build_packs(with_secret, 0, by=clerk, now=NOW)
    assert ranges(built["public"]) == {2: "3 - 6"}
    assert [(e.item.number, e.range) for e in built["restricted"].entries.all()] == [(2, "3 - 6"), (3, "E1 - E2")]
    with built["public"].file.open("rb") as file:
        pdf = file.read()
    for telling in ("Quorvane", "Tender report", "sealed.pdf", "1,234,567"):
        assert telling not in str(built["public"].content)
        assert telling.encode() not in pdf
    assert built["public"].last_exempt_page == 0


def test_permitted_people_read_exempt_text(with_secret, clerk, member, cabinet_member, other_member, officer):
    packs.publish_packs(with_secret, 0, by=clerk, now=NOW)
    today = NOW.date()
    restricted, sealed = AgendaPack.objects.get(edition="restricted"), with_secret.items.get(number=3).documents.get()
    for person, may in ((member, True), (cabinet_member, True), (clerk, True), (other_member, False), (officer, False)):
        assert AgendaPack.objects.visible_to(person, today).contains(restricted) is may, person
        assert type(sealed).objects.visible_to(person, today).contains(sealed) is may, person


def test_exempt_text_stops_publication(with_secret, clerk):
    leak = factories.make_received(1, title="Trams", words="Since the tender of Quorvane Limited was opened.")
    meetings.add_paper(with_secret.items.get(number=2), leak, title="Trams", by=clerk, now=NOW)
    with pytest.raises(
        packs.ExemptTextFound, match="“the tender of Quorvane Limited was”, from the exempt paper"
    ) as refusal:
        packs.publish_packs(with_secret, 0, by=clerk, now=NOW)
    assert refusal.value.found
    assert not AgendaPack.objects.published().exists()
    packs.clear_words(
        with_secret, text="the tender of Quorvane Limited was", reason="The firm has told the press.", by=clerk, now=NOW
    )
    assert packs.publish_packs(with_secret, 0, by=clerk, now=NOW).is_published


def test_refuses_altered_file(meeting, clerk):
    pack = packs.build_packs(meeting, 0, by=clerk, now=NOW)["public"]
    with pack.file.storage.open(pack.file.name, "ab") as file:
        file.write(b"more")
    with pytest.raises(Refused, match="not the one that was built"):
        packs.publish_packs(meeting, 0, by=clerk, now=NOW)


def test_plans_and_cancels_publication(meeting, clerk):
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    assert packs.publish_planned(NOW) == (0, 0)
    packs.unplan_publication(meeting, 0, by=clerk, now=NOW)
    assert packs.publish_planned(LATER) == (0, 0)
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    assert packs.publish_planned(LATER) == (1, 0)
    assert packs.publish_planned(LATER) == (0, 0)
    pack = AgendaPack.objects.public().get()
    assert (pack.published_at, pack.published_by) == (LATER, clerk)
    assert PackPlan.objects.get().publish_on is None


def test_changed_plan_is_not_published(meeting, clerk):
    packs.plan_publication(meeting, 0, publish_on=LATER, by=clerk, now=NOW)
    meetings.change_item(meeting.items.get(number=2), subtitle="Changed", by=clerk, now=NOW)
    assert packs.publish_planned(LATER) == (0, 1)
    plan = PackPlan.objects.get()
    assert plan.publish_on is None and "changed" in plan.refusal
    assert Notification.objects.get(occasion="pack_not_published").recipient == clerk
    assert not AgendaPack.objects.published().exists()


def test_withdraws_published_pack(meeting, clerk):
    pack = packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    with pytest.raises(Refused, match="Say why"):
        packs.withdraw_pack(pack, reason=" ", by=clerk, now=LATER)
    packs.withdraw_pack(pack, reason="A name stood in it.", by=clerk, now=LATER)
    assert not AgendaPack.objects.public().exists()
    assert pack.file.storage.exists(pack.file.name)
    assert Entry.objects.get(verb="withdraw_pack").note == "A name stood in it."
    # It can be published again, as a new edition.
    meetings.change_item(meeting.items.get(number=2), subtitle="Without the name", by=clerk, now=LATER)
    assert packs.publish_packs(meeting, 0, by=clerk, now=LATER).number == 2


def test_figures_and_names_do_not_stop(with_secret, clerk, client):
    """They are listed with both places: on the pages of the pack, also after it has been published."""
    trams = factories.make_received(1, title="Trams", words="Quorvane Limited built trams for £1,234,567.")
    meetings.add_paper(with_secret.items.get(number=2), trams, title="Trams", by=clerk, now=NOW)
    packs.build_packs(with_secret, 0, by=clerk, now=NOW)
    found = PackPlan.objects.get().exempt_found
    source = "the exempt paper “Tender report” (item 3), page 1"
    assert {(one["text"], one["source"], one["stops"]) for one in found} == {
        ("Quorvane Limited", source, False),
        ("£1,234,567", source, False),
    }
    assert all("the paper “Trams”, page 1" in one["places"] for one in found)
    packs.publish_packs(with_secret, 0, by=clerk, now=NOW)
    client.force_login(clerk)
    for name in ("pack", "check_pack", "publish_pack"):
        html = client.get(reverse(f"clerk:{name}", args=[with_secret.pk, 0])).content.decode()
        assert "Look at these (2)" in html and "£1,234,567" in html and source in html
        assert "This text may be published" not in html


@pytest.fixture
def checks(monkeypatch):
    """The checks of stored papers that are made, which are made all the same."""
    made = []
    check = packs.check_stored_tagging
    monkeypatch.setattr(packs, "check_stored_tagging", lambda file: made.append(file.name) or check(file))
    return made


def test_paper_checked_by_this_version_is_not_checked_again(meeting, clerk, checks):
    built = packs.build_packs(meeting, 0, by=clerk, now=NOW)["public"]
    assert (built.is_accessible, checks) == (True, [])


@pytest.mark.parametrize("earlier", ["", "page-validation 0.1.0, PDF/UA-1: {checksum}", "{current_of_other_file}"])
def test_paper_checked_by_another_version_is_checked_once(meeting, clerk, checks, earlier):
    paper = AgendaDocument.objects.get(item__meeting=meeting)
    said = {"checksum": paper.checksum, "current_of_other_file": tagging_check("0" * 64)}
    AgendaDocument.objects.filter(pk=paper.pk).update(tagging_check=earlier.format(**said))
    packs.build_packs(meeting, 0, by=clerk, now=NOW)
    meetings.add_item(meeting, title="Any other business", by=clerk, now=NOW)
    built = packs.build_packs(meeting, 0, by=clerk, now=NOW)["public"]
    paper.refresh_from_db()
    assert paper.tagging_check == tagging_check(paper.checksum)
    assert (paper.tagging, built.is_accessible, len(checks)) == ("valid", True, 1)
    assert Entry.objects.filter(verb="check_tags").count() == 1


def test_fault_that_an_earlier_version_overlooked_is_found(meeting, clerk):
    item = meeting.items.get(documents__isnull=False)
    received = factories.make_received(1, title="A picture of a page")
    with pikepdf.open(BytesIO(received.pdf)) as opened:
        for font in opened.pages[0].obj.Resources.Font.values():  # fonts that are not embedded never pass
            font.DescendantFonts[0].FontDescriptor = pikepdf.Dictionary(Type=pikepdf.Name.FontDescriptor)
        opened.save(faulty := BytesIO(), deterministic_id=True)
    received = replace(received, pdf=faulty.getvalue(), checksum=hashlib.sha256(faulty.getvalue()).hexdigest())
    paper = meetings.add_paper(item, received, title="A picture of a page", by=clerk, now=NOW)
    AgendaDocument.objects.filter(pk=paper.pk).update(tagging_check="page-validation 0.1.0")
    warnings = []
    built = packs.build_packs(meeting, 0, by=clerk, now=NOW, on_warning=warnings.append)["public"]
    paper.refresh_from_db()
    assert (paper.tagging, built.is_accessible) == ("faulty", False)
    assert not any("although each of its papers does" in warning for warning in warnings)
