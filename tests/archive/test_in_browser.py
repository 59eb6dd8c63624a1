"""The pages of an archive, opened from its folder, and what a former council had published on the site."""

import pytest
from playwright.sync_api import expect

from inquiries.actions.former_councils import import_archive, read_archive
from tests.archive.test_import import INQUIRY, PAGE, stored_files  # noqa: F401
from tests.cast import NOW
from tests.conftest import WIDTHS

pytestmark = pytest.mark.builds_anew
PAGES = ("index.html", "committees/communities.html", INQUIRY, "documents/*.html")


def look_at(page, name, axe, screenshots):
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        axe(page)
    screenshots(page, name)


def test_archive_opened_from_its_folder(archive, page, axe, screenshots):
    public = archive.folder / "public"
    meeting = next((public / "meetings").glob("2026-12-08*"))
    pages = [next(public.glob(pattern)) for pattern in PAGES]
    pages += [meeting, archive.folder / "restricted" / "index.html"]
    pages += (archive.folder / "restricted" / "history").glob("*.html")
    for path in pages:
        page.goto(path.as_uri())
        look_at(page, f"archive-{path.parent.name}-{path.stem[:20]}", axe, screenshots)
    page.goto((public / "index.html").as_uri())
    page.get_by_role("link", name="Communities Select Committee").click()
    page.get_by_role("link", name="Help in a Crisis Inquiry").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Help in a Crisis Inquiry")


def test_former_council_on_the_site(transactional_db, archive, stored_files, page, axe, screenshots):  # noqa: F811
    import_archive(read_archive(archive.folder, restricted=True), now=NOW)
    meeting = next((archive.folder / "public" / "meetings").glob("2026-12-08*"))
    for path in ("", "committees/communities.html", INQUIRY, f"meetings/{meeting.name}"):
        page.goto(f"{PAGE}{path}")
        look_at(page, f"former-{path.replace('/', '-') or 'front'}", axe, screenshots)
    page.goto("/committees/")
    look_at(page, "former-committees", axe, screenshots)
    page.get_by_role("link", name="Committees, inquiries and meetings of Wealdshire County Council").click()
    page.get_by_role("link", name="Communities Select Committee").click()
    page.get_by_role("link", name="8 December 2026").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Agenda pack, public (JSON)").click()
    assert download.value.suggested_filename.endswith("agenda-pack.json")
