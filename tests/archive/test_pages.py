"""What a former council had published, on our public pages."""

from urllib.parse import unquote, urljoin

import html5lib
import pytest
from django.core.management import call_command

from inquiries.actions.former_councils import import_archive, read_archive
from inquiries.models import Inquiry, Recommendation
from tests import factories
from tests.archive.test_import import INQUIRY, PAGE, copy, set_page, stored_files  # noqa: F401
from tests.cast import NOW

pytestmark = pytest.mark.builds_anew


@pytest.fixture
def imported(db, archive, stored_files):  # noqa: F811
    [(council, _)] = import_archive(read_archive(archive.folder, restricted=True), now=NOW)
    return council


def links_on(response, address):
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    return {urljoin(address, link.get("href")) for link in page.iter("a") if link.get("href")}


def body_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_pages_lead_to_every_published_file(imported, archive, client):
    assert PAGE in links_on(client.get("/committees/"), "/committees/")
    assert PAGE in links_on(client.get("/inquiries/"), "/inquiries/")
    seen, waiting, files = set(), {PAGE}, set()
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        assert response.status_code == 200, address
        seen.add(address)
        if response["Content-Type"].startswith("text/html"):
            assert "A record of Wealdshire County Council, a council before Southern Weald Council." in (
                response.content.decode()
            )
            inside = {link.partition("#")[0] for link in links_on(response, address) if link.startswith(PAGE)}
            waiting |= inside - seen
        else:
            path = unquote(address.removeprefix(PAGE))
            assert body_of(response) == (archive.folder / "public" / path).read_bytes()
            files.add(path)
    assert files == {
        str(path.relative_to(archive.folder / "public"))
        for path in (archive.folder / "public" / "files").rglob("*")
        if path.is_file()
    }
    assert len([address for address in seen if address.endswith(".html")]) == 10


def test_who_reads_the_restricted_part(imported, client, clerk, officer):
    exempt = imported.files.filter(is_restricted=True, path__contains="exempt.pdf").get()
    listing = f"{PAGE}restricted/"
    for person in (None, officer):
        if person:
            client.force_login(person)
        assert client.get(exempt.get_absolute_url()).status_code == 404
        assert client.get(listing).status_code == 404
        assert "Not public" not in client.get(PAGE).content.decode()
    client.force_login(clerk)
    assert listing in links_on(client.get(PAGE), PAGE)
    assert exempt.path in client.get(f"{listing}?page=1").content.decode()
    response = client.get(exempt.get_absolute_url())
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    body_of(response)


def test_pages_of_the_archive_itself_are_never_shown_as_pages(imported, client, clerk):
    """Another council's HTML would speak with our address."""
    client.force_login(clerk)
    page = imported.files.filter(path__startswith="history/", path__endswith=".html").first()
    for address in (f"{PAGE}index.html", page.get_absolute_url()):
        response = client.get(address)
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        body_of(response)


def test_hostile_words_are_words(copy, db, client):  # noqa: F811
    update = {
        "months_on": 6, "report": "R", "edition": 1, "day": None, "text": "<script>alert(1)</script>",
        "exempt_paragraph": None, "contributors": [], "officer_view": "", "rating": 9, "assessment": "?",
        "evidence": [["A page", "javascript:alert(1)"]], "comment": "",
    }  # fmt: skip
    recommendation = {
        "reference": "1", "number_given": False, "text": "<img src=x>", "response": None, "updates": [update],
        "ended_as": "", "ending": "", "ended_reason": "",
    }  # fmt: skip
    committee = {"title": "C", "page": 'javascript:alert(1)" x="', "day": None, "note": ""}
    set_page(copy, title="<b>Bold</b>", recommendations=[recommendation], committee=committee)
    import_archive(read_archive(copy), now=NOW)
    response = client.get(f"{PAGE}{INQUIRY}")
    text = response.content.decode()
    assert "&lt;b&gt;Bold" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<img src=x" not in text
    assert not [link for link in links_on(response, f"{PAGE}{INQUIRY}") if link.startswith("javascript")]


@pytest.mark.parametrize("path", ["nothing.html", "inquiries/nothing.html", "restricted/nothing.pdf", "files/"])
def test_what_is_not_there_is_not_found(imported, client, path):
    assert client.get(f"{PAGE}{path}").status_code == 404


def test_search_finds_titles_of_former_inquiries(imported, client):
    address = "/inquiries/?q=crisis+HELP"
    response = client.get(address)
    assert f"{PAGE}{INQUIRY}" in links_on(response, address)
    assert "No inquiry found" in response.content.decode()
    for address in ("/inquiries/", "/inquiries/?q=crisis+nothing", "/inquiries/?q=%00", f"/inquiries/?q={'a' * 300}"):
        assert f"{PAGE}{INQUIRY}" not in links_on(client.get(address), address)


def test_queries_do_not_grow(imported, client, django_assert_max_num_queries):
    pages = ["/committees/", "/inquiries/", "/inquiries/?q=a", PAGE, f"{PAGE}{INQUIRY}"]
    for name in (None, "North Weald Council", "East Weald Council"):
        if name:
            factories.make_former_council(name)
        for page in pages:
            with django_assert_max_num_queries(5):
                client.get(page)


@pytest.mark.django_db
def test_open_recommendations_go_on_here(archive, committee, clerk):
    """As docs/archive.md says: the report's Word file, read by the import of progress reports."""
    [word] = (archive.folder / "public" / "files").rglob("*Library Opening Hours*edition 1.docx")
    call_command("import_progress_report", word, "--committee", committee.slug, "--inquiry", "Library Opening Hours")
    inquiry = Inquiry.objects.get(committee=committee)
    assert inquiry.title.startswith("Library Opening Hours")
    assert Recommendation.objects.filter(inquiry=inquiry).count() > 1
