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
    Letters,
    exempt_text_of,
    find_exempt,
    texts_of_data,
    texts_of_pdf,
)
from inquiries.documents.pack_content import Item, PackContent, Paper, ReportPaper
from inquiries.serialization import to_plain_data
from tests.documents.hiding_places import HIDING_PLACES, MARKER, plain_pdf
from tests.documents.samples import full_report
from tests.word_text import texts_of_docx

SECRET = (
    f"They said that {MARKER}. "
    "The bid of Quorvexin Ltd was £1,234,567, case AB-40312. Janice Tolliver accepted it. The depot at Millbrook "
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
def test_finds_passage_and_name_in_pdf(name, exempt_text):
    texts = list(texts_of_pdf(HIDING_PLACES[name]()))
    assert any(MARKER in each.text and each.stops for each in find_exempt(exempt_text, texts))
    about_name = exempt_text_of(restricted(exempt_text="It is for Quorvexin Granite.", papers=()), {}, frozenset())
    assert {(each.text, each.stops) for each in find_exempt(about_name, texts)} == {("Quorvexin Granite", False)}


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
    paragraph = document.add_paragraph(MARKER[:4])
    paragraph.add_run(MARKER[4:]).bold = True


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
    assert [each.text for each in found] == [MARKER]


def test_searches_word_pictures(exempt_text):
    clean = docx_with(lambda document: None)
    assert find_exempt(exempt_text, texts_of_docx(clean)) == []
    more = io.BytesIO(clean)
    with zipfile.ZipFile(more, "a") as archive:
        archive.writestr("word/media/photo.jpg", b"\xff\xd8\x00" + MARKER.encode() + b"\xff\xd9")
    assert [each.place for each in find_exempt(exempt_text, texts_of_docx(more.getvalue()))] == [
        "the Word file, its part word/media/photo.jpg"
    ]


def test_searches_keys_and_values(exempt_text):
    data = {
        "items": [
            {"title": f"About {MARKER}"},
            {MARKER: 1},
            {"sum": "1234567"},
            {"pk": 1234567},
            {"fine": None, "yes": True},
        ]
    }
    found = find_exempt(exempt_text, texts_of_data(data))
    assert [(each.text, each.places) for each in found] == [
        (MARKER, ("the data, items, title", "the data, items")),
        ("1234567", ("the data, items, sum",)),
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


def exempt_part(text, known=frozenset()):
    return exempt_text_of(restricted(exempt_text=text, papers=()), {}, known)


@pytest.mark.parametrize(
    ("exempt", "public", "shown"),
    [
        ("The offer of £2.35m was too low.", "about £2.35 m", "£2.35 m"),
        ("The offer of £2.35m was too low.", "£2,350,000", "£2,350,000"),
        ("The offer of £2.35 million was too low.", "GBP 2.35m in all", "GBP 2.35m"),
        ("The offer of £900,000 was too low.", "900,000 pounds", "900,000 pounds"),
        ("The offer of £900,000 was too low.", "\u00c2£900\N{NO-BREAK SPACE}000", "£900,000"),
        ("The offer of £98,750 was too low.", "£98750", "£98750"),
        ("The offer of £500 was too low.", "it costs £500", "£500"),
        ("The offer of £45 was too low.", "45 pounds each", "45 pounds"),
        ("The offer of &pound;45 was too low.", "\N{FULLWIDTH POUND SIGN}45", "£45"),
        ("They want EUR 1,200 for it.", "€1,200.", "€1,200"),
        ("They want EUR 99 for it.", "99 euros", "99 euros"),
        ("There are 1.2 million of them.", "1.2\N{NO-BREAK SPACE}million", "1.2 million"),
        ("A margin of 12.5% was asked for.", "12.5 per cent", "12.5 per cent"),
        ("A margin of 3 per cent was asked for.", "(3%)", "3%"),
        ("It is 12.5 hectares large.", "12.5 ha of land", "12.5 ha"),
        ("She is to lose 0.6 FTE.", "0.6 full-time equivalents", "0.6 full-time equivalents"),
        ("There were 345 of them.", "345 people", "345"),
        ("There were 1,000 bids.", "of 1000.", "1000"),
        ("Bank account 40127733 was closed.", "40127733", "40127733"),
        ("The case AB-40312 was closed.", "case AB 40312", "40312"),
        ("The case AB-40312 was closed.", "ab40312", "ab40312"),
        ("The bid was opened on 14 May 2026 by them.", "14 MAY 2026", "14 MAY 2026"),
        ("A complaint was made against Mr Brown by his staff.", "Signed: Mr Brown", "Mr Brown"),
        ("The panel spoke to Grace Bishop about it.", "Grace Bishop came.", "Grace Bishop"),
        ("The panel spoke to Will Young about it.", "Will Young came.", "Will Young"),
        ("The panel spoke to O\N{RIGHT SINGLE QUOTATION MARK}Brien Marsh.", "Here O'BRIEN MARSH sat", "O'BRIEN MARSH"),
        (
            "The panel spoke to Ann Smith-Jones about it.",
            "ANN SMITH\N{NON-BREAKING HYPHEN}JONES",
            "ANN SMITH\N{HYPHEN}JONES",
        ),
        ("THE PANEL SPOKE TO JANICE TOLLIVER.", "Janice Tolli-\nver’s letter", "Janice Tolli- ver’s"),
        ("Janice Tolliver was heard.", "thenJanice Tolliver left", "Janice Tolliver"),
        ("Janice Tolliver was heard.", "janice.tolliver@wealdshire.example", "janice.tolliver"),
        ("Bids of Brown & Sons and of Quartz Services came.", "Quartz Services Ltd", "Quartz Services"),
        ("Bids of Brown & Sons and of Quartz Services came.", "Brown and Sons, Brown & Sons", "Brown & Sons"),
        ("The Bank of England was asked.", "the Bank of England", "Bank of England"),
        ("The family lives in Acacia Avenue now.", "Works in Acacia Avenue", "Acacia Avenue"),
        ("The family lives at 14b acacia avenue now.", "14B Acacia Avenue", "14B Acacia Avenue"),
        ("The family lives at HP20 1UY now.", "hp201uy", "hp201uy"),
    ],
)
def test_shows_figures_and_names(exempt, public, shown):
    made = exempt_part(exempt)
    found = find_exempt(made, [("page 1", f"It was so. {public}")])
    assert [(each.text, each.stops) for each in found] == [(shown, False)]
    assert texts(made, "The panel spoke of money, staff, tablets and a complaint about a brown bank account.") == []


@pytest.mark.parametrize(
    ("exempt", "public"),
    [
        ("The Director of Transport was told, and it begins on 1 April 2027.", "Director, transport; 1 April 2027"),
        (
            "In 2026 and in 2015/16, section 12.4, on the 21st at 10.30am.",
            "2026, 2015/16 (section 12.4), 21st, 10.30am",
        ),
        ("In 12 months there were 45 of them.", "12 months, 45"),
        ("BUS SERVICES were kept. Bus Services", "bus services"),
        ("The Health Service and the County Council", "the Health Service, the County Council"),
        ("The Panel met. At Once it ended.", "At Once, The Panel met."),
        ("There were 345 of them.", "a8f345bc and 1,345 and 345.5 and 3450"),
        ("Mr Penrose was heard.", "Mr Penrose said"),
    ],
)
def test_ignores_what_tells_nothing(exempt, public):
    assert texts(exempt_part(exempt), public) == []


@pytest.mark.parametrize(
    "place", ["page 345", "the paper “Buses”, page 345", "object 3", "the file itself, from byte 9"]
)
def test_ignores_numbers_of_file(place):
    assert find_exempt(exempt_part("There were 345 of them."), [(place, "345 0 obj")]) == []
    assert find_exempt(exempt_part("They want £345 for it."), [(place, "£345")]) != []


def test_finds_short_exempt_part():
    short = exempt_part("She resigned in March.")
    (found,) = find_exempt(short, [("page 1", "We hear that she resigned in March.")])
    assert (found.text, found.stops) == ("she resigned in March", True)
    assert texts(short, "She came in March, and nobody resigned.") == []


@pytest.mark.parametrize("change", [lambda text: text.replace(" ", ""), lambda text: "\n".join(text.replace(" ", ""))])
def test_finds_passage_without_spaces(exempt_text, change):
    """As text is read out of some PDFs: words run together, or each letter stands alone."""
    passage = "depot at Millbrook closes before the summer"
    (found,) = find_exempt(exempt_text, [("page 1", f"It is said: the {change(passage)}, and so on.")])
    assert found.stops and "depotatMillbrook" in found.text.replace(" ", "")


def test_lists_what_stops_and_rare_names_first(exempt_text):
    name, passage = "Janice Tolliver", "the depot at Millbrook closes before the summer"
    texts = [("page 1", f"{name} (AB-40312)"), ("page 2", name), ("page 3", passage)]
    found = find_exempt(exempt_text, texts)
    assert [(each.text, each.stops) for each in found] == [(passage, True), ("40312", False), (name, False)]
    # What stands in a passage that stops is not shown once more.
    whole = find_exempt(exempt_text, [("page 1", SECRET)])
    assert [each.text for each in whole if not each.stops] == ["£1,234,567", "40312"]


def test_time_grows_with_length():
    """Thousands of passages that begin alike are not compared with each other."""
    lines = [f"The county council of {number} Millbrook depot drivers closed." for number in range(1000, 4000)]
    made = exempt_part(" ".join(lines))
    looked_up = []
    made.passages.values = CountingDict(made.passages.values, looked_up)
    public = " ".join(lines).replace("closed", "stayed")
    find_exempt(made, [("page 1", public)])
    assert len(looked_up) < 3 * len(public)


class CountingDict(dict):
    def __init__(self, values, looked_up):
        super().__init__(values)
        self.looked_up = looked_up

    def get(self, key, default=None):
        self.looked_up.append(key)
        return super().get(key, default)


def test_finding_groups_places(exempt_text):
    found = find_exempt(exempt_text, [("page 3", MARKER), ("page 9", MARKER), ("page 9", MARKER)])
    assert [each.places for each in found] == [("page 3", "page 9")]
    assert found[0].sentence == (
        f"“{MARKER}”, from the exempt paper “Depot contract” (item 7), page 1, was found in page 3 and in 1 more place."
    )
    part = exempt_text_of(
        restricted(exempt_text=f"{MARKER} was chosen at once by all of them.", papers=()), {}, frozenset()
    )
    (found,) = find_exempt(part, [("page 2", MARKER)])
    assert found.source.startswith("the exempt part of the update on ")
    assert found.sentence.endswith("was found in page 2.")


def test_leaves_out_allowed_text():
    exempt_text = exempt_text_of(restricted(), PAPER, frozenset())
    passage = "the depot at Millbrook closes before the summer"
    exempt_text.allow(passage.upper())
    assert texts(exempt_text, passage) == []
    assert texts(exempt_text, f"{passage}, and forty drivers lose") != []
    assert texts(exempt_text, "Janice Tolliver and 1234567") == ["Janice Tolliver", "1234567"]
    exempt_text.allow("Janice Tolliver")
    assert texts(exempt_text, "Janice Tolliver and 1234567") == ["1234567"]
    exempt_text.allow("£1,234,567")
    assert texts(exempt_text, "Janice Tolliver and 1234567") == []


def test_ignores_known_names():
    known = frozenset({MARKER, "Depot contract", "Janice Tolliver"})
    made = exempt_text_of(restricted(), PAPER, known)
    assert texts(made, f"Depot contract: {MARKER}, Janice Tolliver") == []
    assert texts(made, "1,234,567") == ["1,234,567"]


# How text is compared


WORDS = st.lists(st.from_regex(r"[a-zé]{2,9}", fullmatch=True), min_size=6, max_size=12)


@given(words=WORDS, data=st.data())
@settings(max_examples=100)
def test_letters_ignore_layout(words, data):
    gaps = [data.draw(st.sampled_from([" ", "\n", "  ", "\N{NO-BREAK SPACE}", ", ", " – "])) for _ in words]
    shown = "".join(
        data.draw(st.sampled_from([str.upper, str.lower, str.title, with_soft_hyphen]))(word) + gap
        for word, gap in zip(words, gaps, strict=True)
    )
    assert Letters(shown).letters == Letters(" ".join(words)).letters


def with_soft_hyphen(word):
    return f"{word[:1]}\N{SOFT HYPHEN}{word[1:]}"


def test_letters_ignore_ligatures():
    assert Letters("the ﬁnal oﬃce, the clerk’s £1,000,000").letters == "thefinalofficetheclerk1000000"
    assert Letters("follow-up").letters == "followup"
    assert Letters("don\N{RIGHT SINGLE QUOTATION MARK}t \0 \ud800").letters == "dont"
