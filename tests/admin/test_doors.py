"""Who gets into the admin, and that every page of it opens."""

import pytest
from django.contrib import admin
from django.urls import reverse

from inquiries.models import Entry, Person

KEPT_HERE = {"person", "cabinetmember", "committee", "holiday", "inquiry"}
ADDED_HERE = KEPT_HERE | {"recommendation", "response"}
CHANGED_HERE = KEPT_HERE | {"response"}


def address(model_name, page, *args):
    return reverse(f"admin:inquiries_{model_name}_{page}", args=args)


def pages(records):
    for name, record in records.items():
        yield address(name, "changelist")
        yield address(name, "change", record.pk)
        yield address(name, "history", record.pk)


def test_records_cover_every_registered_model(records):
    assert set(records) == {model._meta.model_name for model in admin.site._registry}


def test_every_page_opens_for_clerk(client, clerk, records):
    client.force_login(clerk)
    answers = {page: client.get(page).status_code for page in pages(records)}
    answers |= {address(name, "add"): client.get(address(name, "add")).status_code for name in records}
    refused = {address(name, "add") for name in set(records) - ADDED_HERE}
    assert {page for page, status in answers.items() if status != 200} == refused
    assert {answers[page] for page in refused} == {403}


def test_anonymous_people_are_sent_to_sign_in(client, records):
    answers = {page: client.get(page, follow=True) for page in pages(records)}
    assert {answer.redirect_chain[-1][0].split("?")[0] for answer in answers.values()} == {"/accounts/login/"}


@pytest.mark.parametrize("role", ["officer", "cabinet_member", "chair", "member", "stranger"])
def test_requires_clerk(client, records, request, role):
    client.force_login(request.getfixturevalue(role))
    assert {client.get(page, follow=True).status_code for page in pages(records)} == {403}
    assert {client.post(page, {"post": "yes"}, follow=True).status_code for page in pages(records)} == {403}


def test_rejects_inactive_clerk(client, clerk):
    client.force_login(clerk)
    assert client.get("/admin/").status_code == 200
    Person.objects.filter(pk=clerk.pk).update(is_active=False)
    assert client.get("/admin/").status_code == 302


def test_accounts_cannot_be_changed_behind_the_back_of_people(client, clerk):
    client.force_login(clerk)
    assert client.get("/admin/auth/group/").status_code == 404
    assert client.get("/admin/account/emailaddress/").status_code == 404


def test_read_only_records_cannot_be_changed(client, clerk, records):
    client.force_login(clerk)
    before = Entry.objects.count()
    for name in set(records) - CHANGED_HERE:
        record = records[name]
        values = {field.name: getattr(record, field.attname) for field in record._meta.concrete_fields}
        typed = {name: "Something else" for name in values} | {"months_on": "18", "rating": "4", "stage": "assessed"}
        assert client.post(address(name, "change", record.pk), typed).status_code == 403, name
        assert client.post(address(name, "delete", record.pk), {"post": "yes"}).status_code == 403, name
        record.refresh_from_db()
        assert {field.name: getattr(record, field.attname) for field in record._meta.concrete_fields} == values, name
    assert Entry.objects.count() == before


def test_people_and_responses_are_never_deleted(client, clerk, officer, records):
    client.force_login(clerk)
    assert client.post(address("person", "delete", officer.pk), {"post": "yes"}).status_code == 403
    assert client.post(address("response", "delete", records["response"].pk), {"post": "yes"}).status_code == 403


def test_has_no_bulk_actions(client, clerk, records):
    client.force_login(clerk)
    for name in records:
        answer = client.post(
            address(name, "changelist"),
            {"action": "delete_selected", "_selected_action": records[name].pk, "index": "0", "post": "yes"},
        )
        assert answer.status_code == 200
        assert type(records[name]).objects.filter(pk=records[name].pk).exists()


@pytest.mark.parametrize("query", ["q=%00", "months_on=%00", "e=1", "p=999", "stage=nonsense", "state=nonsense"])
def test_invalid_query_is_no_failure(client, clerk, records, query):
    client.force_login(clerk)
    for name in records:
        assert client.get(f"{address(name, 'changelist')}?{query}", follow=True).status_code == 200, name


def test_autocomplete_takes_anything(client, clerk, records):
    client.force_login(clerk)
    for term in ("Siân", "\x00", "%", ""):
        query = {"app_label": "inquiries", "model_name": "response", "field_name": "lead_officer", "term": term}
        assert client.get("/admin/autocomplete/", query).status_code == 200


def test_unknown_record_has_no_history(client, clerk):
    client.force_login(clerk)
    assert client.get("/admin/inquiries/inquiry/999/history/").status_code == 404
    assert client.get("/admin/inquiries/inquiry/nonsense/history/").status_code == 404
