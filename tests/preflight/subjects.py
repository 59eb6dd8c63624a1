"""Packs as the checks see them: a clean one, and functions to change it."""

from dataclasses import replace
from datetime import date

from inquiries.choices import Decision, Stage
from inquiries.documents.content import AccountEntry, Contributor, NumberedText, ReportContent, Row
from inquiries.documents.pack_content import Item, Paper, ReportPaper
from inquiries.preflight.subject import ItemSubject, PaperSubject, Place, ReportSubject, RowSubject, Subject

MEETING_DAY = date(2015, 11, 10)
WRITTEN = date(2015, 10, 14)

UPDATES = {
    "1a": "The number is printed on every leaflet, and www.wealdshire.example/help names it first.",
    "2": "All partner agencies have had training (ask help@wealdshire.example). It is working well.",
    "3": "The depot in Aylesbury, run by the Trussell Trust, opened on 3 September 2015; Mr McAllister manages it.",
    "5b": "A plan was agreed with the group's so-called “outreachteam” and is shown at HP20 1UA.",
}


def row(reference, update=None, *, lead="Lloyd Jeffries", contributor="Lloyd Jeffries", last_time="", written=WRITTEN):
    """One row of a report."""
    update = UPDATES[reference] if update is None else update
    wording = NumberedText(reference, "That the council prints one telephone number on its leaflets.")
    made = Row(
        recommendations=(wording,),
        decision=Decision.ACCEPTED,
        response="One number will be used by all services, as far as budgets allow.",
        update=update,
        lead_officer=lead,
        contributors=(Contributor(contributor, "Service Director"),) if contributor else (),
    )
    where = Place(f"Item 7, recommendation {reference}", f"/updates/{reference}/")
    return RowSubject(made, where, written, last_time, f"/responses/{reference}/", (f"/reword/{reference}/",))


def report(*rows, **changes):
    """A progress report, six months on, with these rows; `changes` are fields of its ReportSubject."""
    rows = rows or tuple(row(reference) for reference in UPDATES)
    content = ReportContent(
        committee="Finance Select Committee",
        inquiry="Crisis Support Inquiry",
        months_on=6,
        completion="10 May 2015 (Cabinet)",
        update_date=MEETING_DAY,
        lead_officers=(("Lloyd Jeffries", tuple(each.label for each in rows)),),
        cabinet_members=("Martin Phillips",),
        rows=tuple(each.row for each in rows),
        account=(AccountEntry((NumberedText("4", "That a camera is bought."),), "Not accepted", "It would be idle."),),
    )
    made = ReportSubject(
        pk=3,
        content=content,
        rows=rows,
        stage=Stage.SIGNED_OFF,
        meeting=1,
        completed_on=date(2015, 5, 10),
        completed_to_the_day=True,
        address="/report/",
        dates_address="/report/dates/",
        inquiry_address="/inquiry/",
    )
    return replace(made, **changes)


def paper(*pages, title="Budget outlook", name="budget-outlook.pdf", checksum="a1", tagging="valid", **changes):
    """An uploaded paper of item 8 with these pages."""
    pages = pages or ("Budget outlook\nThe county's budget is balanced this year.", "Table 1 shows reserves [2].")
    made = PaperSubject(
        paper=Paper(pk=40, title=title, checksum=checksum, page_count=len(pages), tagging=tagging),
        exempt=False,
        has_paragraph=False,
        original_name=name,
        pages=pages,
        place=Place(f"Item 8, “{title}”", "/papers/40/"),
    )
    return replace(made, **changes)


def report_item(made=None, *, title="CRISIS SUPPORT INQUIRY - SIX MONTHS ON", subtitle="Interim report"):
    """Item 7, which carries a progress report."""
    made = made or report()
    item = Item(17, 7, title, subtitle, report=ReportPaper(made.pk, "crisis-support-inquiry", 6, made.content))
    return ItemSubject(item, False, made, (), Place("Item 7", "/items/7/"))


def paper_item(*papers, title="BUDGET", **changes):
    """Item 8, which carries papers."""
    item = Item(18, 8, title, papers=tuple(each.paper for each in papers), **changes)
    return ItemSubject(item, True, None, papers, Place("Item 8", "/items/8/"))


def subject(*items, **changes):
    """A pack with these items (the clean ones by default), to be published on the last day for it."""
    made = Subject(
        meeting=1,
        supplement=0,
        committee=2,
        day=MEETING_DAY,
        today=date(2015, 11, 2),
        publish_on=date(2015, 11, 2),
        publication_due=date(2015, 11, 2),
        is_over=False,
        is_cancelled=False,
        urgency_reason="",
        members=(("Councillor Harold Penrose", "Chair"), ("Councillor Anwen Pritchard", "")),
        items=items or (report_item(), paper_item(paper())),
    )
    return replace(made, **changes)
