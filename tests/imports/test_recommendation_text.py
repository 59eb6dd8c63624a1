"""Recommendations read out of pasted text, Word and Excel."""

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from inquiries.imports import Unreadable
from inquiries.imports.recommendation_text import read_recommendation_file, read_recommendations
from tests.imports.samples import definition, document, listed, paragraph, table, use


def read(text, **more):
    """The recommendations as (reference, text)."""
    return [(one.reference, one.text) for one in read_recommendations(text, **more).recommendations]


@pytest.mark.parametrize(
    "text",
    [
        "1. Keep the bus.\n2. Count the riders.",
        "1) Keep the bus.\n2) Count the riders.",
        "(1) Keep the bus.\n(2) Count the riders.",
        "[1] Keep the bus.\n[2] Count the riders.",
        "1\tKeep the bus.\n2\tCount the riders.",
        "1:\u00a0Keep the bus.\r\n2:\u00a0Count the riders.",
        "Recommendation 1: Keep the bus.\n\nRecommendation 2: Count the riders.",
        "Recommendation One – Keep the bus.\nRecommendation Two – Count the riders.",
        "Recommendation 1\nKeep the bus.\nRecommendation 2\nCount the riders.",
        "**Recommendation 1:** Keep the bus.\n**Recommendation 2:** Count the riders.",
        "> 1. Keep the bus.\n> 2. Count the riders.",
        "1. Keep the bus. 2. Count the riders.",
        "1.\nKeep the bus.\n\n2.\nCount the riders.",
    ],
)
def test_numbers_in_every_shape(text):
    assert read(text) == [("1", "Keep the bus."), ("2", "Count the riders.")]


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("R1 Keep it.\nR2 Count them.", ["R1", "R2"]),
        ("R7: Keep it.\nR8: Count them.", ["R7", "R8"]),
        ("1a Keep it.\n1b Count them.\n2 Paint it.", ["1a", "1b", "2"]),
        ("2.1 Keep it.\n2.2 Count them.", ["2.1", "2.2"]),
        ("4a) i) Keep it.\nii) Count them.\nb) Paint it.", ["4a(i)", "4a(ii)", "4b"]),
        ("1. a) Keep it.\nb) Count them.\n2. Paint it.", ["1a", "1b", "2"]),
        ("(a) Keep it.\n(b) Count them.\n(i) One way.\n(ii) Another.", ["a", "b", "b(i)", "b(ii)"]),
        ("SR (25/26) 01\tKeep it.\nSR (25/26) 02\tCount them.", ["SR (25/26) 01", "SR (25/26) 02"]),
        ("HO-1\tKeep it.\nHO-2\tCount them.", ["HO-1", "HO-2"]),
    ],
)
def test_references(text, references):
    assert [reference for reference, _ in read(text)] == references


def test_text_before_parts_is_put_before_each():
    text = "1. That the Cabinet:\na) keeps the bus;\nb) counts the riders; and\nc) paints it.\n2. That it is free."
    found = read_recommendations(text)
    assert [(one.reference, one.text) for one in found.recommendations] == [
        ("1a", "That the Cabinet: keeps the bus"),
        ("1b", "That the Cabinet: counts the riders"),
        ("1c", "That the Cabinet: paints it."),
        ("2", "That it is free."),
    ]
    assert found.doubts == ["“That the Cabinet:” comes before 1a to 1c, and was put before each of them."]
    assert found.has_parts
    assert read(" ".join(text.split("\n"))[: text.index("2.")]) == read(text)[:3]


def test_parts_together():
    text = "1. That the Cabinet:\na) keeps the bus;\nb) counts the riders.\n2. That it is free."
    assert read(text, separate_parts=False) == [
        ("1", "That the Cabinet:\n\na) keeps the bus;\n\nb) counts the riders."),
        ("2", "That it is free."),
    ]
    assert read("1. That we: a) keep it; b) paint it.", separate_parts=False) == [
        ("1", "That we: a) keep it; b) paint it.")
    ]


def test_sentence_above_parts_is_a_recommendation():
    found = read_recommendations("1. Cabinet should improve the buses.\na) More of them.\nb) Better stops.")
    assert [one.reference for one in found.recommendations] == ["1", "1a", "1b"]
    assert found.recommendations[0].doubts == [
        "There are parts below it (1a and 1b): this was read as a recommendation of its own."
    ]


def test_headings_are_left_out():
    found = read_recommendations(
        "2. Housing\n2.1 That homes are built.\n2.2 That homes are mended.\nSchools\n3. That schools are built."
    )
    assert [one.reference for one in found.recommendations] == ["2.1", "2.2", "3"]
    assert found.left_out == ["Schools", "2 Housing"]


def test_an_email_with_wrapped_lines():
    found = read_recommendations(
        "Hi Jane,\n\nHere they are:\n\n"
        "> 1. That the Cabinet reviews the arrangements for the collection of waste in\n"
        "> rural areas, and reports back to the committee within\n"
        "> 12 months.\n"
        "> 2. That a cross-\n"
        "> cutting recom-\n"
        "> mendation is made.\n\n"
        "Kind regards\n\nBob Smith\nScrutiny Officer\n"
    )
    assert [(one.reference, one.text) for one in found.recommendations] == [
        (
            "1",
            "That the Cabinet reviews the arrangements for the collection of waste in rural areas, and reports back to "
            "the committee within 12 months.",
        ),
        ("2", "That a cross-cutting recommendation is made."),
    ]
    assert found.recommendations[1].doubts == [
        "“cross-” and “cutting” are on two lines; they were read as “cross-cutting”.",
        "“recom-” and “mendation” are on two lines; they were read as “recommendation”.",
    ]
    assert found.left_out == ["Hi Jane,", "Here they are:", "Kind regards", "Bob Smith", "Scrutiny Officer"]
    assert found.doubts == [
        "Read as no part of a recommendation, and left out: “Hi Jane,”, “Here they are:”, “Kind regards” and 2 more."
    ]


def test_bullets_are_given_numbers():
    found = read_recommendations("That Cabinet:\n•\tkeeps the bus, be it\no\tsmall\no\tbig\n•\tcounts the riders.")
    assert [(one.reference, one.text, one.reference_given) for one in found.recommendations] == [
        ("1", "That Cabinet: keeps the bus, be it\n\n- small\n- big", True),
        ("2", "That Cabinet: counts the riders.", True),
    ]
    assert found.doubts == [
        "The recommendations have no numbers; they were given 1 to 2, in order.",
        "“That Cabinet:” comes before the list, and was put before each recommendation.",
    ]


def test_paragraphs_are_given_numbers():
    found = read_recommendations("Transport\n\nThe bus should be kept.\n\nAll riders should be counted.")
    assert [(one.reference, one.text) for one in found.recommendations] == [
        ("1", "The bus should be kept."),
        ("2", "All riders should be counted."),
    ]
    assert found.doubts[0] == (
        "No numbers or bullets were found. Each paragraph was read as a recommendation, and given 1 to 2, in order."
    )
    assert found.left_out == ["Transport"]


def test_labels_without_numbers():
    found = read_recommendations("Recommendation: Keep the bus.\nRecommendation 2: Count.\nRecommendation: Paint it.")
    assert [(one.reference, one.text, one.reference_given) for one in found.recommendations] == [
        ("1", "Keep the bus.", True),
        ("2", "Count.", False),
        ("3", "Paint it.", True),
    ]
    assert found.recommendations[2].doubts == ["This recommendation has no number; it was given 3."]


def test_lists_within_a_recommendation():
    found = read_recommendations(
        "Recommendation 1: The council should:\n1. keep the bus;\n2. count the riders.\n"
        "Recommendation 2: It should\n• paint\n• mend.\n"
    )
    assert [(one.reference, one.text) for one in found.recommendations] == [
        ("1", "The council should:\n\n1. keep the bus;\n2. count the riders."),
        ("2", "It should\n\n- paint\n- mend."),
    ]
    assert found.recommendations[0].doubts == [
        "“1. keep the bus;” begins with a number or letter; it was read as part of the wording."
    ]


def test_paragraphs_between_recommendations_of_a_report():
    found = read_recommendations(
        "4.1 The committee heard the director.\nRecommendation 1: Keep the bus.\n4.2 Trains are late.\n"
        "Recommendation 2: Count the riders.\n\n4.3 Boats are not."
    )
    assert [(one.reference, one.text) for one in found.recommendations] == [
        ("1", "Keep the bus."),
        ("2", "Count the riders."),
    ]
    assert found.left_out == ["4.1 The committee heard the director.", "4.2 Trains are late.", "4.3 Boats are not."]


def test_missing_and_repeated_numbers():
    found = read_recommendations("1a: Keep it.\n2: Count.\n2: Count it all.\n4: Paint.\n4: Paint.")
    assert [one.reference for one in found.recommendations] == ["1a", "2", "2", "4"]
    assert found.doubts == ["The number 2 is used twice.", "Nothing is numbered 1b.", "Nothing is numbered 3."]
    assert found.recommendations[3].doubts == ["Recommendation 4 is in the text twice, and was taken once."]


def test_one_wording_under_two_numbers():
    found = read_recommendations("1 and 2: Keep the bus.\n3: Count.")
    assert [(one.reference, one.text) for one in found.recommendations][:2] == [
        ("1", "Keep the bus."),
        ("2", "Keep the bus."),
    ]
    assert found.recommendations[0].doubts == ["1, 2 come before one wording; each was given the same text."]


@pytest.mark.parametrize("text", ["", " \n\u200b\n", "Nothing here", "Kind regards\nBob"])
def test_nothing_recognised(text):
    found = read_recommendations(text)
    assert found.recommendations == []
    assert found.doubts == ["No recommendation was found."]


def test_refuses_a_text_without_end():
    with pytest.raises(Unreadable, match="too long"):
        read_recommendations("a" * 500_001)


PIECES = st.sampled_from(
    [
        *(
            "1. ",
            "2) ",
            "3: ",
            "1a ",
            "b) ",
            "(ii) ",
            "i. ",
            "R4 ",
            "Recommendation 5: ",
            "Recommendation:",
            "2.1 ",
            "o\t",
        ),
        *(
            "• ",
            "- ",
            "> ",
            "\n",
            "\n\n",
            "\t",
            "    ",
            ": ",
            "; ",
            ". ",
            "\u00a0",
            "Kind regards",
            "HO-3\t",
            "12 months ",
        ),
        *(
            "That the Cabinet",
            "keeps the bus",
            "Housing",
            "a) one; b) two; and c) three",
            "The committee recommends that:",
        ),
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=200), st.booleans())
def test_loses_no_word(text, separate):
    found = read_recommendations(text, separate_parts=separate)
    shown = " ".join([*(f"{one.reference} {one.text}" for one in found.recommendations), *found.left_out]).lower()
    for word in re.findall(r"[a-z]{4,}", text.lower()):
        assert word in shown or word == "recommendation"


def read_word(*body, numbering=""):
    return read_recommendation_file(document(*body, numbering=numbering, header=()), "report.docx")


def test_lists_numbered_by_word():
    numbering = definition(1, ("decimal", "%1."), ("lowerLetter", "%2)"), ("bullet", "•")) + use(1)
    found = read_word(
        "Background",
        listed("That the Cabinet:", 1),
        listed("keeps the bus;", 1, 1),
        listed("counts the riders.", 1, 1),
        listed("That all are heard:", 1),
        listed("the young", 1, 2),
        listed("the old", 1, 2),
        numbering=numbering,
    )
    assert [(one.reference, one.text) for one in found.recommendations] == [
        ("1a", "That the Cabinet: keeps the bus"),
        ("1b", "That the Cabinet: counts the riders."),
        ("2", "That all are heard:\n\n- the young\n- the old"),
    ]
    assert found.left_out == ["Background"]


def test_section_of_a_report():
    heading = '<w:pStyle w:val="Heading1"/>'
    found = read_word(
        paragraph("Findings", heading),
        "1. The bus is late.",
        "2. The bus is full.",
        paragraph("3. Recommendations", heading),
        "The committee recommends that:",
        "1. The bus is kept.",
        "2. The riders are counted.",
        paragraph("Thanks", heading),
        "We thank all.",
    )
    assert [(one.reference, one.text) for one in found.recommendations] == [
        ("1", "The bus is kept."),
        ("2", "The riders are counted."),
    ]
    assert "We thank all." in found.left_out
    assert "1. The bus is late." in found.left_out


@pytest.mark.parametrize(
    "rows",
    [
        [("No.", "Recommendation", "Cost"), ("1a", "Keep the bus.", "£5"), ("1b", "Count the riders.", "")],
        [
            ("Recommendation", "Wording"),
            ("Recommendation 1a", "Keep the bus."),
            ("Recommendation 1b", "Count the riders."),
        ],
        [("Owner", "Ref", "Details"), ("Jane", "1a", "Keep the bus."), ("Bob", "1b", "Count the riders.")],
        [("Recommendations",), ("1a Keep the bus.",), ("1b Count the riders.",)],
        [("1a", "Keep the bus."), ("1b", "Count the riders.")],
    ],
)
def test_tables_in_word_and_excel(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    text = "\n".join("\t".join(row) for row in rows)
    for found in (
        read_word(table(*rows)),
        read_recommendation_file(file.getvalue(), "list.xlsx"),
        read_recommendations(text),
    ):
        assert [(one.reference, one.text) for one in found.recommendations] == [
            ("1a", "Keep the bus."),
            ("1b", "Count the riders."),
        ]


def test_section_titles_of_a_sheet_are_left_out():
    data = b"Ref,Recommendation\n,Transport\n1.10,Keep the bus\n1.11,Count the riders\n"
    found = read_recommendation_file(data, "list.csv")
    assert [one.reference for one in found.recommendations] == ["1.10", "1.11"]
    assert found.left_out == ["Transport"]


def test_nine_hundred_recommendations_in_one_line():
    text = " ".join(f"{number}. That Cabinet counts bus {number}." for number in range(1, 901))
    assert read(text) == [(f"{number}", f"That Cabinet counts bus {number}.") for number in range(1, 901)]


def test_refuses_other_files():
    with pytest.raises(Unreadable, match="PDF"):
        read_recommendation_file(b"%PDF-1.7 ...", "report.pdf")
    with pytest.raises(Unreadable, match="old Office format"):
        read_recommendation_file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "list.xls")


def test_a_real_paper(cases):
    folder = cases / "crisis-support-inquiry"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    wanted = [(one["reference"], one["text"]) for row in expected["rows"] for one in row["recommendations"]]
    found = read_recommendation_file((folder / "progress-report.docx").read_bytes(), "progress-report.docx")
    assert [(one.reference, one.text) for one in found.recommendations] == wanted
    assert found.doubts[:3] == ["Nothing is numbered 3b.", "Nothing is numbered 4.", "Nothing is numbered 7."]
    assert read("\n".join(f"{reference}:\t{text}" for reference, text in wanted)) == wanted
