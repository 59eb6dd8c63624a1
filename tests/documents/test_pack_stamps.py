"""Numbers and stamps as a reader sees them: each page is rendered with and without them and compared."""

from io import BytesIO

import pdfplumber
import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageChops

from inquiries.documents.pack_stamps import EDGE, LARGE, ROOM, SIDE, Sheet
from tests.documents.papers import A3, A4, as_part, changed, make_paper, make_scan
from tests.documents.test_pack_merge import bound

A5 = (419.5, 595.3)
A0 = (2383.9, 3370.4)
SMALL = (200, 280)
SCALE = 2
PAPERS = {
    "A4": {},
    "landscape": {"landscape": True},
    "turned right": {"rotate": 90},
    "upside down": {"rotate": 180},
    "turned left": {"rotate": 270},
    "A3": {"size": A3},
    "A3 turned": {"size": A3, "rotate": 90},
    "A5": {"size": A5},
    "A0": {"size": A0},
    "very small": {"size": SMALL},
    "cut": {"crop": (60, 90, 30, 20)},
    "cut and turned": {"crop": (60, 90, 30, 20), "rotate": 90},
    "cut and turned left": {"crop": (60, 90, 30, 20), "rotate": 270},
    "large units": {"user_unit": 2},
    "large units, cut and turned": {"user_unit": 2, "rotate": 270, "crop": (60, 90, 30, 20)},
    "full": {"full_bleed": True},
    "full and landscape": {"full_bleed": True, "landscape": True},
    "full and turned": {"full_bleed": True, "rotate": 90},
    "full, cut and upside down": {"full_bleed": True, "rotate": 180, "crop": (60, 90, 30, 20)},
    "full, large units, turned left": {"full_bleed": True, "rotate": 270, "user_unit": 2},
}


def unstamped(pdf):
    """The pack without what is printed by the stamps."""

    def blank(opened):
        for page in opened.pages:
            for name, drawing in page.obj.Resources.get("/XObject", {}).items():
                if name.startswith("/Pack"):
                    drawing.write(b"")

    return changed(pdf, blank)


def images(pdf):
    with pypdfium2.PdfDocument(pdf) as opened:
        return [page.render(scale=SCALE, grayscale=True).to_pil() for page in opened]


def box_of(pixels, size, unit):
    """Where there is ink, in points from the left, the top, the right and the bottom of the page as displayed."""
    left, top, right, bottom = pixels.getbbox()
    return [edge * unit / SCALE for edge in (left, top, size[0] - right, size[1] - bottom)]


@pytest.fixture(scope="module", params=PAPERS)
def stamped(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stamps")
    paper = make_paper(2, title="A paper", **PAPERS[request.param])
    part = as_part(folder, paper, 15, "A paper", stamp="Agenda Item 7")
    pdf, said = bound([part], folder)
    packed = (folder / "pack.pdf").read_bytes()
    return pdf, said, part, images(packed), images(unstamped(packed)), PAPERS[request.param].get("user_unit", 1)


def test_stamps_are_upright(stamped):
    _, _, _, printed, bare, unit = stamped
    for index, (image, without) in enumerate(zip(printed, bare, strict=True)):
        ink = ImageChops.difference(image, without)
        # Wherever a stamp has ink the page without it is white.
        stamp, paper = ink.point(lambda level: 255 * (level > 0)), without.point(lambda level: 255 * (level < 250))
        assert ImageChops.multiply(stamp, paper).getbbox() is None
        width, height = image.size
        size = Sheet(0, 0, *(side * unit / SCALE for side in image.size), 0, 1).stamp_scale
        foot = ink.copy()
        foot.paste(0, (0, 0, width, height // 2))
        left, top, right, bottom = box_of(foot, image.size, unit)
        assert left == pytest.approx(right, abs=3 * size)
        assert EDGE * size <= bottom < height and bottom + 8 * size < ROOM * size
        across = width * unit / SCALE - left - right
        assert 30 * size < across < 50 * size
        head = ink.copy()
        head.paste(0, (0, height // 2, width, height))
        if index:
            assert head.getbbox() is None
            continue
        left, top, right, _ = box_of(head, image.size, unit)
        assert right == pytest.approx(SIDE * size, abs=2 * size)
        assert EDGE * size <= top < ROOM * size
        assert 50 * size < width * unit / SCALE - left - right < 75 * size


def test_page_keeps_size_and_rotation(stamped):
    pdf, _, part, printed, _, unit = stamped
    for page, facts, image in zip(pdf.pages, part.pages, printed, strict=True):
        assert page.rotation == facts.rotation
        assert [side * unit / SCALE for side in image.size] == pytest.approx([facts.width, facts.height], abs=1)


def test_scales_only_without_room(stamped):
    _, said, part, _, _, _ = stamped
    tight = 0
    for index, facts in enumerate(part.pages):
        room = ROOM * Sheet(0, 0, facts.width, facts.height, 0, 1).stamp_scale
        tight += facts.bottom < room or (index == 0 and facts.top < room)
    assert said.scaled == tight
    assert any("printed smaller" in warning for warning in said.warnings) == bool(tight)


def test_links_move_with_text(tmp_path):
    pdf, _ = bound([as_part(tmp_path, make_paper(3, title="Full", full_bleed=True), 1, "Full")], tmp_path)
    words = {}
    with pdfplumber.open(tmp_path / "pack.pdf") as opened:
        for page in opened.pages:
            for link in page.annots:
                area = (link["x0"] - 1, link["top"] + 5, link["x1"] + 1, link["bottom"] - 2)
                words.setdefault(page.page_number, []).append(page.crop(area, strict=False).extract_text().strip("."))
    assert words == {1: ["The evidence", "the end"], 2: ["the start"], 3: ["the start"]}

    # The start is at the top edge of the first page, which has moved down.
    scale = (842 / 2 - ROOM) / (842 / 2)
    back = pdf.pages[1].obj.Annots[0]
    with pikepdf.open(BytesIO(make_paper(3, title="Full", full_bleed=True))) as alone:
        before = float(pikepdf.NameTree(alone.Root.Names.Dests)["start"][3])
    place = back.A.D if "/A" in back else back.Dest
    assert place[0].objgen == pdf.pages[0].obj.objgen
    assert float(place[3]) == pytest.approx(842 / 2 + scale * (before - 842 / 2), abs=1)
    with pdf.open_outline() as outline:
        top = float(outline.root[0].children[0].destination[3])
    assert top == pytest.approx(842 / 2 + scale * (before - 842 / 2), abs=1)


def test_scaled_page_stays_cropped(tmp_path):
    paper = make_paper(1, title="Cut", full_bleed=True, crop=(100, 100, 100, 100))
    bound([as_part(tmp_path, paper, 1, "Cut")], tmp_path)
    image = images(unstamped((tmp_path / "pack.pdf").read_bytes()))[0]
    edges = (3, 300), (image.width - 3, 300), (300, 3), (300, image.height - 3)
    assert [image.getpixel(point) for point in edges] == [255] * 4


FAULTS = {
    b"q 3 0 0 3 50 50 cm 1 0 0 rg": 1,  # leaves its state open
    b"0.5 0 0 0.5 0 0 cm Q": 1,  # closes what was not open
    b"Q Q q q 0.2 0 0 0.2 9 9 cm": 1,
    b"/Artifact BMC q": 1,
    b"(q a Q q) pop EMC": 1,
    b"BT /F1 9 Tf (a q b) Tj ET": 0,  # looks open and is not
}


@pytest.mark.parametrize("content", FAULTS)
@pytest.mark.parametrize("tagged", [True, False])
def test_stamps_ignore_open_state(tmp_path, content, tagged):
    def spoil(opened):
        page = opened.pages[0].obj
        page.Contents = pikepdf.Array([page.Contents, opened.make_stream(content)])

    paper = changed(make_paper(1, title="Open", tagged=tagged), spoil)
    _, said = bound([as_part(tmp_path, paper, 1, "Open", stamp="Agenda Item 7", tagged=tagged)], tmp_path)
    good = as_part(tmp_path, make_paper(1, title="Open"), 1, "Open", stamp="Agenda Item 7")
    bound([good], tmp_path, "good.pdf")
    packs = [(tmp_path / name).read_bytes() for name in ("pack.pdf", "good.pdf")]
    inks = [ImageChops.difference(images(pack)[0], images(unstamped(pack))[0]) for pack in packs]
    assert ImageChops.difference(*inks).getbbox() is None
    assert said.unbalanced == FAULTS[content]


def test_scales_full_page_scan(tmp_path):
    part = as_part(tmp_path, make_scan(1, rotate=90), 1, "Scan", tagged=False)
    assert part.pages[0].bottom == 0
    bound([part], tmp_path)
    packed = (tmp_path / "pack.pdf").read_bytes()
    image, without = images(packed)[0], images(unstamped(packed))[0]
    inverted = without.point(lambda level: 255 * (level < 250))
    assert (without.height - inverted.getbbox()[3]) / SCALE >= ROOM - 1
    assert ImageChops.difference(image, without).getbbox()[1] >= inverted.getbbox()[3]


@given(
    rotation=st.sampled_from([0, 90, 180, 270]),
    corner=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    size=st.tuples(st.floats(50, 4000), st.floats(50, 4000)),
    unit=st.floats(0.5, 10),
)
def test_stamp_lies_on_page(rotation, corner, size, unit):
    sheet = Sheet(*corner, corner[0] + size[0], corner[1] + size[1], rotation, unit)
    width, height = sheet.size
    assert width * height == pytest.approx(size[0] * size[1] * unit * unit)
    for x, y in ((0, 0), (width, height), (width / 2, EDGE)):
        *_, right, up = sheet.placed(x, y)
        assert sheet.left - 0.01 <= right <= sheet.right + 0.01
        assert sheet.bottom - 0.01 <= up <= sheet.top + 0.01
    assert 0 < sheet.stamp_scale <= max(1, min(width, height) / LARGE)


def test_leaves_page_with_room(tmp_path):
    facts = as_part(tmp_path, make_paper(1, title="Plain", size=A4), 1, "Plain").pages[0]
    assert min(facts.top, facts.bottom) > ROOM
    _, said = bound([as_part(tmp_path, make_paper(1, title="Plain"), 1, "Plain", stamp="Agenda Item 7")], tmp_path)
    assert (said.scaled, said.warnings) == (0, [])
