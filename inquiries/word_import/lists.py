"""The numbers and bullets that Word draws itself: worked out from numbering.xml, since no text holds them."""

import re
from dataclasses import dataclass

from inquiries.uploads.docx import W, whole_number

BULLET = "bullet"
NUMBER = "number"
CHAIN_LIMIT = 12
ROMAN: tuple[tuple[int, str], ...] = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"))
ROMAN += ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True)
class ListMark:
    """What Word prints before a paragraph. `label` is "1.", "R7", "(a)"; `plain` says that it is a mere number."""

    kind: str
    level: int
    label: str = ""
    plain: bool = False


@dataclass(frozen=True)
class Level:
    form: str
    words: str
    start: int
    style: str


class Numbering:
    """Counts list paragraphs in the order of the document: `mark(paragraph)` must see each once, from the top."""

    def __init__(self, numbering, styles):
        self.levels, self.numbers, self.linked = {}, {}, {}
        self.styles = {}
        self.counts, self.begun = {}, set()
        if styles is not None:
            for style in styles.iterchildren(f"{W}style"):
                self.styles[style.get(f"{W}styleId", "")] = style
        if numbering is not None:
            self._read(numbering)

    def _read(self, numbering):
        for abstract in numbering.iterchildren(f"{W}abstractNum"):
            number = abstract.get(f"{W}abstractNumId", "")
            self.levels[number] = {
                whole_number(level.get(f"{W}ilvl")): _level(level) for level in abstract.iterchildren(f"{W}lvl")
            }
            link = abstract.find(f"{W}numStyleLink")
            if link is not None:
                self.linked[number] = link.get(f"{W}val", "")
        for num in numbering.iterchildren(f"{W}num"):
            abstract = num.find(f"{W}abstractNumId")
            starts, changed = {}, {}
            for override in num.iterchildren(f"{W}lvlOverride"):
                at = whole_number(override.get(f"{W}ilvl"))
                start = override.find(f"{W}startOverride")
                if start is not None:
                    starts[at] = whole_number(start.get(f"{W}val"), 1)
                if override.find(f"{W}lvl") is not None:
                    changed[at] = _level(override.find(f"{W}lvl"))
            target = abstract.get(f"{W}val", "") if abstract is not None else ""
            self.numbers[num.get(f"{W}numId", "")] = target, starts, changed

    def style_of(self, paragraph):
        """The style's name, in lower case ("heading 1", "title"), or empty."""
        style = self.styles.get(_value(paragraph.find(f"{W}pPr/{W}pStyle")))
        return _value(style.find(f"{W}name")).lower() if style is not None else ""

    def mark(self, paragraph):
        """The ListMark of this paragraph, or None. Counts it."""
        number, level = self._number_of(paragraph)
        abstract, starts, changed = self.numbers.get(number, ("", {}, {}))
        abstract = self._follow(abstract)
        levels = {**self.levels.get(abstract, {}), **changed}
        if not number or number == "0" or level not in levels:
            return None
        here = levels[level]
        if here.form == "bullet":
            return ListMark(BULLET, level)
        if here.form == "none":
            return None
        counts = self.counts.setdefault(abstract, {})
        if level in starts and (number, level) not in self.begun:
            self.begun.add((number, level))
            counts[level] = starts[level]
        else:
            counts[level] = counts.get(level, here.start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        label = re.sub(r"%([1-9])", lambda m: _counted(levels, counts, int(m.group(1)) - 1), here.words).strip()
        plain = level == 0 and here.form == "decimal" and re.fullmatch(r"\(?%1[.):]*", here.words.strip()) is not None
        return ListMark(NUMBER, level, label, plain)

    def _number_of(self, paragraph):
        style = self.styles.get(_value(paragraph.find(f"{W}pPr/{W}pStyle")))
        own = paragraph.find(f"{W}pPr/{W}numPr")
        number = _value(own.find(f"{W}numId")) if own is not None else ""
        level = _value(own.find(f"{W}ilvl")) if own is not None else ""
        styled = ""
        for _ in range(CHAIN_LIMIT):
            if number or style is None:
                break
            styled = style.get(f"{W}styleId", "")
            inherited = style.find(f"{W}pPr/{W}numPr")
            if inherited is not None:
                number = _value(inherited.find(f"{W}numId"))
                level = level or _value(inherited.find(f"{W}ilvl"))
            style = self.styles.get(_value(style.find(f"{W}basedOn")))
        if styled and not level:
            abstract = self._follow(self.numbers.get(number, ("",))[0])
            bound = [at for at, each in self.levels.get(abstract, {}).items() if each.style == styled]
            return number, bound[0] if bound else 0
        return number, whole_number(level)

    def _follow(self, abstract):
        for _ in range(CHAIN_LIMIT):
            style = self.styles.get(self.linked.get(abstract, ""))
            number = _value(style.find(f"{W}pPr/{W}numPr/{W}numId")) if style is not None else ""
            if number not in self.numbers:
                break
            abstract = self.numbers[number][0]
        return abstract


def _level(level):
    return Level(
        form=_value(level.find(f"{W}numFmt")) or "decimal",
        words=_value(level.find(f"{W}lvlText"))[:60],
        start=whole_number(_value(level.find(f"{W}start")), 1),
        style=_value(level.find(f"{W}pStyle")),
    )


def _counted(levels, counts, level):
    at = levels.get(level)
    count = counts.get(level, at.start if at else 1)
    return _written(count, at.form if at else "decimal")


def _written(count, form):
    if form in ("lowerLetter", "upperLetter") and count > 0:
        letters = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 4)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman") and 0 < count < 4000:
        words = ""
        for value, sign in ROMAN:
            times, count = divmod(count, value)
            words += sign * times
        return words.upper() if form == "upperRoman" else words
    return f"{count:02d}" if form == "decimalZero" else str(count)


def _value(element):
    return element.get(f"{W}val", "") if element is not None else ""
