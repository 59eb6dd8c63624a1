"""What was typed or chosen in a form stands in the finished paper, or the paper is refused with the field named."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from inquiries.uploads.paper import Rejected
from inquiries.uploads.process_upload import process_paper
from tests.uploads import files
from tests.uploads.test_visible_text import PAPERS

LINES = "1. The contract is extended.\n2. The saving of £40,000 is not made.\n3. Gŵyr, Llŷn and O’Hara – agreed."
CHOICES = [["a", "Not agreed"], ["b", "Agreed – in part"]]


def filled(*fields, outdated=True):
    """A PDF with these form fields, each an (entries, what its appearance draws or None)."""

    def change(pdf):
        page = pdf.pages[0].obj
        page.Annots = Array()
        for number, (entries, look) in enumerate(fields):
            widget = Dictionary(Type=Name.Annot, Subtype=Name.Widget, F=4, DA=String("/F1 12 Tf 0 g"), P=page)
            widget.T, widget.Rect = f"field {number}", [60, 600 - 70 * number, 460, 660 - 70 * number]
            for key, value in entries.items():
                widget[f"/{key}"] = value
            if look is not None:
                widget.AP = Dictionary(N=appearance(pdf, look))
            page.Annots.append(pdf.make_indirect(widget))
        fonts = Dictionary(F1=page.Resources.Font.F1)
        pdf.Root.AcroForm = Dictionary(
            Fields=page.Annots, DR=Dictionary(Font=fonts), DA=String("/F1 12 Tf 0 g"), NeedAppearances=outdated
        )

    return files.plain(words="Form", change=change)


def appearance(pdf, words):
    look = pdf.make_stream(
        b"/Tx BMC BT /F1 12 Tf 2 40 Td (%s) Tj ET EMC" % words.encode("cp1252"),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, 400, 60],
    )
    look.Resources = Dictionary(Font=Dictionary(F1=pdf.pages[0].obj.Resources.Font.F1))
    return look


def text(value, **entries):
    return {"FT": Name.Tx, "V": String(value), **entries}


def choice(value, flags=0):
    return {"FT": Name.Ch, "V": value, "Ff": flags, "Opt": Array([Array(map(String, each)) for each in CHOICES])}


def take(pdf):
    return process_paper(BytesIO(pdf), "form.pdf")


def lines_of(received):
    return [" ".join(line.split()) for line in received.page_texts[0].splitlines()[1:]]


def test_keeps_what_a_form_editor_saved():
    received = take((PAPERS / "filled_form.pdf").read_bytes())
    assert received.page_texts[0].splitlines() == [
        "Officer decision form",
        "Cost: £250,000 a year – agreed with Siân O’Hara",
        "1. The contract is extended by one year.",
        "2. The saving of £40,000 is not made.",
        "3. The Director decides, not Cabinet.",
        "4. Equality impact: not assessed yet.",
    ]


SHOWN = {
    "text": (text("Siân: £5 – agreed"), None, ["Siân: £5 – agreed"]),
    "Welsh": (text("Llŷn and Gŵyr"), None, ["Llŷn and Gŵyr"]),
    "lines": (text(LINES, Ff=1 << 12), None, LINES.splitlines()),
    "comb": (text("AB12", Ff=1 << 24, MaxLen=8), None, ["A B 1 2"]),
    "long line": (
        text("A long line of text that is made smaller " * 2),
        None,
        [("A long line of text that is made smaller " * 2).strip()],
    ),
    "drop-down": (choice(String("b"), 1 << 17), None, ["Agreed – in part"]),
    "own text in a drop-down": (choice(String("Later"), 3 << 17), None, ["Later"]),
    "list": (choice(Array([String("a"), String("b")]), 1 << 21), None, ["Not agreed", "Agreed – in part"]),
    "drop-down as it was saved": (choice(String("b"), 1 << 17), "Agreed – in part", ["Agreed – in part"]),
    "password": (text("SECRET", Ff=1 << 13), "******", ["******"]),
    "older appearance": (text("New"), "Old", ["New"]),
    "empty appearance": (text("New"), "", ["New"]),
    "accents apart from their letters": (text("Sia\u0302n"), None, ["Siân"]),
    "characters that nobody sees": (text("A\u00a0fee\u200b of\t£5"), None, ["A fee of £5"]),
    "lines that are made smaller": (
        text(f"{LINES}\n{LINES}", Ff=1 << 12, DA=String("/F1 0 Tf")),
        None,
        LINES.splitlines() * 2,
    ),
    "not printed": (text("On the screen", F=0), "On the screen", ["On the screen"]),
}


@pytest.mark.parametrize("name", SHOWN)
def test_field_shows_its_value(name):
    entries, look, lines = SHOWN[name]
    received = take(filled((entries, look)))
    assert lines_of(received) == lines
    assert received.cleaned == ("The form can no longer be filled in: what was typed into it became part of the page.",)


def radio_buttons(*, look=True, state=Name.For):
    """A PDF with two radio buttons of a field, of which the first is chosen."""

    def change(pdf):
        page = pdf.pages[0].obj
        field = pdf.make_indirect(Dictionary(FT=Name.Btn, Ff=1 << 15, T="vote", V=Name.For))
        page.Annots = Array()
        for number, choice in enumerate(("For", "Against")):
            button = Dictionary(Type=Name.Annot, Subtype=Name.Widget, F=4, Parent=field)
            button.Rect, button.AS = [60, 600 - 50 * number, 160, 630 - 50 * number], Name.Off if number else state
            if look:
                states = {f"/{choice}": appearance(pdf, f"chosen {choice}"), "/Off": appearance(pdf, "")}
                button.AP = Dictionary(N=Dictionary(states))
            page.Annots.append(pdf.make_indirect(button))
        field.Kids = page.Annots
        pdf.Root.AcroForm = Dictionary(Fields=[field])

    return files.plain(words="Form", change=change)


def test_radio_button_shows_its_choice():
    assert lines_of(take(radio_buttons())) == ["chosen For"]


@pytest.mark.parametrize("entries", [{"look": False}, {"state": Name.Off}], ids=["no appearance", "other state"])
def test_refuses_radio_buttons_that_do_not_show_the_choice(entries):
    with pytest.raises(Rejected, match="the form field “vote”"):
        take(radio_buttons(**entries))


NOT_SHOWN = {
    "letters without a font": (text("同意"), None),
    "more than fits": (text("A line\n" * 20, Ff=1 << 12), None),
    "part of what was typed": (text("Agreed, but not before May"), "Agreed, but"),
}


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_refuses_a_field_that_cannot_be_shown(name):
    with pytest.raises(Rejected, match="Page 1: the form field “field 1” does not show all"):
        take(filled((text("Fine"), None), NOT_SHOWN[name], outdated=False))


def test_keeps_an_appearance_with_the_fonts_of_the_form():
    with pikepdf.open(BytesIO(filled((text("Drawn"), None), (text("Saved"), "Saved")))) as pdf:
        del pdf.pages[0].obj.Annots[1].AP.N["/Resources"]
        assert lines_of(take(files.saved(pdf))) == ["Drawn", "Saved"]


def test_number_that_a_script_has_put_in_another_form_is_kept_and_reported():
    received = take(filled((text("2500"), "£2,500.00"), outdated=False))
    assert lines_of(received) == ["£2,500.00"]
    assert "“field 0” on page 1 holds “2500” but shows “£2,500.00”" in received.cleaned[0]


def ticked(state, value):
    """A PDF with a box that draws "yes" when it is ticked."""

    def change(pdf):
        page = pdf.pages[0].obj
        box = Dictionary(Type=Name.Annot, Subtype=Name.Widget, F=4, FT=Name.Btn, T="agree", Rect=[60, 600, 460, 660])
        box.V = value
        if state:
            box.AS = state
            box.AP = Dictionary(N=Dictionary(Yes=appearance(pdf, "yes"), Off=appearance(pdf, "no")))
        page.Annots = Array([pdf.make_indirect(box)])
        pdf.Root.AcroForm = Dictionary(Fields=page.Annots)

    return files.plain(words="Form", change=change)


@pytest.mark.parametrize(("state", "shown"), [(Name.Yes, "yes"), (Name.Off, "no")])
def test_box_shows_its_state(state, shown):
    assert lines_of(take(ticked(state, state))) == [shown]


@pytest.mark.parametrize("state", [Name.Off, None], ids=["other state", "no appearance"])
def test_refuses_a_box_that_does_not_show_its_tick(state):
    with pytest.raises(Rejected, match="the form field “agree”"):
        take(ticked(state, Name.Yes))


def test_text_of_the_second_copy_is_reported():
    data = b"<d:data xmlns:d='http://www.xfa.org/schema/xfa-data/1.0/'><a>Fine</a><b>Only in XFA</b></d:data>"
    with pikepdf.open(BytesIO(filled((text("Fine"), None)))) as pdf:
        pdf.Root.AcroForm.XFA = Array([String("datasets"), pdf.make_stream(data)])
        received = take(files.saved(pdf))
    assert "which is lost: “Only in XFA”" in received.cleaned[0]


def test_refuses_a_text_box_without_appearance():
    with pytest.raises(Rejected, match="Page 1 has a text box whose look is not in the file"):
        take(files.annotated("FreeText", look=False))


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (0, "Removed: a text or stamp that is shown on screen but not printed."),
        (4 | 32, "Removed: a mark that is printed but not shown on screen."),
    ],
    ids=["only on the screen", "only printed"],
)
def test_reports_text_that_is_shown_in_one_way_only(flags, sentence):
    assert take(files.annotated("FreeText", flags=flags)).cleaned == (sentence,)


def annotation_with_words(kind):
    def change(pdf):
        made = files.annotation(pdf, kind, look=False)
        made.AP = Dictionary(N=appearance(pdf, "Words"))
        pdf.pages[0].obj.Annots = Array([made])

    return files.plain(words="Form", change=change)


@pytest.mark.parametrize(("kind", "lines"), [("Stamp", ["Words"]), ("FreeText", ["Words"]), ("Screen", [])])
def test_words_of_an_annotation(kind, lines):
    assert lines_of(take(annotation_with_words(kind))) == lines


def test_refuses_a_page_that_would_lose_text():
    # A link keeps its address, not what is drawn for it.
    with pytest.raises(Rejected, match="Page 1 would lose some of its text"):
        take(annotation_with_words("Link"))
