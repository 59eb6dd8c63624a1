"""Text pasted from Word, an e-mail or a PDF, as lines: what Word calls a paragraph, or a piece of one."""

import re
from dataclasses import dataclass, field, replace

from inquiries.imports import VOCABULARY, Unreadable
from inquiries.imports.docx_text import BULLET, ListMark, Para, tidy

TEXT_LIMIT = 500_000  # characters
MOST_LINES = 10_000
LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
QUOTE = re.compile(r"^\s{0,3}(?:>\s?)+|^\s{0,3}\|\s(?=\S)")
# What Word, Outlook and web pages put before the items of a list; "o" is Word's second level.
BULLETS = re.compile(
    r"^(?P<sign>[•·▪●◦‣■□–—*§\uf0a7\uf0b7\uf0d8\uf0fc-]|o(?=\t|\s{2,}))(?:[\s]+|(?<=[•·▪●◦‣■§])(?=\w))"
)
SECOND_LEVEL = "o◦"
BOLD = re.compile(r"(?<![\w*])(\*\*?|__)(?=\S)([^*\n]*?\S)\1(?![\w*])")
HEADING_MARK = re.compile(r"^#{1,6}\s+")
SENTENCE_END = re.compile(r"[.:;!?]['’”\")]*$")
WORD_AND_HYPHEN = re.compile(r"([^\W\d_]+)-$")
LONGEST_WORD = 60
WRAP_WIDTHS = range(55, 101)  # how long the lines of an e-mail are
# Before a hyphen, these are a part of the word.
WITH_HYPHEN = frozenset(VOCABULARY["before_hyphen"].split())


@dataclass
class Line:
    """`soft` says that it may only go on what the line above began, `apart` that a blank line is above it."""

    para: Para
    indent: int = 0
    soft: bool = False
    apart: bool = False
    is_heading: bool = False  # by its style in Word
    doubts: list[str] = field(default_factory=list)

    @property
    def text(self):
        return self.para.text


def pasted_lines(text):
    """The lines that have words, as Line."""
    given = LINE_BREAKS.sub("\n", text).split("\n")
    if len(text) > TEXT_LIMIT or len(given) > MOST_LINES:
        raise Unreadable("The text is too long. Paste only the recommendations or the responses.")
    rows = []
    for row in given:
        bare = QUOTE.sub("", row)
        bare = bare.replace("\u00ad", "") if bare.rstrip()[-1:] != "\u00ad" else f"{bare.rstrip()[:-1]}-"
        rows.append(BOLD.sub(r"\2", HEADING_MARK.sub("", bare)))
    lengths = [len(row.rstrip()) for row in rows]
    longest = max(lengths, default=0)
    unfinished = [n for row, n in zip(rows, lengths, strict=True) if n > 0.75 * longest and not ends_sentence(row)]
    is_wrapped = longest in WRAP_WIDTHS and len(unfinished) > 2
    found, above = [], ""
    for row in rows:
        content = row.strip()
        if not tidy(content):
            above = ""
            continue
        bullet = BULLETS.match(content)
        indent = len(row.expandtabs(4)) - len(row.expandtabs(4).lstrip())
        para = Para(tidy(content), tabbed=content)
        if bullet and tidy(content[bullet.end() :]):
            level = 1 if bullet["sign"] in SECOND_LEVEL else 0
            words = content[bullet.end() :]
            para = Para(tidy(words), ListMark(BULLET, level), tabbed=words.strip())
        line = Line(para, indent, apart=not above)
        if found and above and not bullet:
            line.soft = goes_on(above.rstrip(), content, longest, is_wrapped)
        elif found and not bullet:
            # A blank line in the middle of a sentence: pages of a PDF, or an e-mail with every line doubled.
            line.soft = content[0].islower() and not ends_sentence(found[-1].text) and len(found[-1].text) > 30
        found.append(line)
        above = row
    return found


def goes_on(above, content, longest, is_wrapped):
    if re.match(r"[a-z£($\d]", content) and not ends_sentence(above):
        return True
    first_word = content.split()[0]
    has_room = len(above) + 1 + len(first_word) <= longest
    return not has_room and longest in WRAP_WIDTHS and (is_wrapped or not ends_sentence(above))


def ends_sentence(text):
    return SENTENCE_END.search(text.rstrip()[-LONGEST_WORD:]) is not None


def merge_soft(lines, keep=lambda line: False):
    """The lines, each that goes on in the next joined to it; those of which `keep` is true stay apart."""
    merged = []
    for line in lines:
        if merged and line.soft and line.para.mark is None and not keep(line):
            merged[-1] = join_lines(merged[-1], line)
        else:
            merged.append(line)
    return merged


def join_lines(line, following):
    text, doubts = line.text, [*line.doubts, *following.doubts]
    first, _, rest = following.text.partition(" ")
    divided = WORD_AND_HYPHEN.search(text, max(len(text) - LONGEST_WORD, 0))
    if divided and first[:1].islower():
        keep = divided[1].lower() in WITH_HYPHEN
        whole = f"{divided[1]}{'-' if keep else ''}{first}"
        text = f"{text[: divided.start()]}{whole}{' ' if rest else ''}{rest}"
        doubts.append(f"“{divided[1]}-” and “{first}” are on two lines; they were read as “{whole}”.")
    else:
        text = f"{text} {following.text}"
    tabbed = f"{line.para.tabbed.split(line.text)[0]}{text}" if line.text in line.para.tabbed else text
    return replace(line, para=replace(line.para, text=text, tabbed=tabbed), doubts=doubts)
