"""Items added, changed, moved, taken off."""

import pytest

from inquiries.models import AgendaItem, Committee
from tests.factories import make_meeting, make_report
from tests.views.clerk_meetings.asking import at, order, pack_of, problems, told, words


def test_add_item(clerks, meeting, put):
    put("Apologies")
    typed = {"title": "Declarations", "subtitle": "All members", "kind": "nothing", "number": "1"}
    answer = clerks.post(at("add_item", meeting), typed, follow=True)
    assert answer.redirect_chain == [(at("agenda", meeting), 302)]
    assert order(meeting) == ["Declarations", "Apologies"]
    clerks.post(at("add_item", meeting), {"title": "Minutes", "kind": "nothing"})
    assert order(meeting) == ["Declarations", "Apologies", "Minutes"]


def test_add_item_with_papers_leads_on_to_them(clerks, meeting):
    answer = clerks.post(at("add_item", meeting), {"title": "Budget", "kind": "papers"})
    item = AgendaItem.objects.get()
    assert answer.url == at("add_paper", meeting, item.pk)
    answer = clerks.post(at("add_item", meeting), {"title": "Roads", "kind": "papers", "to_follow": "on"})
    assert answer.url == at("agenda", meeting)


def test_add_item_with_a_report_forgets_it_where_it_carries_none(clerks, clerk, meeting, inquiry):
    report = make_report(inquiry, clerk)
    typed = {"title": "Warm homes", "kind": "report", "report": ""}
    assert problems(clerks.post(at("add_item", meeting), typed)) == [
        "Choose the progress report that this item carries"
    ]
    clerks.post(at("add_item", meeting), typed | {"report": report.pk})
    assert AgendaItem.objects.get().report == report
    clerks.post(at("add_item", meeting), {"title": "Apologies", "kind": "nothing", "report": report.pk})
    assert AgendaItem.objects.get(number=2).report is None


def test_add_item_offers_the_reports_of_the_committee_that_are_not_assessed(clerks, clerk, meeting, inquiry):
    open_one = make_report(inquiry, clerk)
    offered = clerks.get(at("add_item", meeting)).context["form"].fields["report"].queryset
    assert list(offered) == [open_one]
    other = make_meeting(Committee.objects.create(name="Health", slug="health"))
    assert list(clerks.get(at("add_item", other)).context["form"].fields["report"].queryset) == []


@pytest.mark.parametrize("report", ["0", "99999999999999999999", "x", "\x00", ""])
def test_add_item_for_a_report_that_is_none(clerks, meeting, report):
    page = clerks.get(at("add_item", meeting), {"report": report})
    assert page.context["form"].initial == {}


def test_add_item_says_what_is_wrong_and_keeps_the_rest(clerks, meeting):
    answer = clerks.post(at("add_item", meeting), {"title": "\x00", "subtitle": "All", "kind": "x", "number": "7"})
    assert problems(answer) == [
        "Null characters are not allowed.",
        "Choose what the item carries",
        "Choose the place from the list",
    ]
    assert 'value="All"' in words(answer)
    assert not AgendaItem.objects.exists()


def test_change_item(clerks, meeting, put):
    item = put("Apologies")
    page = clerks.get(at("change_item", meeting, item.pk))
    assert page.context["form"]["title"].value() == "Apologies"
    assert page.context["form"].fields["supplement"].choices == [(0, "Agenda"), (1, "Supplement 1")]
    typed = {"title": "Apologies for absence", "kind": "nothing", "supplement": "1"}
    answer = clerks.post(at("change_item", meeting, item.pk), typed, follow=True)
    assert told(answer) == ["Item 1 is changed."]
    item.refresh_from_db()
    assert (item.title, item.supplement) == ("Apologies for absence", 1)


def test_change_item_that_has_papers_keeps_its_kind(clerks, meeting, item, paper):
    typed = {"title": "Budget", "kind": "nothing", "supplement": "0"}
    assert problems(clerks.post(at("change_item", meeting, item.pk), typed)) == [
        "This item has papers. Take them off first."
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
def test_move_item_and_stay_on_the_button(clerks, meeting, put, title, to, expected, focus):
    items = {name: put(name) for name in "ABCD"}
    answer = clerks.post(at("move_item", meeting, items[title].pk), {"to": to})
    button = f"{focus}-{items[title].pk}"
    assert answer.url == f"{at('agenda', meeting)}#{button}"
    assert order(meeting) == list(expected)
    page = clerks.get(at("agenda", meeting))
    assert told(page) == [f"“{title}” is now item {to}."]
    assert f'id="{button}"' in words(page)


@pytest.mark.parametrize("typed", [{}, {"to": ""}, {"to": "x"}, {"to": "0"}, {"to": "99999999999999999999"}])
def test_move_item_to_no_place_moves_nothing(clerks, meeting, put, typed):
    item = put("A")
    put("B")
    assert clerks.post(at("move_item", meeting, item.pk), typed).status_code == 302
    assert clerks.get(at("move_item", meeting, item.pk), {"to": "2"}).status_code == 302
    assert order(meeting) == ["A", "B"]


def test_remove_item(clerks, clerk, meeting, item, paper):
    pack_of(meeting, clerk)
    page = words(clerks.get(at("remove_item", meeting, item.pk)))
    assert "Its papers go with it:" in page and "<li>Figures</li>" in page
    assert "A published pack keeps the item and its number." in page
    assert order(meeting) == ["Budget"]
    answer = clerks.post(at("remove_item", meeting, item.pk), follow=True)
    assert told(answer) == ["“Budget” is off the agenda."]
    assert order(meeting) == []
    assert clerks.get(at("remove_item", meeting, item.pk)).status_code == 404
