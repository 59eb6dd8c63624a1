"""What a browser never sends: characters no database takes, numbers no column holds, words without end."""

from functools import cache

import pytest
from django.apps import apps
from django.db import connection, models
from django.urls import reverse

from inquiries.actions import imports, progress
from inquiries.choices import Stage
from inquiries.imports.draft import DraftRecommendation, DraftReport, DraftRow
from inquiries.models import ProgressUpdate
from tests import factories
from tests.cast import NOW, person

SLUG = "warm-homes-inquiry"
HUGE = "9" * 30
FORMS = (  # who, at which stage of the report, which page
    ("officer", Stage.COMMISSIONED, "officer:update", (SLUG, 6, "1a")),
    ("officer", Stage.COMMISSIONED, "officer:autosave", (SLUG, 6, "1a")),
    ("cabinet_member", Stage.AWAITING_SIGN_OFF, "cabinet:sign_off", (SLUG, 6)),
    ("cabinet_member", Stage.AWAITING_SIGN_OFF, "cabinet:return_update", (SLUG, 6, "1a")),
    ("member", Stage.PUBLISHED, "committee:assess", (SLUG, 6)),
    ("chair", Stage.PUBLISHED, "committee:assess", (SLUG, 6)),
    ("chair", Stage.PUBLISHED, "committee:indicate", (SLUG, 6)),
    ("member", Stage.PUBLISHED, "committee:autosave", (SLUG, 6)),
    ("chair", Stage.PUBLISHED, "committee:confirm", (SLUG, 6)),
    ("clerk", Stage.COMMISSIONED, "clerk:commission", (SLUG,)),
    ("clerk", Stage.COMMISSIONED, "clerk:withdraw_inquiry", (SLUG,)),
    ("clerk", Stage.COMMISSIONED, "clerk:reschedule", (SLUG, 6)),
    ("clerk", Stage.AWAITING_SIGN_OFF, "clerk:record_sign_off", (SLUG, 6, "sign_off")),
    ("clerk", Stage.AWAITING_SIGN_OFF, "clerk:reopen", (SLUG, 6)),
    ("clerk", Stage.COMMISSIONED, "clerk:reword_recommendation", ("recommendation",)),
    ("clerk", Stage.COMMISSIONED, "clerk:end_recommendation", ("recommendation",)),
    ("clerk", Stage.COMMISSIONED, "clerk:change_target_date", ("response",)),
    ("clerk", Stage.COMMISSIONED, "clerk:import_preview", ("import",)),
    ("clerk", Stage.COMMISSIONED, "clerk:invite", ()),
    ("clerk", Stage.COMMISSIONED, "clerk:change_person", ("person",)),
    ("clerk", Stage.COMMISSIONED, "clerk:record_leaver", ("person",)),
    ("clerk", Stage.COMMISSIONED, "clerk:give_seat", ("person",)),
    ("clerk", Stage.COMMISSIONED, "clerk:give_portfolio", ("person",)),
    ("clerk", Stage.COMMISSIONED, "clerk:merge_person", ("imported",)),
    ("clerk", Stage.COMMISSIONED, "admin:inquiries_person_add", ()),
    ("clerk", Stage.COMMISSIONED, "admin:inquiries_committee_add", ()),
    ("public", Stage.COMMISSIONED, "account_login", ()),
    ("public", Stage.COMMISSIONED, "officer:update", (SLUG, 6, "1a")),
)
SENT = {  # what of a form is not found in its fields
    "officer:update": (
        "text",
        "exempt_text",
        "officer_view",
        "version",
        "contributor_1",
        "links-TOTAL_FORMS",
        "action",
    ),
    "officer:autosave": ("text", "version", "links-TOTAL_FORMS", "links-0-url"),
    "cabinet:sign_off": ("seen",),
    "committee:assess": ("action", "writer"),
    "committee:confirm": ("seen",),
    "account_login": ("login", "email", "next"),
}
TYPED = {"text", "exempt_text", "note", "comment", "reason", "evidence_note", "seen", "title", "name", "updates"}
TYPED |= {
    "email",
    "portfolio",
    "committee",
    "responses",
    "into",
    "from_date_year",
    "cabinet_members",
    "meeting",
    "links-TOTAL_FORMS",
    "version",
    "next",
}


@pytest.fixture
def scene(inquiry, committee, clerk, people):
    """A function that takes the report to a stage and returns what its addresses are made of."""

    def build(stage):
        report = factories.make_report(inquiry, clerk, at=stage, meeting=factories.make_meeting(committee))
        draft = DraftReport(months_on=6, rows=[DraftRow([DraftRecommendation("1", "That A is done.")], update="Done.")])
        recommendation = inquiry.recommendations.get(reference="1a")
        return {
            "sign_off": report.sign_offs.get().pk,
            "recommendation": recommendation.pk,
            "response": recommendation.response_id,
            "person": recommendation.response.lead_officer_id,
            "imported": person("Janice Moore").pk,
            "import": imports.keep_import(draft, file_name="a.docx", checksum="0", by=clerk, now=NOW).pk,
        }

    return build


def names_of(answer):
    """The names of all fields on a page that was rendered with forms."""
    html = answer.content.decode()
    return {part.split('"')[0] for part in html.split(' name="')[1:]} - {"csrfmiddlewaretoken"}


def everything_stored():
    """Every text in the database, with the name of its field."""
    with connection.cursor() as cursor:
        cursor.execute(every_text())
        return cursor.fetchall()


@cache
def every_text():
    return " UNION ALL ".join(
        f"SELECT '{model.__name__}.{field.name}', \"{field.column}\"::text "
        f'FROM "{model._meta.db_table}" WHERE "{field.column}" IS NOT NULL'
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField) and model._meta.managed
    )


@pytest.mark.parametrize("bad", ["a\0b", HUGE], ids=["nul", "huge"])
@pytest.mark.parametrize(("who", "stage", "name", "parts"), FORMS, ids=[f"{f[0]}-{f[2]}" for f in FORMS])
def test_fields_take_odd_text(client, people, scene, who, stage, name, parts, bad):
    facts = scene(stage)
    if who != "public":
        client.force_login(people[who], backend="django.contrib.auth.backends.ModelBackend")
    address = reverse(name, args=[facts.get(part, part) for part in parts])
    fields = set(SENT.get(name, ()))
    page = client.get(address)
    if page.status_code == 200:
        fields |= names_of(page)
    good = {"version": "1"} if name.startswith("officer:") else {}
    answer = client.post(address, dict.fromkeys(fields, bad))
    assert answer.status_code < 500
    # Those that people type in, alone too: one that is wrong must not shield the next.
    for field in sorted(field for field in fields if field in TYPED or field.startswith("text-")):
        assert client.post(address, {**good, field: bad}).status_code < 500, field
    assert not [where for where, text in everything_stored() if "\0" in text or "\\x00" in text or "\\u0000" in text]


@pytest.mark.parametrize("reference", ["4a) i)", "%00", "%2e%2e", "%d9%a1", "1a%0d%0aSet-Cookie:x=1", "x" * 3000])
def test_odd_numbers_in_addresses(client, people, scene, reference):
    scene(Stage.PUBLISHED)
    root = f"/inquiries/{SLUG}"
    report = f"{root}/progress/6"
    pages = [
        f"{root}/{reference}/",
        f"{report}/updates/{reference}/",
        f"{report}/updates/{reference}/autosave/",
        f"{report}/updates/{reference}/return/",
    ]
    for who in ("public", "officer", "clerk"):
        if who != "public":
            client.force_login(people[who], backend="django.contrib.auth.backends.ModelBackend")
        for page in pages:
            for method in (client.get, client.post):
                answer = method(page)
                assert answer.status_code < 500, page
                assert "x" not in answer.cookies


@pytest.mark.parametrize("number", [HUGE, "32768"])
def test_huge_ids(client, clerk, scene, number):
    scene(Stage.COMMISSIONED)
    client.force_login(clerk)
    pages = [
        f"/inquiries/{SLUG}/progress/{number}/",
        f"/inquiries/{SLUG}/progress/{number}.pdf",
        f"/inquiries/{SLUG}/progress/6/editions/{number}/",
        f"/inquiries/{SLUG}/progress/6/editions/{number}.json",
        f"/inquiries/{SLUG}/progress/{number}/sign-off/",
        f"/inquiries/{SLUG}/progress/{number}/updates/1a/",
        f"/inquiries/{SLUG}/progress/{number}/assess/",
        f"/clerk/import/{number}/",
        f"/clerk/inquiries/{SLUG}/progress/{number}/",
        f"/clerk/inquiries/{SLUG}/progress/6/sign-offs/{number}/",
        f"/clerk/inquiries/{SLUG}/progress/{number}/publish/",
        f"/clerk/recommendations/{number}/end/",
        f"/clerk/responses/{number}/target-date/",
        f"/clerk/inquiries/inquiries/{SLUG}/progress/{number}/",
    ]
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 404)
    assert client.get(f"/inquiries/?page={number}&year={number}").status_code == 200
    assert client.get(f"/admin/inquiries/person/{number}/change/").status_code == 302


@pytest.mark.parametrize(
    "query",
    [
        "term=%00&app_label=inquiries&model_name=response&field_name=lead_officer",
        "term=a&app_label=%00&model_name=response&field_name=lead_officer",
        f"term=a&page={HUGE}&app_label=inquiries&model_name=response&field_name=lead_officer",
        "term=a&app_label=inquiries&model_name=person&field_name=password",
    ],
)
def test_admin_search_takes_anything(client, clerk, query):
    client.force_login(clerk)
    assert client.get(f"/admin/autocomplete/?{query}").status_code < 500


@pytest.mark.parametrize(
    "query",
    [f"at__year={HUGE}", "at__year=0", "at__month=13&at__year=2026", "at__gte=x", "verb__exact=%00", "p=x", "o=9"],
)
def test_admin_lists_take_anything(client, inquiry, clerk, query):
    client.force_login(clerk)
    assert client.get(f"/admin/inquiries/entry/?{query}").status_code < 500


# Words that are not theirs


def test_unpublished_text_stays_hidden(client, inquiry, clerk, committee, people):
    first = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED, meeting=factories.make_meeting(committee))
    progress.reopen(
        first, to="commissioned", reason="A wrong figure.", updates=list(first.updates.all()), by=clerk, now=NOW
    )
    second = factories.make_report(inquiry, clerk, months_on=12)
    for update in ProgressUpdate.objects.for_page():
        progress.save_update(
            update,
            version=update.version,
            text="SECRETDRAFT",
            exempt_text="SECRETEXEMPT",
            exempt_paragraph=3,
            by=clerk,
            now=NOW,
        )
    factories.walk(second, to=Stage.PUBLISHED, by=clerk)
    for update in first.updates.for_page():
        progress.save_update(update, version=update.version, text="SECRETDRAFT", by=clerk, now=NOW)
    pages = ["/", "/inquiries/", "/inquiries/?q=SECRETDRAFT", f"/inquiries/{SLUG}/", f"/inquiries/{SLUG}/1a/"]
    pages += ["/committees/communities/"]
    for months in (6, 12):
        root = f"/inquiries/{SLUG}/progress/{months}"
        pages += [f"{root}/", f"{root}.csv", f"{root}.json", f"{root}/editions/1/", f"{root}/assess/"]
        pages += [f"{root}/updates/1a/", f"{root}/sign-off/", f"{root}/updates/1a/return/", f"{root}/confirm/"]
    for who in ("public", "stranger", "member", "chair", "other_member"):
        if who != "public":
            client.force_login(people[who], backend="django.contrib.auth.backends.ModelBackend")
        for page in pages:
            words = b"".join(client.get(page)).decode()
            # Only what the form of a search gives back.
            assert "SECRETDRAFT" not in words.replace('value="SECRETDRAFT"', ""), f"{who} at {page}"
            # Members of the committee may read what is exempt in a report that is published.
            if who not in ("member", "chair") or "/progress/12/" not in page:
                assert "SECRETEXEMPT" not in words, f"{who} at {page}"
