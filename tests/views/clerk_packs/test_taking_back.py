"""A published pack taken back."""

from datetime import datetime

from django.urls import reverse

from inquiries.actions import meetings, packs
from inquiries.choices import ItemKind, Stage
from inquiries.models import AgendaPack
from tests.cast import NOW
from tests.factories import make_meeting, make_report
from tests.views.clerk_packs.asking import THEN, at, build, errors, said, words


def withdrawal_of(pack):
    return reverse("clerk:withdraw_pack", args=[pack.meeting_id, pack.pk])


def test_a_published_pack_is_taken_back_with_a_reason(client, agenda, clerk, found):
    public = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    where = withdrawal_of(public)
    assert f'href="{where}"' in words(client.get(at("pack", agenda)))
    page = words(client.get(where))
    assert "It was published on 23 November 2026 at 09:30 by Carys Whitlock." in page
    assert errors(client.post(where, {"reason": ""})) == ["Say why the pack is taken back"]
    answer = client.post(where, {"reason": "The wrong paper stood in it."}, follow=True)
    assert said(answer) == ["Agenda pack, public is taken back."]
    public.refresh_from_db()
    assert (public.withdrawn_by, public.withdrawn_reason) == (clerk, "The wrong paper stood in it.")
    assert "Taken back on 23 November 2026 at 10:30 by Carys Whitlock: The wrong paper stood in it." in words(answer)
    assert client.get(where).status_code == 403
    other = make_meeting(agenda.committee, day=datetime(2027, 1, 12).date())
    assert client.get(reverse("clerk:withdraw_pack", args=[other.pk, public.pk])).status_code == 404


def test_a_pack_that_is_not_published_cannot_be_taken_back(client, agenda, clerk):
    pack = build(agenda, clerk)["public"]
    where = withdrawal_of(pack)
    assert client.get(where).status_code == 403
    assert errors(client.post(where, {"reason": "Wrong."})) == ["This pack is not published."]


def test_the_restricted_edition_is_taken_back_with_the_public_one_unless_unticked(client, agenda, clerk, found):
    public = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    restricted = AgendaPack.objects.get(edition="restricted")
    field = client.get(withdrawal_of(public)).context["form"]["with_restricted"]
    assert field.initial is True
    assert "with_restricted" not in client.get(withdrawal_of(restricted)).context["form"].fields
    client.post(withdrawal_of(public), {"reason": "A name.", "with_restricted": "on"})
    restricted.refresh_from_db()
    assert (restricted.withdrawn_by, restricted.withdrawn_reason) == (clerk, "A name.")
    assert not AgendaPack.objects.published().exists()


def test_unticked_the_restricted_edition_stays(client, agenda, clerk, found):
    public = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    client.post(withdrawal_of(public), {"reason": "A name."})
    assert [pack.edition for pack in AgendaPack.objects.published()] == ["restricted"]


def test_the_restricted_edition_of_a_later_public_one_stays(client, agenda, clerk, found):
    first = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    meetings.change_item(agenda.items.get(number=2), title="Buses", by=clerk, now=NOW)
    packs.publish_packs(agenda, 0, by=clerk, now=THEN)
    client.post(withdrawal_of(first), {"reason": "A name.", "with_restricted": "on"})
    assert {pack.number for pack in AgendaPack.objects.published()} == {2}
    assert AgendaPack.objects.published().count() == 2


def test_reports_that_stay_published_are_named_with_the_page_that_reopens_them(client, agenda, clerk, inquiry, found):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=agenda)
    meetings.add_item(agenda, title="Warm homes", kind=ItemKind.REPORT, report=report, by=clerk, now=NOW)
    public = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    page = words(client.get(withdrawal_of(public)))
    assert "The progress reports in it stay published" in page
    assert f'href="{reverse("clerk:manage", args=[inquiry.slug, 6])}"' in page
