"""A quick stand-in for the building of packs: blank pages with the right numbers, for tests of what surrounds it."""

import hashlib

import pikepdf

from inquiries.documents.pack_build import BuiltPack
from tests import replay

FRONT_SHEET = 2  # pages
EACH = 2  # pages of every item that has any


def build_quickly(monkeypatch):
    """Have packs built of blank pages. Returns the list of what was built, as {edition: PackContent}."""
    builds = []

    def build(contents, papers, folder, say):
        builds.append(contents)
        say("Binding the papers", 1, 2)
        return {edition: built(content, folder) for edition, content in contents.items()}

    with replay.state.patched("packs are built quickly"):
        monkeypatch.setattr("inquiries.actions.packs.build", build)
    return builds


def built(content, folder):
    """The BuiltPack of one edition."""
    page, exempt_page = content.first_page + FRONT_SHEET, content.first_exempt_page
    entries, papers = [], []
    for item in content.items:
        if item.has_public_pages:
            entries.append((item.pk, False, page, page + EACH - 1))
            papers += [(paper.pk, page) for paper in item.papers]
            page += EACH
        if item.has_exempt_pages:
            entries.append((item.pk, True, exempt_page, exempt_page + EACH - 1))
            papers += [(paper.pk, exempt_page) for paper in item.exempt_papers]
            exempt_page += EACH
    count = page - content.first_page + exempt_page - content.first_exempt_page
    path = folder / f"{content.edition}.pdf"
    with pikepdf.new() as pdf:
        for number in range(count):
            # As wide as its number in the file, so that a test sees which pages were taken.
            pdf.add_blank_page(page_size=(100 + number, 200))
        numbers, part_2 = (
            page - content.first_page,
            pikepdf.Dictionary(S=pikepdf.Name.D, P="E", St=content.first_exempt_page),
        )
        labels = [0, pikepdf.Dictionary(S=pikepdf.Name.D, St=content.first_page), numbers, part_2]
        pdf.Root.PageLabels = pikepdf.Dictionary(Nums=labels[: 4 if count > numbers else 2])
        pdf.save(path, deterministic_id=True)
    return BuiltPack(
        path=path,
        checksum=hashlib.sha256(path.read_bytes()).hexdigest(),
        entries=entries,
        papers=papers,
        first_page=content.first_page,
        last_page=page - 1,
        last_exempt_page=exempt_page - 1,
        is_accessible=True,
    )
