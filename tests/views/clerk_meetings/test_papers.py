"""Papers added, changed, replaced, moved, taken off."""

from django.urls import reverse

from inquiries.actions import meetings
from inquiries.models import AgendaDocument, AgendaPack
from tests.cast import NOW
from tests.factories import make_received
from tests.views.clerk_meetings.asking import LATER, at, pack_of, problems, told, upload, words


def test_add_several_papers(clerks, meeting, item):
    typed = {
        "paper1-title": "Figures",
        "paper1-file": upload(),
        "paper1-exempt_paragraph": "",
        "paper3-title": "Contract",
        "paper3-file": upload("with script.pdf"),
        "paper3-exempt_paragraph": "3",
    }
    answer = clerks.post(at("add_paper", meeting, item.pk), typed, follow=True)
    assert answer.redirect_chain == [(at("agenda", meeting), 302)]
    assert [(p.title, p.exempt_paragraph, p.page_count) for p in item.documents.standing()] == [
        ("Figures", None, 2),
        ("Contract", 3, 2),
    ]
    assert told(answer) == [
        "Added to item 1: “Figures” (2 pages), “Contract” (2 pages).",
        "On receipt of “Contract”: A script was taken out.",
    ]


def test_add_paper_that_is_refused_keeps_the_title_and_adds_the_others(clerks, meeting, item):
    typed = {
        "paper1-title": "Figures",
        "paper1-file": upload(data=b"encrypted"),
        "paper1-exempt_paragraph": "3",
        "paper2-title": "Minutes",
        "paper2-file": upload(),
    }
    answer = clerks.post(at("add_paper", meeting, item.pk), typed)
    assert problems(answer) == ["The file is locked with a password. Save it without one and send it again."]
    assert [paper.title for paper in item.documents.standing()] == ["Minutes"]
    page = words(answer)
    assert 'value="Figures"' in page and 'value="Minutes"' not in page
    assert '<option value="3" selected>' in page
    assert told(answer) == ["Added to item 1: “Minutes” (2 pages)."]


def test_add_paper_without_a_title_says_that_the_file_is_not_kept(clerks, meeting, item):
    answer = clerks.post(at("add_paper", meeting, item.pk), {"paper1-file": upload()})
    assert problems(answer) == [
        "Choose the file again: a file cannot be kept while something else is put right",
        "Enter the title",
    ]
    assert not AgendaDocument.objects.exists()


def test_add_paper_with_nothing_filled_in(clerks, meeting, item):
    assert problems(clerks.post(at("add_paper", meeting, item.pk), {})) == [
        "Choose the file of the paper",
        "Enter the title",
    ]
    assert problems(clerks.post(at("add_paper", meeting, item.pk), {"paper2-title": "Figures"})) == [
        "Choose the file of the paper"
    ]
    typed = {"paper1-title": "Figures", "paper1-file": upload(data=b"")}
    assert problems(clerks.post(at("add_paper", meeting, item.pk), typed)) == ["The file is empty. Choose another one."]


def test_add_paper_only_where_papers_belong(clerks, meeting, put):
    item = put("Apologies")
    assert clerks.get(at("add_paper", meeting, item.pk)).status_code == 403
    typed = {"paper1-title": "Figures", "paper1-file": upload()}
    assert problems(clerks.post(at("add_paper", meeting, item.pk), typed)) == [
        "Only an item that carries papers can have a paper."
    ]


def test_add_paper_to_a_published_agenda_says_where_it_goes(clerks, clerk, meeting, item):
    pack_of(meeting, clerk)
    assert "what you add goes into Supplement 1" in words(clerks.get(at("add_paper", meeting, item.pk)))
    clerks.post(at("add_paper", meeting, item.pk), {"paper1-title": "Figures", "paper1-file": upload()})
    assert AgendaDocument.objects.get().supplement == 1


def test_typed_titles_come_back_after_signing_in_again(client, clerk, meeting, item):
    where = at("add_paper", meeting, item.pk)
    answer = client.post(where, {"paper1-title": "Figures", "paper1-file": upload(), "writer": clerk.pk})
    assert answer.url.startswith(reverse("account_login"))
    client.force_login(clerk)
    page = words(client.get(where))
    assert 'value="Figures"' in page and "We kept what you had written" in page
    assert not AgendaDocument.objects.exists()


def test_change_paper(clerks, meeting, paper):
    where = at("change_paper", meeting, paper.pk)
    assert clerks.get(where).context["form"]["title"].value() == "Figures"
    answer = clerks.post(where, {"title": "", "exempt_paragraph": "8", "supplement": "9"})
    assert problems(answer) == [
        "Enter the title",
        "Choose from the list who may read it",
        "Choose from the list where it is printed",
    ]
    answer = clerks.post(where, {"title": "The figures", "exempt_paragraph": "3", "supplement": "1"}, follow=True)
    paper.refresh_from_db()
    assert (paper.title, paper.exempt_paragraph, paper.supplement) == ("The figures", 3, 1)
    page = words(answer)
    assert "Exempt: paragraph 3" in page and "Take the published pack back" not in page


def test_a_paragraph_for_a_paper_that_is_published_asks_for_the_pack_to_be_taken_back(clerks, clerk, meeting, paper):
    pack = pack_of(meeting, clerk, documents=[paper])
    withdraw = at("withdraw_pack", meeting, pack.pk)
    page = words(clerks.get(at("change_paper", meeting, paper.pk)))
    assert "Everybody can read this paper in what has been published: Agenda pack, public." in page
    assert f'href="{withdraw}"' in page
    assert withdraw not in words(clerks.get(at("agenda", meeting)))
    typed = {"title": "Figures", "exempt_paragraph": "3", "supplement": "0"}
    page = words(clerks.post(at("change_paper", meeting, paper.pk), typed, follow=True))
    assert (
        "“Figures” is marked exempt, and everybody can still read it in what has been published: Agenda pack, public."
        in page
    )
    assert f'href="{withdraw}"' in page
    AgendaPack.objects.filter(pk=pack.pk).update(withdrawn_at=LATER, withdrawn_by=clerk, withdrawn_reason="A name.")
    assert "is marked exempt" not in words(clerks.get(at("agenda", meeting)))


def test_replace_paper(clerks, meeting, item, paper):
    where = at("replace_paper", meeting, paper.pk)
    assert problems(clerks.post(where, {})) == ["Choose the file of the paper"]
    assert problems(clerks.post(where, {"file": upload(data=b"encrypted")})) == [
        "The file is locked with a password. Save it without one and send it again."
    ]
    answer = clerks.post(where, {"file": upload("with script.pdf")}, follow=True)
    (new,) = item.documents.standing()
    assert new.pk != paper.pk and (new.title, new.original_name) == ("Figures", "with script.pdf")
    assert told(answer) == ["On receipt of “Figures”: A script was taken out.", "The file is replaced."]


def test_move_paper_and_stay_on_the_button(clerks, clerk, meeting, item, paper):
    second = meetings.add_paper(item, make_received(), title="Contract", by=clerk, now=NOW)
    answer = clerks.post(at("move_paper", meeting, second.pk), {"to": "1"})
    assert answer.url == f"{at('agenda', meeting)}#paper-down-{second.pk}"
    assert [paper.title for paper in item.documents.standing()] == ["Contract", "Figures"]
    page = clerks.get(at("agenda", meeting))
    assert told(page) == ["“Contract” is now paper 1 of item 1."]
    assert f'id="paper-down-{second.pk}"' in words(page)
    assert clerks.get(at("move_paper", meeting, second.pk)).status_code == 302


def test_remove_paper(clerks, meeting, item, paper):
    assert "Take “Figures” off the agenda" in words(clerks.get(at("remove_paper", meeting, paper.pk)))
    answer = clerks.post(at("remove_paper", meeting, paper.pk), follow=True)
    assert told(answer) == ["“Figures” is off the agenda."]
    assert list(item.documents.standing()) == []
    assert clerks.get(at("change_paper", meeting, paper.pk)).status_code == 404
