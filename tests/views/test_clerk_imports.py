from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inquiries.actions import imports
from inquiries.choices import Stage
from inquiries.forms.clerk_imports import SIZE_LIMIT
from inquiries.imports.draft import DraftContributor, DraftDate, DraftEnd, DraftRecommendation, DraftReport, DraftRow
from inquiries.models import Inquiry, Person, ProgressReport, ReportImport
from tests.cast import NOW, person
from tests.imports.samples import COLUMNS, HEADER, document, table

UPLOAD = "/clerk/import/"


def paper(*rows, header=HEADER):
    return document(table(COLUMNS, *rows), header=header)


ROWS = (
    ("1. That A is done.", "Agreed. Siân will see to it.", "It is done. (Gwen Rees, Team Manager)", ""),
    ("2. That B is done.", "Agreed.", "Nearly there.\n\nIn spring.", ""),
    ("5. That C is done.", "Agreed.", "Not begun.", ""),
)
UNDECIDED = tuple("Interim/Final Progress Report (delete)" if "Interim" in line else line for line in HEADER)


def file(data, name="report.docx"):
    return SimpleUploadedFile(name, data)


@pytest.fixture
def kept(clerk, committee):
    """An import with three rows, waiting on its page."""
    draft = DraftReport(
        committee=committee.name,
        inquiry="Getting Home",
        months_on=6,
        update_date=date(2026, 11, 10),
        cabinet_members=["Margaret O'Hara"],
        signed_off=True,
        rows=[
            DraftRow(
                [DraftRecommendation(number, f"That {number} is done.")],
                decision="accepted",
                response="Agreed.",
                update=f"Update of {number}.",
                lead_officer="Siân Llŷr",
            )
            for number in ("1", "2", "5")
        ],
    )
    return imports.keep_import(draft, file_name="report.docx", checksum="0" * 64, by=clerk, now=NOW)


def address(kept):
    return reverse("clerk:import_preview", args=[kept.pk])


def posted(client, kept, **changes):
    """What the browser sends back when only `changes` are made on the page."""
    review = client.get(address(kept)).context["review"]
    data = {}
    for form in review.forms:
        for bound in form:
            value = bound.value()
            if bound.kind == "date":
                parts = bound.field.widget.decompress(value)
                data |= {
                    f"{bound.html_name}_{name}": part
                    for name, part in zip(("day", "month", "year"), parts, strict=True)
                }
            elif value not in (None, False):
                data[bound.html_name] = getattr(value, "pk", value)
    return data | {name.replace("__", "-"): value for name, value in changes.items()}


def test_import_upload_shows_what_was_understood(client, clerk):
    client.force_login(clerk)
    response = client.post(UPLOAD, {"file": file(paper(*ROWS))}, follow=True)
    kept = ReportImport.objects.get()
    assert response.redirect_chain == [(address(kept), 302)]
    page = response.content.decode()
    assert "3 rows found." in page
    assert [row.name for row in response.context["review"].rows] == ["1", "2", "5"]
    assert "Newly recorded, without e-mail address: Gwen Rees, Margaret O&#x27;Hara, Siân Llŷr." in page
    assert "Nothing numbered 3 is in the table." in page
    assert "Gwen Rees, Team Manager</textarea>" in page
    assert (kept.file_name, kept.uploaded_by, len(kept.checksum)) == ("report.docx", clerk, 64)
    assert not ProgressReport.objects.exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"just words", "not a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Word"),
        (document("No table here."), "table"),
        (b"", "The file is empty"),
        (paper(*ROWS)[:2000], "damaged"),
    ],
)
def test_import_upload_of_another_file(client, clerk, data, sentence):
    client.force_login(clerk)
    response = client.post(UPLOAD, {"file": file(data)})
    errors = response.context["form"].errors["file"]
    assert response.status_code == 200
    assert len(errors) == 1 and sentence in errors[0]
    assert 'href="#id_file"' in response.content.decode()
    assert not ReportImport.objects.exists()


def test_import_upload_of_a_huge_file(client, clerk):
    client.force_login(clerk)
    response = client.post(UPLOAD, {"file": file(b"\0" * (SIZE_LIMIT + 1))})
    assert "it has 20.0\xa0MB, and can have at most 20.0\xa0MB" in response.context["form"].errors["file"][0]


def test_import_upload_without_a_file(client, clerk):
    client.force_login(clerk)
    assert client.post(UPLOAD).content.decode().count("Choose a Word document") == 2


def test_import_preview_imports(client, clerk, kept):
    client.force_login(clerk)
    response = client.post(address(kept), posted(client, kept, action="import"), follow=True)
    report = ProgressReport.objects.get()
    assert response.redirect_chain == [("/clerk/inquiries/getting-home/progress/6/", 302)]
    assert report.stage == Stage.SIGNED_OFF
    assert [u.text for u in report.updates.for_page()] == ["Update of 1.", "Update of 2.", "Update of 5."]
    page = response.content.decode()
    assert "Imported: the interim report (6 months on) on Getting Home, 3 rows." in page
    assert "Newly recorded, without e-mail address: Margaret O&#x27;Hara, Siân Llŷr." in page


def test_import_preview_publishes_where_asked(client, clerk, kept):
    client.force_login(clerk)
    client.post(address(kept), posted(client, kept, action="import", published="on"))
    assert ProgressReport.objects.get().stage == Stage.PUBLISHED
    assert Inquiry.objects.get().is_public


def test_import_preview_keeps_every_correction(client, clerk, kept, officer):
    client.force_login(clerk)
    changes = {
        "action": "check",
        "inquiry": " Home  at last ",
        "months_on": "12",
        "completion_month": "April",
        "completion_year": "2026",
        "completed_body": "Cabinet",
        "update_date_day": "10",
        "update_date_month": "11",
        "update_date_year": "2026",
        "signed_on_month": "11",
        "signed_on_year": "2026",
        "cabinet_members": "Margaret O'Hara\r\nRuth Adeyemi\r\n",
        "stage": "awaiting_sign_off",
        "row-0-reference_1": "1a",
        "row-0-reference_2": "1b",
        "row-0-text_2": "That it is also paid.",
        "row-0-decision": "in_part",
        "row-0-reason": "Costs.",
        "row-0-update": "First.\r\n\r\n- a list",
        "row-0-contributors": "Gwen Rees, Team Manager, North\r\nTom Pugh",
        "row-0-lead_officer": officer.name,
        "row-0-rating": "2",
        "row-0-comment": "Good.",
        "row-0-officer_view": "on_track",
        "row-0-target_date_day": "1",
        "row-0-target_date_month": "2",
        "row-0-target_date_year": "2027",
        "row-0-evidence": "The page: https://wealdshire.example/home",
        "row-0-exempt_text": "It cost £2m.",
        "row-0-exempt_paragraph": "3",
        "row-1-remove": "on",
        "end-0-reference_1": "2",
        "end-0-text_1": "That B.",
        "end-0-outcome": "Not accepted",
        "end-0-reason": "Too dear.",
    }
    response = client.post(address(kept), posted(client, kept) | changes, follow=True)
    assert "Your corrections are saved;" in response.content.decode()
    kept.refresh_from_db()
    draft = imports.draft_of(kept)
    assert (draft.inquiry, draft.months_on, draft.cabinet_members) == (
        "Home at last",
        12,
        ["Margaret O'Hara", "Ruth Adeyemi"],
    )
    assert (draft.completed_on.isoformat(), draft.completed_precision, draft.completed_body) == (
        "2026-04-01",
        "month",
        "Cabinet",
    )
    assert draft.update_date.isoformat() == "2026-11-10"
    assert draft.signed_on == DraftDate(date(2026, 11, 1), "month")
    assert [row.references for row in draft.rows] == [["1a", "1b"], ["5"]]
    first = draft.rows[0]
    assert first == DraftRow(
        [DraftRecommendation("1a", "That 1 is done."), DraftRecommendation("1b", "That it is also paid.")],
        decision="in_part",
        response="Agreed.",
        reason="Costs.",
        update="First.\n\n- a list",
        contributors=[DraftContributor("Gwen Rees", "Team Manager, North"), DraftContributor("Tom Pugh")],
        lead_officer=officer.name,
        rating=2,
        comment="Good.",
        target_date=first.target_date,
        officer_view="on_track",
        evidence=[("The page", "https://wealdshire.example/home")],
        exempt_paragraph=3,
        exempt_text="It cost £2m.",
    )
    assert first.target_date.isoformat() == "2027-02-01"
    assert draft.ends == [DraftEnd([DraftRecommendation("2", "That B.")], "Not accepted", "Too dear.")]
    assert imports.choices_of(kept) == {
        "stage": "awaiting_sign_off",
        "published": False,
        "settled": [],
        "differences": {},
    }
    assert response.context["review"].header["stage"].value() == "awaiting_sign_off"
    assert not ProgressReport.objects.exists()
    # What is shown again is what was kept: saving it unchanged changes nothing.
    before = kept.draft
    client.post(address(kept), posted(client, kept, action="check"))
    kept.refresh_from_db()
    assert kept.draft == before


def test_import_preview_asks_for_the_months(client, clerk, committee):
    client.force_login(clerk)
    client.post(UPLOAD, {"file": file(paper(*ROWS, header=UNDECIDED))})
    kept = ReportImport.objects.get()
    page = client.get(address(kept))
    assert page.context["review"].header["months_on"].value() is None
    assert "No committee called “Young People&#x27;s Select Committee” is recorded." in page.content.decode()
    assert [doubt.field for doubt, _, _ in page.context["to_settle"]] == ["months_on", "committee"]
    response = client.post(address(kept), posted(client, kept, action="import", committee=committee.pk))
    assert [href for _, href in response.context["error_list"]] == ["#id_months_on"]
    assert not ProgressReport.objects.exists()
    client.post(address(kept), posted(client, kept, action="import", committee=committee.pk, months_on="6"))
    assert ProgressReport.objects.get().months_on == 6


def test_import_preview_asks_once_for_a_column(client, clerk, committee):
    client.force_login(clerk)
    titles = ("Accepted Recommendations", "Response", "Progress", "Status")
    rows = (("1. That A.", "Agreed.", "Done.", "Implemented"), ("2. That B.", "Agreed.", "Begun.", "Late"))
    client.post(UPLOAD, {"file": file(document(table(titles, *rows)))})
    kept = ReportImport.objects.get()
    given = {"committee": committee.pk, "action": "import"}
    response = client.post(address(kept), posted(client, kept, **given))
    assert [href for _, href in response.context["error_list"]] == ["#id_column_0_0"]
    assert 'id="id_column_0_0"' in response.content.decode()
    client.post(address(kept), posted(client, kept, **given) | {"column_0": "officer", "row-1-remove": "on"})
    assert ProgressReport.objects.get().updates.get().text == "Done.\n\nStatus: Implemented"


def test_import_preview_confirms_what_was_read(client, clerk, committee):
    client.force_login(clerk)
    rows = (("1. That A.", "Agreed.", "Done.", "✓ partly"), ("2. That B.", "Agreed.", "Begun. (Ann Lee)", ""))
    client.post(UPLOAD, {"file": file(paper(*rows))})
    kept = ReportImport.objects.get()
    given = {"committee": committee.pk, "action": "import"}
    response = client.post(address(kept), posted(client, kept, **given))
    key = response.context["to_settle"][0][0].key
    assert [href for _, href in response.context["error_list"]] == [f"#settle-{key}-0"]
    assert f'id="settle-{key}-0"' in response.content.decode()
    client.post(address(kept), posted(client, kept, **given) | {"settled": [key], "row-1-takes_contributors": "on"})
    first, second = ProgressReport.objects.get().updates.for_page()
    assert (first.assessment.rating, first.assessment.comment) == (None, "✓ partly")
    assert (second.text, [p.name for p in second.contributors.all()]) == ("Begun.", ["Ann Lee"])


def test_import_preview_refuses_open_decisions(client, clerk, kept):
    client.force_login(clerk)
    response = client.post(
        address(kept),
        posted(client, kept, action="import")
        | {"row-0-decision": "", "row-1-decision": "not_accepted", "row-2-reference_1": "1"},
    )
    assert [href for _, href in response.context["error_list"]] == [
        "#id_row-2-text_1",
        "#id_row-0-decision",
        "#id_row-1-reason",
        "#id_row-1-update",
    ]
    page = response.content.decode()
    for _, href in response.context["error_list"]:
        assert f'id="{href[1:]}"' in page
    # What was corrected is kept all the same.
    kept.refresh_from_db()
    assert imports.draft_of(kept).rows[1].decision == "not_accepted"
    assert not ProgressReport.objects.exists()


def test_import_preview_with_mistakes(client, clerk, kept):
    client.force_login(clerk)
    wrong = {
        "months_on": "six",
        "update_date_day": "31",
        "update_date_month": "2",
        "update_date_year": "2026",
        "row-1-evidence": "no address here",
        "row-2-update": "Typed <b>just now</b>.",
        "row-2-exempt_text": "Secret.",
        "row-0-reference_1": "",
        "end-0-text_1": "That C.",
    }
    response = client.post(address(kept), posted(client, kept, action="import") | wrong)
    page = response.content.decode()
    assert [href for _, href in response.context["error_list"]] == [
        "#id_months_on",
        "#id_update_date_day",
        "#id_row-0-reference_1",
        "#id_row-1-evidence",
        "#id_row-2-exempt_paragraph",
        "#id_end-0-outcome",
    ]
    for text in (
        'value="six"',
        "no address here</textarea>",
        "Typed &lt;b&gt;just now&lt;/b&gt;.",
        "That C.</textarea>",
    ):
        assert text in page
    kept.refresh_from_db()
    assert imports.draft_of(kept).rows[2].update == "Update of 5."


def test_import_preview_drops_settled_doubts(client, clerk, committee):
    client.force_login(clerk)
    rows = (("1. That A is done.", "Agreed.", "Done.", "maybe"), *ROWS[1:2], ("4. That D.", "Agreed.", "", "who knows"))
    client.post(UPLOAD, {"file": file(paper(*rows))})
    kept = ReportImport.objects.get()

    def doubts(field):
        kept.refresh_from_db()
        return [d.row for d in imports.draft_of(kept).doubts if d.field == field and not d.checked]

    assert doubts("rating") == [0, 2]
    client.post(address(kept), posted(client, kept, action="check") | {"row-1-remove": "on", "row-0-rating": "1"})
    assert doubts("rating") == [1]


def test_import_preview_based_on_an_old_version(client, clerk, kept):
    client.force_login(clerk)
    mine = posted(client, kept, action="check") | {"row-0-update": "Mine."}
    client.post(address(kept), posted(client, kept, action="check") | {"row-0-update": "Theirs."})
    response = client.post(address(kept), mine)
    assert response.status_code == 409
    assert "This import was changed since you opened this page" in response.content.decode()
    assert "Mine.</textarea>" in response.content.decode()
    kept.refresh_from_db()
    assert imports.draft_of(kept).rows[0].update == "Theirs."
    client.post(address(kept), mine | {"seen": response.context["review"].header["seen"].value()})
    kept.refresh_from_db()
    assert imports.draft_of(kept).rows[0].update == "Mine."


def test_import_preview_of_a_known_file(client, clerk, kept):
    client.force_login(clerk)
    data = posted(client, kept, action="import")
    client.post(address(kept), data)
    response = client.post(address(kept), data)
    assert "This document has been imported already" in response.content.decode()
    assert "Nothing was changed." in response.content.decode()
    assert client.get(address(kept)).status_code == 200
    assert (ProgressReport.objects.count(), Inquiry.objects.count()) == (1, 1)


def test_import_preview_of_a_known_report(client, clerk, kept, committee):
    client.force_login(clerk)
    imports.import_progress_report(
        imports.draft_of(kept), committee=committee, title="Getting home", file_name="a.docx", by=clerk, now=NOW
    )
    page = client.get(address(kept))
    assert [d.message for d, _, _ in page.context["to_settle"]] == [
        "“Getting home” already has a progress report for 6 months on."
    ]
    assert "The report will be added to the inquiry" in page.content.decode()
    response = client.post(address(kept), posted(client, kept, action="import", months_on="12"))
    key = next(d.key for d, _, _ in response.context["to_settle"])
    assert "word for word those of the report 6 months on" in response.content.decode()
    client.post(address(kept), posted(client, kept, action="import", months_on="12", settled=key))
    assert sorted(ProgressReport.objects.values_list("months_on", flat=True)) == [6, 12]


def test_import_preview_compares_with_what_is_recorded(client, clerk, kept, committee):
    client.force_login(clerk)
    given = {"committee": committee, "title": "Getting home", "file_name": "a.docx", "by": clerk, "now": NOW}
    imports.import_progress_report(imports.draft_of(kept), **given)
    changes = {"months_on": "12", "row-0-text_1": "That all is done."}
    changes |= {f"row-{n}-update": f"Another update, number {n}." for n in range(3)}
    response = client.post(address(kept), posted(client, kept, action="import") | changes)
    page = response.content.decode()
    name = response.context["error_list"][0][1].removeprefix("#id_").removesuffix("_0")
    assert "The wording of 1 differs" in page and f'name="{name}"' in page and "<ins>" in page
    assert ProgressReport.objects.count() == 1
    client.post(address(kept), posted(client, kept, action="import") | {name: "document"})
    inquiry = Inquiry.objects.get()
    assert inquiry.recommendations.get(reference="1").text == "That all is done."
    assert inquiry.progress_reports.count() == 2


def test_import_preview_with_namesakes(client, clerk, kept):
    person("Siân Llŷr"), person("Siân Llŷr")
    client.force_login(clerk)
    response = client.post(address(kept), posted(client, kept, action="import"))
    assert response.context["error_list"][0][0] == "Recommendation 1: There are several people called Siân Llŷr."
    assert Person.objects.filter(name="Margaret O'Hara").count() == 0


def test_import_preview_after_signing_in_again(client, clerk, kept):
    client.force_login(clerk)
    data = posted(client, kept, action="check", writer=clerk.signed_key) | {"row-0-update": "Typed while signed out."}
    client.logout()
    assert client.post(address(kept), data).url == f"/accounts/login/?next={address(kept)}"
    client.force_login(clerk)
    page = client.get(address(kept)).content.decode()
    assert "You have text that was not saved" in page
    assert "Typed while signed out.</textarea>" in page
    client.post(address(kept), {"action": "discard"})
    assert "Typed while signed out." not in client.get(address(kept)).content.decode()


def test_import_preview_of_two_hundred_rows(client, clerk, committee):
    client.force_login(clerk)
    draft = DraftReport(
        committee=committee.name,
        inquiry="Long",
        months_on=6,
        cabinet_members=["M"],
        signed_off=True,
        rows=[
            DraftRow([DraftRecommendation(str(n), "That.")], decision="accepted", response="Yes.", update=f"{n} done")
            for n in range(1, 201)
        ],
    )
    kept = imports.keep_import(draft, file_name="long.docx", checksum="1" * 64, by=clerk, now=NOW)
    data = posted(client, kept, action="import")
    assert len(data) > 1000
    assert client.post(address(kept), data).status_code == 302
    assert not ProgressReport.objects.exists()
    page = client.get(address(kept)).content.decode()
    assert "0 of 200 rows are recorded." in page and '<progress class="scrutiny-progress__bar"' in page
    assert "0 of 200 rows are recorded." in client.post(address(kept), data).content.decode()
    imports.run_import(kept.pk, now=NOW)
    assert ProgressReport.objects.get().updates.count() == 200
    assert "it became the" in client.get(address(kept)).content.decode().lower()
    imports.run_import(kept.pk, now=NOW)
    assert ProgressReport.objects.count() == 1


def test_import_preview_of_a_long_report_that_fails(client, clerk, kept, committee, monkeypatch):
    client.force_login(clerk)
    monkeypatch.setattr("inquiries.views.clerk_imports.ROWS_AT_ONCE", 2)
    client.post(address(kept), posted(client, kept, action="import"))
    imports.import_progress_report(
        imports.draft_of(kept), committee=committee, title="Getting home", file_name="a.docx", by=clerk, now=NOW
    )
    imports.run_import(kept.pk, now=NOW)
    page = client.get(address(kept))
    assert "already has a progress report for 6 months on" in page.context["error_list"][0][0]
    kept.refresh_from_db()
    assert (kept.started_at, kept.confirmed_at) == (None, None)


def test_import_preview_with_too_many_fields(client, clerk, kept, settings):
    client.force_login(clerk)
    data = posted(client, kept, action="check")
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    response = client.post(address(kept), data)
    assert response.status_code == 400
    assert "Nothing was changed." in response.content.decode()


def test_import_preview_escapes_text(client, clerk, committee):
    client.force_login(clerk)
    evil = "<script>alert(1)</script> {{ 7|add:7 }}"
    client.post(UPLOAD, {"file": file(paper((f"1. {evil}", evil, evil, evil)), name="<b>.docx")})
    page = client.get(address(ReportImport.objects.get())).content.decode()
    assert "<script>alert" not in page and "<b>.docx" not in page
    assert "{{ 7|add:7 }}" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_import_preview_queries_do_not_grow(client, clerk, kept, committee, django_assert_num_queries, rows):
    client.force_login(clerk)
    draft = imports.draft_of(kept)
    draft.rows = draft.rows[:rows]
    imports.import_progress_report(
        draft, committee=committee, title=draft.inquiry, file_name="a.docx", by=clerk, now=NOW
    )
    draft.months_on = 12
    imports.correct_import(kept, draft, by=clerk, now=NOW)
    with django_assert_num_queries(15):
        assert len(client.get(address(kept)).context["review"].rows) == rows


def test_import_requires_a_clerk(client, kept, officer, chair, cabinet_member, stranger):
    for where in (UPLOAD, address(kept)):
        assert client.get(where).url == f"/accounts/login/?next={where}"
    for who in (officer, chair, cabinet_member, stranger):
        client.force_login(who)
        for where in (UPLOAD, address(kept)):
            assert client.get(where).status_code == 404
            assert client.post(where, {"action": "import"}).status_code == 404


def test_import_preview_of_a_finished_import(client, clerk, kept):
    client.force_login(clerk)
    client.post(address(kept), posted(client, kept, action="import"))
    ReportImport.objects.update(draft={})
    assert "This document has been imported already" in client.get(address(kept)).content.decode()
