"""Numbers that no page of the admin sends, in addresses, queries and forms, are no fault of ours."""

import pytest
from django.urls import reverse

from inquiries.forms.admin import MOST_NEW_ROWS
from inquiries.models import Membership

NUMBERS = ("-1", "1e400", "9" * 30, "nan", "1.5", "²", "a\x00b", "")


@pytest.fixture
def clerk_client(client, clerk):
    client.force_login(clerk)
    return client


def pairs(records, names):
    """Every number under every name for the first kind of record; for the others every name, numbers in turn."""
    whole, *others = records
    yield from ((whole, name, typed) for name in names for typed in NUMBERS)
    for start, model in enumerate(others):
        for place, name in enumerate(names, start):
            yield model, name, NUMBERS[place % len(NUMBERS)]


def test_lists(clerk_client, records):
    names = ("p", "o", "e", "all", "q", "_popup", "_to_field", "id__exact", "until_date__year", "at__year", "at__gte")
    names += ("committee__id__exact", "completed_on__month", "sent_on__isempty", "is_clerk__exact")
    for model, name, typed in pairs(records, names):
        answer = clerk_client.get(reverse(f"admin:inquiries_{model}_changelist"), {name: typed})
        assert answer.status_code in (200, 302, 400), (model, name, typed)


@pytest.mark.parametrize("action", ["change", "history", "delete"])
def test_keys_in_addresses(action, clerk_client, records):
    for model in records:
        for typed in filter(None, NUMBERS):
            address = reverse(f"admin:inquiries_{model}_{action}", args=[typed])
            assert clerk_client.get(address).status_code in (302, 403, 404), (model, typed)
    for model, name, typed in pairs(records, ("_to_field", "_popup", "page", "_changelist_filters")):
        address = reverse(f"admin:inquiries_{model}_{action}", args=[records[model].pk])
        assert clerk_client.get(address, {name: typed}).status_code in (200, 400, 403), (model, name, typed)


@pytest.mark.parametrize("typed", NUMBERS)
def test_autocomplete(typed, clerk_client, records):
    fields = (("membership", "person"), ("recommendation", "inquiry"), ("inquiry", "committee"))
    for model, field in fields:
        asked = {"app_label": "inquiries", "model_name": model, "field_name": field, "term": "a"}
        for name in ("term", "page", "app_label", "model_name", "field_name"):
            answer = clerk_client.get(reverse("admin:autocomplete"), asked | {name: typed})
            assert answer.status_code in (200, 400, 403, 404), (model, name)


@pytest.mark.parametrize("typed", [*NUMBERS, "nobody"])
def test_chosen_records(typed, clerk_client, records):
    """As what a form begins with, and as what was sent: the form is shown again."""
    seat = {"person": typed, "portfolio": "Homes", "from_date": "2026-05-01"}
    assert clerk_client.get(reverse("admin:inquiries_cabinetmember_add"), seat).status_code == 200
    assert clerk_client.post(reverse("admin:inquiries_cabinetmember_add"), seat).status_code == 200
    rows = {"name": "B", "slug": "b", "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0"}
    typed_row = {f"memberships-0-{name}": typed for name in ("id", "committee", "person", "role", "from_date")}
    assert clerk_client.post(reverse("admin:inquiries_committee_add"), rows | typed_row).status_code in (200, 302)


@pytest.mark.parametrize("count", ["TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS"])
@pytest.mark.parametrize("typed", ["-1", "-9999999999", "9999999999", "9" * 30, "1e400", "nan"])
def test_counts_of_rows(count, typed, clerk_client, committee, chair, clerk):
    """Whatever they say: nothing breaks, and no page is made of a thousand rows."""
    seat = Membership.objects.get()
    row = {"id": seat.pk, "committee": committee.pk, "person": chair.pk, "role": "chair", "from_date": "2026-05-01"}
    sent = {"name": "Housing", "slug": "housing", "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1"}
    sent |= {f"memberships-0-{name}": value for name, value in row.items()} | {f"memberships-{count}": typed}
    for page in (
        reverse("admin:inquiries_committee_change", args=[committee.pk]),
        reverse("admin:inquiries_committee_add"),
    ):
        answer = clerk_client.post(page, sent)
        assert answer.status_code in (200, 302)
        if answer.status_code == 200:
            assert answer.text.count("-from_date") < 20 * (MOST_NEW_ROWS + 3)


def test_too_many_rows_are_not_lost(clerk_client, committee):
    sent = {"name": "Housing", "slug": "housing", "memberships-TOTAL_FORMS": "99", "memberships-INITIAL_FORMS": "0"}
    answer = clerk_client.post(reverse("admin:inquiries_committee_change", args=[committee.pk]), sent)
    assert f"Add at most {MOST_NEW_ROWS} rows at a time." in answer.text
