"""What the access matrix (tests/test_access.py) leaves out: every format, every other method, each page of the admin.

The expected answers are those of its table. A world is built once for each state and asked many addresses.
"""

import pytest
from django.contrib.admin.sites import site
from django.urls import NoReverseMatch, reverse

from tests.access_table import EXEMPT, ROLES
from tests.test_access import TABLE, address, answer, ask, patterns
from tests.test_hostile import everything_stored

FORMATS = ("pdf", "docx", "csv", "json")
# One of each kind; tests/test_access.py asks the admin as everybody.
LOOKING = ("public", "stranger", "officer", "chair", "clerk")
OTHER_METHODS = ("put", "patch", "delete", "options", "trace")
SAME = ("Content-Type", "Cache-Control", "Content-Security-Policy", "Content-Disposition", "Location")


def stored():
    return sorted(text for text in everything_stored() if not text[0].startswith("Session"))


def answers(people, url):
    return " ".join(str(answer(people[role], "get", url)) for role in ROLES)


@pytest.mark.parametrize("state", ["collecting", "published"])
def test_every_format_of_every_export(state, world, people):
    facts = world(state)
    report = {"slug": facts["slug"], "months": facts["months"]}
    wanted, got = {}, {}
    for form in FORMATS:
        for name, further in (("public:report_export", {}), ("public:edition_export", {"number": 1})):
            url = reverse(name, kwargs={**report, **further, "format": form})
            wanted[url] = TABLE[name][f"{state} get"]
            got[url] = answers(people, url)
    for form in ("pdf", "json"):
        for pack, expected in (("pack", TABLE["public:pack"][f"{state} get"]), ("restricted_pack", EXEMPT[state])):
            url = reverse("public:pack", args=[facts["meeting"], facts[pack], form])
            wanted[url], got[url] = expected, answers(people, url)
    assert got == wanted


@pytest.mark.parametrize("state", ["collecting", "published"])
def test_head_is_get_without_body(state, walk, world, people):
    got = walk(state, "get")
    facts = world(state)
    differ = {}
    for role in ("public", "clerk"):
        for name, parts in patterns():
            full, head = got[role, name], ask(people[role], "head", address(name, parts, facts))
            said = [(each.status_code, {field: each.headers.get(field) for field in SAME}) for each in (full, head)]
            # Where signing in goes through the council's provider, HEAD is not taken at all.
            if said[0] != said[1] and head.status_code != 405:
                differ[f"{role} at {full.url}"] = said
            assert b"".join(head) == b"", full.url
    assert differ == {}


def test_other_methods_are_refused(world, people, signed_in):
    facts = world("published")
    before = stored()
    for role in ("public", "clerk"):
        browser = signed_in(people[role])
        for name, parts in patterns():
            url = address(name, parts, facts)
            for method in OTHER_METHODS:
                said = getattr(browser, method)(url)
                assert (said.status_code, said.content) == (405, b""), f"{method} {url}"
    assert stored() == before


def test_admin_requires_a_clerk(world, people):
    """With records that exist: an address without one says nothing about who may see it."""
    world("published")
    asked = 0
    for model in site._registry:
        root = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        record = model.objects.order_by("pk").first()
        pages = ["changelist", "add"] + (["change", "history", "delete"] if record else [])
        for page in pages:
            try:
                url = reverse(f"{root}_{page}", args=[record.pk] if page not in ("changelist", "add") else [])
            except NoReverseMatch:
                continue
            statuses = {role: answer(people[role], "get", url) for role in LOOKING}
            assert statuses.pop("clerk") in (200, 302, 403), url
            assert set(statuses.values()) <= {302, 403, 404}, f"{url}: {statuses}"
            asked += 1
    assert asked > 30


@pytest.mark.parametrize("field", ["lead_officer", "cabinet_member"])
def test_admin_search_requires_clerk(field, world, people):
    world("published")
    url = f"/admin/autocomplete/?app_label=inquiries&model_name=response&field_name={field}&term=a"
    statuses = {role: answer(people[role], "get", url) for role in ROLES}
    assert statuses.pop("clerk") in (200, 403)
    assert set(statuses.values()) <= {302, 403}
