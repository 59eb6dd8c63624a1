"""Stored XSS: hostile words in every text field, and every page that any role can get."""

import pytest
from django.contrib.admin.sites import site
from django.urls import reverse

from inquiries.models import Meeting
from tests.security.hostile_text import NO_WORDS, ONLY_ADDED, attacks_in, text_fields
from tests.test_access import TABLE, address, patterns

# Between them they get every page.
READERS = ("public", "officer", "member", "clerk")
TYPED = "\"'><x-attack onclick=alert(1)></textarea><script>alert(1)</script>"
# Elements of a page that came from hostile words, had they been taken for markup.
BAD = (
    ("<p>a</p><img src=x onerror=alert(1)>", ["<img>", "<img onerror>"]),
    ('<a href=" java\nscript:alert(1)">a</a>', ["<a href=' java\\nscript:alert(1)'>"]),
    ("<textarea></textarea><script>alert(1)</script>", ["<script> on the page"]),
    ('<p title="x" style="top:0">a</p><x-attack>', ["<p style>", "<x-attack>"]),
    ('<script type="application/json">{"a": "&lt;x-attack>"}</script><p>&lt;x-attack></p>', []),
)


def body_of(answer):
    return b"".join(answer) if answer.streaming else answer.content


@pytest.mark.parametrize(("html", "found"), BAD)
def test_finds_injected_markup(html, found):
    assert attacks_in(html) == found


def test_every_field_is_hostile(hostile):
    filled = hostile()["filled"]
    names = {f"{model._meta.label}.{field.name}" for model, field in text_fields()}
    assert set(NO_WORDS) - names == set()
    wanted = {name for name in names - set(NO_WORDS) if name.rpartition(".")[0] not in ONLY_ADDED}
    assert wanted - filled == set()


def pages_of(facts):
    """Every address of the application with its line in the access matrix."""
    for name, parts in patterns():
        if name in TABLE:
            yield address(name, parts, facts)
    minutes = reverse("public:minutes", args=[facts["held_meeting"], 2])
    yield from (minutes, f"{minutes.removesuffix('/')}.docx")
    yield from ("/?q=%3Cx-attack%3E", "/inquiries/?q=%22%3E%3Cx-attack%3E&committee=%22%3E%3Cx-attack%3E")
    yield "/tracker/?group=%3Cx-attack%3E&q=%22%3E%3Cx-attack%3E&officer=%22%3E%3Cx-attack%3E&sort=%3Cx-attack%3E"
    yield from (f"/no-such-page/{'%22%3E%3Cx-attack%3E'}/", "/accounts/login/?next=%22%3E%3Cx-attack%3E")
    yield f"/accounts/login/?next=/{'%22%3E%3Cx-attack%3E'}"


opened = {}  # (part, addresses): {address: (the page as bytes, or None where it is none; the status)}


@pytest.fixture
def open_pages(hostile, people, staying_signed_in):
    """A function from a part to {address: (page or None, status)}; opened once in each process."""
    urls = tuple(pages_of(hostile()))

    def opened_as(role):
        if (role, urls) not in opened:
            browser, found = staying_signed_in(people[role]), {}
            for url in urls:
                answer = browser.get(url)
                body, is_page = body_of(answer), answer["Content-Type"].startswith("text/html")
                found[url] = (body if is_page else None, answer.status_code)
            opened[role, urls] = found
        return opened[role, urls]

    return opened_as


def test_pages_escape_hostile_text(open_pages):
    asked = 0
    for role in READERS:
        for url, (page, status) in open_pages(role).items():
            assert status < 500, url
            if page is not None:
                assert attacks_in(page) == [], f"{role} at {url}"
                asked += 1
    assert asked > 150


def test_forms_escape_hostile_text(open_pages, clerk, staying_signed_in):
    """A refused form shows what was typed."""
    browser = staying_signed_in(clerk)
    for url, (page, status) in open_pages("clerk").items():
        if status != 200 or page is None or url == reverse("account_logout"):
            continue
        fields = {part.split('"')[0] for part in page.decode().split(' name="')[1:]} - {"csrfmiddlewaretoken"}
        answer = browser.post(
            url, dict.fromkeys(fields, "\"'><x-attack onclick=alert(1)></textarea><script>1</script>")
        )
        assert answer.status_code < 500, url
        if answer.status_code != 302 and answer["Content-Type"].startswith("text/html"):
            assert attacks_in(answer.content) == [], url


def test_admin_escapes_hostile_text(hostile, clerk, staying_signed_in):
    hostile()
    browser = staying_signed_in(clerk)
    asked = 0
    for model in site._registry:
        root = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls = [reverse(f"{root}_changelist"), reverse(f"{root}_changelist") + "?q=%22%3E%3Cx-attack%3E"]
        urls += [reverse(f"{root}_add")]
        for pk in model.objects.values_list("pk", flat=True)[:1]:
            urls += [reverse(f"{root}_{page}", args=[pk]) for page in ("change", "history", "delete")]
        for url in urls:
            answer = browser.get(url)
            assert answer.status_code < 500, url
            if answer.status_code == 200:
                assert attacks_in(answer.content) == [], url
                asked += 1
    assert asked > 40
    assert attacks_in(browser.get(reverse("admin:index")).content) == []


def test_browser_runs_nothing(page, sign_in, hostile, clerk, transactional_db):
    """The page fails this test when a script of somebody else's runs aloud, is refused, or asks for a picture."""
    facts = hostile()
    meeting = Meeting.objects.get(pk=facts["meeting"])
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    sign_in(page, clerk)
    inquiry = f"/inquiries/{facts['slug']}/"
    for url in (
        "/",
        inquiry,
        f"{inquiry}1a/",
        f"{inquiry}progress/6/",
        f"{inquiry}progress/6/assess/",
        f"{inquiry}progress/6/updates/1a/",
        meeting.get_absolute_url(),
        f"/clerk/meetings/{meeting.pk}/",
        f"/clerk/meetings/{meeting.pk}/packs/0/",
        f"/clerk/import/{facts['import']}/",
        f"/clerk{inquiry}progress/6/",
        "/clerk/people/",
        "/admin/inquiries/entry/",
    ):
        assert page.goto(url).status == 200, url
        page.wait_for_load_state("networkidle")
        assert page.locator("x-attack").count() == 0, url
    assert dialogs == []
    # Nothing is asked any more when the database is taken away.
    page.goto("about:blank")
