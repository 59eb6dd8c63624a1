"""Importing a council's own tracker, page by page."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inquiries.actions.tracker_import import run_recording
from inquiries.forms.clerk_tracker_import import name_of
from inquiries.models import (
    ColumnMatching,
    Draft,
    Inquiry,
    Notification,
    Person,
    ProgressUpdate,
    Response,
    TrackerImport,
)
from tests.cast import NOW, person

UPLOAD = "/clerk/import/tracker/"
TRACKER = (
    "Review;Committee;No;Recommendation;Decision;Response;Lead officer;Portfolio;Target date;6 month update;"
    "Date of 6 month update;6 month RAG\n"
    "Roads;Communities Select Committee;1;That roads are mended.;Agreed;They will be.;Tom Okafor;Communities;"
    "31/03/2024;Half are.;10.10.23;Green\n"
    "Roads;Communities Select Committee;2;That paths are mended.;Refused;There is no money.;;Communities;;;;\n"
    "Roads;Communities Select Committee;;That <b>signs</b> are mended.;Agreed;Yes.;Ann New;Communities;soon;;;\n"
)


def at(name, kept):
    return reverse(f"clerk:{name}", args=[kept.pk])


@pytest.fixture
def upload(client, clerk, committee, cabinet_member, other_officer):
    """A function that uploads a tracker as the clerk; returns its import and where the clerk comes next."""
    client.force_login(clerk)

    def upload(text=TRACKER, name="tracker.csv"):
        response = client.post(UPLOAD, {"file": SimpleUploadedFile(name, text.encode())})
        assert response.status_code == 302, response.context["form"].errors
        return TrackerImport.objects.first(), response.url

    return upload


def send(client, address, **changes):
    """Post the form of a page as it is shown, with some fields changed."""
    response = client.get(address)
    form = response.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    return client.post(address, data | {"seen": response.context["mark"]} | changes)


MEANT = {name_of("decision", "refused"): "not_accepted", name_of("rating", "green"): "2", "rounds": "signed_off"}


def test_journey(client, upload, clerk, committee, cabinet_member, other_officer, django_assert_max_num_queries):
    kept, address = upload()
    assert address == at("tracker_columns", kept)
    with django_assert_max_num_queries(12):
        page = client.get(address)
    assert [field.value() for _, _, field, _ in page.context["form"].columns] == [
        *("inquiry", "committee", "reference", "text", "decision", "response", "lead_officer", "cabinet_member"),
        *("target_date", "update", "update_date", "rating"),
    ]
    assert [months.value() for *_, months in page.context["form"].columns][-3:] == [6, 6, 6]
    response = send(client, address)
    assert response.url == at("tracker_values", kept)
    with django_assert_max_num_queries(12):
        form = client.get(response.url).context["form"]
    assert {name: form[name].value() for name in form.fields if not name.endswith("_other")} == {
        name_of("committee", "communities select committee"): str(committee.pk),
        name_of("decision", "agreed"): "accepted",
        name_of("decision", "refused"): "not_accepted",
        name_of("rating", "green"): "",
        name_of("officer", "tom okafor"): str(other_officer.pk),
        name_of("officer", "ann new"): "",
        name_of("member", "communities"): str(cabinet_member.pk),
        "rounds": "",
        "signer": None,
        "months": None,
        "responded_on": None,
        "leave_updates": False,
    }
    refused = send(client, response.url)
    assert refused.status_code == 200
    assert refused.context["form"].errors == {
        name_of("rating", "green"): ["Say what “Green” means"],
        name_of("officer", "ann new"): ["Say what “Ann New” means"],
        "rounds": ["Say how the progress updates are to be recorded"],
    }
    response = send(client, response.url, **MEANT, **{name_of("officer", "ann new"): "add"})
    assert response.url == at("tracker_import", kept)
    with django_assert_max_num_queries(12):
        page = client.get(response.url)
    assert [(row["row"], [doubt[0] for doubt in row["doubts"]]) for row in page.context["page"]] == [
        (4, ["Row left out", "Part left out"]),
        (3, ["Note"]),
        (2, []),
    ]
    assert not Inquiry.objects.exists()
    assert client.post(response.url, {"action": "record"}).status_code == 302
    assert "0 of 2 rows are recorded" in client.get(response.url).content.decode()
    run_recording(kept.pk, now=NOW)
    assert "1 inquiry" in client.get(response.url).content.decode()
    assert Response.objects.get(lead_officer=other_officer).target_date == date(2024, 3, 31)
    assert not Person.objects.filter(name="Ann New").exists()
    assert not Notification.objects.exists()
    again, address = upload()
    send(client, address)
    send(client, at("tracker_values", again), **MEANT, **{name_of("officer", "ann new"): "add"})
    with django_assert_max_num_queries(12):
        page = client.get(at("tracker_import", again))
    assert "There is nothing to record: everything is recorded already, or left out." in page.content.decode()


def test_columns_and_values_are_remembered(client, upload, clerk):
    kept, address = upload()
    send(client, address, column_8="original_target_date")
    send(client, at("tracker_values", kept), **MEANT, **{name_of("officer", "ann new"): "leave"})
    again, address = upload()
    page = client.get(address)
    assert page.context["source"] == "remembered"
    assert page.context["form"]["column_8"].value() == "original_target_date"
    send(client, address)
    form = client.get(at("tracker_values", again)).context["form"]
    assert form[name_of("rating", "green")].value() == "2"
    assert form[name_of("officer", "ann new")].value() == ""
    assert "tom" not in str(ColumnMatching.objects.get().meanings)


def test_mistakes_in_the_columns(client, upload):
    kept, address = upload()
    response = send(client, address, column_0="", column_1="text", months_11="300")
    assert response.context["form"].errors == {
        "inquiry": ["Say which column names the inquiry, or enter the one inquiry of this file"],
        "months_11": ["The months on are a number from 1 to 240"],
    }
    response = send(client, address, column_0="reference")
    assert response.context["form"].errors["column_2"] == ["“Recommendation number” is already held by “Review”"]
    assert TrackerImport.objects.get(pk=kept.pk).choices["matching"] is None


def test_a_recorded_person_is_named_for_a_value(client, upload, officer):
    kept, address = upload()
    send(client, address)
    ann = name_of("officer", "ann new")
    nobody = send(client, at("tracker_values", kept), **MEANT, **{ann: "other"})
    assert nobody.context["form"].errors == {f"{ann}_other": ["Name the person"]}
    send(client, at("tracker_values", kept), **MEANT, **{ann: "", f"{ann}_other": "Siân"})
    assert TrackerImport.objects.get().choices["meanings"]["officer"]["ann new"] == str(officer.pk)


WITHOUT_DATES = (
    "Review;No;Recommendation;Decision;Response;Update;RAG\n"
    "Roads;1;That roads are mended.;Agreed;They will be.;Half are.;Green\n"
    "Roads;2;That paths are mended.;Refused;;;\n"
    "Homes;1;That homes are heated.;Agreed;They will be.;All are.;\n"
)


def test_it_is_asked_what_the_file_does_not_say(client, upload, committee, cabinet_member):
    kept, address = upload(WITHOUT_DATES)
    send(client, address)
    values = at("tracker_values", kept)
    page = client.get(values)
    assert "To which report do the updates belong?" in page.content.decode()
    assert page.context["form"]["reason"].value() == "tracker.csv gives no reason."
    meant = MEANT | {name_of("committee", ""): str(committee.pk), "signer": cabinet_member.name}
    refused = send(client, values, **meant)
    assert refused.context["form"].errors == {
        "months": [
            "Say to which report the updates belong: 1 of “Roads” and others in 1 more inquiry cannot be counted from "
            "their dates"
        ]
    }
    days = {"responded_on_day": "1", "responded_on_month": "1", "responded_on_year": "2099"}
    refused = send(client, values, **meant, **days)
    assert refused.context["form"].errors == {"responded_on": ["The date of the response is still to come"]}
    sent = send(
        client,
        values,
        **meant,
        **days | {"responded_on_year": "2024"},
        months="6",
        **{name_of("months", "homes"): "12"},
    )
    assert sent.url == at("tracker_import", kept)
    page = client.get(sent.url)
    assert page.context["rows_left_out"] == page.context["parts_left_out"] == 0
    client.post(sent.url, {"action": "record"})
    run_recording(kept.pk, now=NOW)
    updates = ProgressUpdate.objects.order_by("report__months_on")
    assert list(updates.values_list("report__months_on", "text", "assessment__rating")) == [
        (6, "Half are.", 2),
        (12, "All are.", None),
    ]
    assert set(Response.objects.values_list("reason", "responded_on")) == {
        ("", date(2024, 1, 1)),
        ("tracker.csv gives no reason.", date(2024, 1, 1)),
    }


def test_updates_are_left_out_only_where_that_is_chosen(client, upload, committee):
    kept, address = upload(WITHOUT_DATES)
    send(client, address)
    meant = MEANT | {name_of("committee", ""): str(committee.pk), "leave_updates": "on", "reason": ""}
    page = client.get(send(client, at("tracker_values", kept), **meant).url)
    assert (page.context["rows_left_out"], page.context["parts_left_out"]) == (0, 3)
    assert page.context["plan"].counts["recommendations"] == (3, 0)
    assert client.get(at("tracker_values", kept)).context["form"]["reason"].value() == ""


def test_what_was_not_saved_is_shown_as_that(client, upload, clerk):
    _, address = upload()
    Draft.objects.create(person=clerk, address=address, data={"inquiry": ["Roads"]}, updated_at=NOW)
    page = client.get(address)
    assert page.context["form"]["inquiry"].value() == "Roads"
    assert "You have text that was not saved" in page.content.decode()


def test_two_clerks_at_one_import(client, upload, clerk):
    _, address = upload()
    seen = client.get(address).context["mark"]
    send(client, address, column_8="")
    form = client.get(address).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    response = client.post(address, data | {"seen": seen})
    assert response.status_code == 200
    assert "was changed since you opened this page" in response.content.decode()


def test_the_sheet_is_chosen_where_no_headings_are_found(client, upload):
    kept, address = upload("a;b\nc;d\ne;f\n")
    assert address == at("tracker_sheet", kept)
    response = send(client, address, sheet="0")
    assert response.context["form"].errors == {
        "heading_row": ["No headings were found in this sheet: enter the number of their row"]
    }
    assert send(client, address, sheet="0", heading_row="3").context["form"].errors == {
        "heading_row": ["There is no row below this one in the sheet"]
    }
    assert send(client, address, sheet="0", heading_row="1").url == at("tracker_columns", kept)


def test_unreadable_file(client, clerk):
    client.force_login(clerk)
    response = client.post(UPLOAD, {"file": SimpleUploadedFile("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")})
    assert "old Office format (such as .xls)" in response.context["form"].errors["file"][0]
    response = client.post(UPLOAD, {"file": SimpleUploadedFile("a.csv", b"Inquiry;Recommendation")})
    assert response.context["form"].errors["file"] == ["There is no table in the file: headings, and rows below them."]
    assert not TrackerImport.objects.exists()


def test_steps_lead_to_the_next(client, upload):
    kept, _ = upload()
    assert client.get(at("tracker_import", kept)).url == at("tracker_columns", kept)
    assert client.get(at("tracker_values", kept)).url == at("tracker_columns", kept)


def test_text_is_escaped(client, upload):
    _, address = upload(name="<i>.csv")
    assert "&lt;i&gt;.csv" in client.get(UPLOAD).content.decode()
    page = client.get(address).content.decode()
    assert "&lt;b&gt;signs" in page and "<b>signs" not in page


def test_a_tracker_can_be_thrown_away(client, upload):
    kept, address = upload()
    send(client, address)
    response = client.post(at("tracker_import", kept), {"action": "forget"})
    assert (response.url, TrackerImport.objects.count()) == (UPLOAD, 0)


def test_requires_a_clerk(client, upload, officer, stranger):
    kept, _ = upload()
    for one in (officer, stranger, person("Ann", "ann@wealdshire.example")):
        client.force_login(one)
        for name in ("tracker_import", "tracker_sheet", "tracker_columns", "tracker_values"):
            assert client.get(at(name, kept)).status_code == 404
        assert client.get(UPLOAD).status_code == 404
