"""The search for exempt text: found wherever it hides, and nothing found where nothing is."""

import io
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from inquiries.documents.content import ExemptPart
from inquiries.documents.exempt_search import (
    both_ways,
    exempt_text_of,
    find_exempt,
    texts_of_data,
    texts_of_docx,
    texts_of_pdf,
    tokens,
)
from inquiries.documents.pack_content import Item, PackContent, Paper, ReportPaper
from inquiries.serialization import to_plain_data
from tests.documents.hiding_places import HIDING_PLACES, MARKER, plain_pdf
from tests.documents.samples import full_report

SECRET = (
    f"The bid of {MARKER} Ltd was £1,234,567, case AB-40312. Janice Tolliver accepted it. The depot at Millbrook "
    "closes before the summer, and forty drivers lose their jobs."
)
PAPER = {40: ("Depot contract", "depot-contract-final.pdf", [SECRET, "Second page about redundancy of forty drivers."])}


CONTRACT = (Paper(40, "Depot contract", "c0", 2, "valid"),)


def restricted(*, exempt_text="", papers=CONTRACT):
    """A restricted pack: an item with an exempt paper and, with `exempt_text`, a report that has an exempt part."""
    items = [Item(1, 7, "BUS SERVICES", "Report of the Director", exempt_paragraphs=(3,), exempt_papers=papers)]
    if exempt_text:
        content = full_report()
        rows = (replace(content.rows[0], exempt=ExemptPart(3, "Information", exempt_text)), *content.rows[1:])
        paper = ReportPaper(3, "warm-homes", 6, replace(content, rows=rows))
        items.append(Item(2, 8, "WARM HOMES", exempt_report=paper, exempt_paragraphs=(3,)))
    return PackContent(
        council="Wealdshire County Council",
        committee="Communities Select Committee",
        start="2026-12-15T14:00:00+00:00",
        venue="Mezzanine Room 2",
        members=(("Councillor Harold Penrose", "Chair"),),
        edition="restricted",
        supplement=0,
        items=tuple(items),
    )


@pytest.fixture(scope="module")
def exempt_text():
    return exempt_text_of(restricted(), PAPER, frozenset({"Councillor Ruth Adeyemi"}))


def texts(exempt_text, text, **options):
    """What is found in one text."""
    return [found.text for found in find_exempt(exempt_text, [("page 1", text)], **options)]


# Where it looks


@pytest.mark.parametrize("name", HIDING_PLACES)
def test_finds_marker_in_pdf(name, exempt_text):
    found = find_exempt(exempt_text, texts_of_pdf(HIDING_PLACES[name]()))
    assert MARKER.lower() in [each.text for each in found]


def test_public_paper_gives_nothing(exempt_text):
    assert find_exempt(exempt_text, texts_of_pdf(plain_pdf())) == []


def test_finding_names_its_place(exempt_text):
    def place(name):
        return find_exempt(exempt_text, texts_of_pdf(HIDING_PLACES[name]()))[0].places

    assert place("page")[0] == "page 1"
    assert "the document's properties" in place("title")
    assert "the document's metadata (XMP)" in place("metadata")
    assert "a bookmark" in place("bookmark")
    assert "an alternative text (for screen readers)" in place("alternative text")
    assert "an attached file, page 1" in place("attached PDF")
    assert "a page that is no longer shown" in place("removed page")
    assert "a drawing that no page shows" in place("unused drawing")
    assert place("earlier version") == ("the file itself",)


def docx_with(change):
    document = Document()
    document.add_paragraph("The council kept the evening buses.")
    change(document)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def split_run(document):
    paragraph = document.add_paragraph("The bid of Quor")
    paragraph.add_run("vexin").bold = True


@pytest.mark.parametrize(
    "change",
    [
        split_run,
        lambda document: setattr(document.core_properties, "keywords", MARKER),
        lambda document: setattr(document.sections[0].header.paragraphs[0], "text", MARKER),
        lambda document: document.add_paragraph("x")._p.set("hidden", MARKER),
    ],
)
def test_finds_marker_in_word_file(change, exempt_text):
    found = find_exempt(exempt_text, texts_of_docx(docx_with(change)))
    assert [each.text for each in found] == [MARKER.lower()]


def test_searches_word_pictures(exempt_text):
    clean = docx_with(lambda document: None)
    assert find_exempt(exempt_text, texts_of_docx(clean)) == []
    more = io.BytesIO(clean)
    with zipfile.ZipFile(more, "a") as archive:
        archive.writestr("word/media/photo.jpg", b"\xff\xd8\x00taken by Quorvexin in May\xff\xd9")
    assert [each.place for each in find_exempt(exempt_text, texts_of_docx(more.getvalue()))] == [
        "the Word file, its part word/media/photo.jpg"
    ]


def test_searches_keys_and_values(exempt_text):
    data = {"items": [{"title": f"About {MARKER}"}, {MARKER: 1}, {"sum": 1234567}, {"fine": None, "yes": True}]}
    found = find_exempt(exempt_text, texts_of_data(data))
    assert [(each.text, each.places) for each in found] == [
        ("quorvexin", ("the data, title", "the data, items")),
        ("1234567", ("the data, sum",)),
    ]


def test_public_content_gives_nothing():
    content = restricted(exempt_text=SECRET)
    public = replace(
        content,
        edition="public",
        items=tuple(replace(item, exempt_report=None, exempt_papers=()) for item in content.items),
    )
    assert find_exempt(exempt_text_of(content, PAPER, frozenset()), texts_of_data(to_plain_data(public))) == []


# What it looks for


@pytest.mark.parametrize(
    "text",
    [
        "the depot at Millbrook closes before the summer",
        "THE DEPOT AT\nMILLBROOK CLOSES  BEFORE the summer",
        "forty dri\N{SOFT HYPHEN}vers lose their jobs",
        "and forty dri-\nvers lose their jobs",
        "paid £1234567 for it",
        "a sum of 1,234,567 pounds",
        "see AB-40312",
        "see ab40312",
        "JANICE TOLLIVER",
        "Janice Tolliver’s letter",
        "Depot contract",
        "depot-contract-final.pdf",
        "depot contract final",
    ],
)
def test_finds_every_spelling(exempt_text, text):
    assert texts(exempt_text, text) != []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The council kept the evening buses before the summer.",
        "At the end of the year the committee will consider a report of the Director.",
        "The contract of the council with forty schools was accepted.",
        "The depot is open to drivers; their jobs are safe.",
        "Wealdshire County Council, Communities Select Committee, Tuesday 15 December 2026",
        "Information relating to the financial or business affairs of any particular person (including the authority "
        "holding that information)",
        "Councillor Ruth Adeyemi and Councillor Harold Penrose were there.",
        "In 2026 the council spent £1,000 on 2 pages.",
    ],
)
def test_ignores_ordinary_english(exempt_text, text):
    assert texts(exempt_text, text) == []


def test_ignores_chance_phrases():
    exempt = (
        "Members are asked to note the progress that has been made since the last meeting of the committee. As a "
        "result of the review the council will continue to work with partners in order to improve services. The "
        "Health and Wellbeing Board was consulted on the proposals for CAMHS and jobcentres."
    )
    public = (
        "Members are asked to note the report. As a result of the changes the council will continue to work with "
        "schools in order to improve outcomes since the last meeting of the Cabinet. The Health and Wellbeing Board "
        "was informed of CAMHS and jobcentres."
    )
    papers = {40: ("Depot contract", "", [exempt])}
    assert texts(exempt_text_of(restricted(), papers, frozenset()), public) == []


@pytest.mark.parametrize(
    ("exempt", "public"),
    [
        ("A complaint was made against Mr Brown by his staff.", "Signed: Mr Brown"),
        ("The panel spoke to Oliver about the money.", "Oliver"),
        ("The panel spoke to Bo Xuan about the money.", "bo xuan"),
        ("Zyphrolane tablets were missing.", "zyphrolane"),
        ("Bank account 40127733 was closed.", "40127733"),
        ("The case AB-40312 was closed.", "case AB 40312"),
        ("The offer of £98,750 was too low.", "£98750"),
        ("The offer of £900,000 was too low.", "900,000 pounds"),
        ("The offer of £2.35m was too low.", "about £2.35 m"),
        ("A margin of 12.5% was asked for.", "12.5 per cent"),
        ("The bid was opened on 14 May 2026 by them.", "14 MAY 2026"),
    ],
)
def test_finds_names_and_figures(exempt, public):
    made = exempt_text_of(restricted(exempt_text=exempt, papers=()), {}, frozenset())
    assert texts(made, public) != []
    assert texts(made, "The panel spoke of money, staff, tablets and a complaint about a brown bank account.") == []


@pytest.mark.parametrize(
    "exempt",
    [
        "The Director of Transport was told of the workaround, and of the contract that begins on 1 April 2027.",
        "In 2026 there were 1,000 bids in section 12.4, on the 21st at 10.30am, for £500 and 12.5 hectares.",
    ],
)
def test_ignores_common_figures(exempt):
    made = exempt_text_of(restricted(exempt_text=exempt, papers=()), {}, frozenset())
    public = "Director, transport, a workaround; 1 April 2027, 2026: 1,000 (section 12.4), 21st, 10.30am, £500; 12.5"
    assert texts(made, public) == []


def test_finds_short_exempt_part():
    short = exempt_text_of(restricted(exempt_text="She resigned in March.", papers=()), {}, frozenset())
    assert texts(short, "We hear that she resigned in March.") == ["she resigned in march"]
    assert texts(short, "She came in March, and nobody resigned.") == []


def test_finding_groups_places(exempt_text):
    found = find_exempt(exempt_text, [("page 3", MARKER), ("page 9", MARKER), ("page 9", MARKER)])
    assert [each.places for each in found] == [("page 3", "page 9")]
    assert found[0].sentence == (
        "“quorvexin”, from the exempt paper “Depot contract” (item 7), was found in page 3 and in 1 more place."
    )
    part = exempt_text_of(
        restricted(exempt_text=f"{MARKER} was chosen at once by all of them.", papers=()), {}, frozenset()
    )
    (found,) = find_exempt(part, [("page 2", MARKER)])
    assert found.source.startswith("the exempt part of the update on ")
    assert found.sentence.endswith("was found in page 2.")


def test_leaves_out_cleared_text(exempt_text):
    passage = "the depot at millbrook closes before the summer"
    assert texts(exempt_text, passage, cleared=[passage.upper()]) == texts(exempt_text, "millbrook")
    assert texts(exempt_text, f"{MARKER} and 1234567", cleared=[MARKER]) == ["1234567"]
    assert texts(exempt_text, passage, cleared=[passage, "Millbrook"]) == []


def test_ignores_known_names():
    known = frozenset({MARKER, "Depot contract", "Janice Tolliver"})
    made = exempt_text_of(restricted(), PAPER, known)
    assert texts(made, f"Depot contract: {MARKER}, Janice Tolliver") == []
    assert texts(made, "1,234,567") == ["1234567"]


# How words are compared


@given(st.text())
@settings(max_examples=200)
def test_tokens_are_stable(text):
    for words in both_ways(text):
        assert tokens(" ".join(words)) == words


WORDS = st.lists(st.from_regex(r"[a-zé]{2,9}", fullmatch=True), min_size=6, max_size=12)


@given(words=WORDS, data=st.data())
@settings(max_examples=100)
def test_tokens_ignore_layout(words, data):
    gaps = [data.draw(st.sampled_from([" ", "\n", "  ", "\N{NO-BREAK SPACE}", ", ", " – "])) for _ in words]
    shown = "".join(
        data.draw(st.sampled_from([str.upper, str.lower, str.title, with_soft_hyphen]))(word) + gap
        for word, gap in zip(words, gaps, strict=True)
    )
    assert tokens(shown) == tokens(" ".join(words))


def with_soft_hyphen(word):
    return f"{word[:1]}\N{SOFT HYPHEN}{word[1:]}"


def test_tokens_ignore_ligatures():
    assert tokens("the ﬁnal oﬃce, the clerk’s £1,000,000") == tokens("the final office, the clerk 1000000")
    assert both_ways("follow-up")[0] == ["followup"]
    assert both_ways("follow-up")[1] == ["follow", "up"]
