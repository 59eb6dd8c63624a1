"""The blocks of an officer report as a person types them in a text box, and read from there.

It is Markdown with these marks alone; everything else, HTML among it, is text:

- a blank line parts paragraphs, and a line break stays one
- `**bold**`, `*italic*`, `[words](https://address)`; web addresses become links by themselves
- `## Sub-heading`
- `- item`, `1. item`; two or three blanks before the mark make a list in the list
- `| a | b |`, line under line, is a table, the first line its header row; a line `Table: words` above it is its
  caption; `↵` in a cell begins a new line
- `[^1]` refers to a footnote, and a line `[^1]: words` has its text
- `![what the picture shows](name.png "caption")` places a picture of this report
- a backslash before a mark makes it text
"""

import re
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_inline.state_inline import Delimiter

from inquiries.documents.officer_report import (
    DEEPEST_LIST,
    NestedItem,
    NestedList,
    PictureBlock,
    SubHeading,
    TableBlock,
)
from inquiries.documents.rich_text import ADDRESS, Paragraph, Run, without_surroundings
from inquiries.documents.rich_text import runs as runs_with_links
from inquiries.documents.safe_text import without_controls

PICTURE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
MOST_COLUMNS = 8  # more cannot be read on a page
NEW_LINE = "↵"  # in a cell
CAPTION = "Table: "
SCHEMES = ("http://", "https://", "mailto:")
MARKS = re.compile(r"([\\*\[\]!])")

LABEL = r"[\w-]{1,20}"
REFERENCE = re.compile(rf"\[\^({LABEL})\]")
FOOTNOTE = re.compile(rf"^\[\^({LABEL})\]:[ ]*(.*)$")
PICTURE = re.compile(
    r"!\[((?:\\.|[^\[\]\\\n]){0,2000})\]\(\s*([^\s()\"]{1,200})\s*(?:\"((?:\\.|[^\"\\\n]){0,2000})\")?\s*\)"
)
# The signs that Word pastes for bullets.
BULLET_SIGN = re.compile(r"^(\s*)[•–·‣◦○●▪■□➢✓❖§\uf0a7\uf0b7\uf0d8\uf0fc][ \t]+(?=\S)")
INDENTATION = re.compile(r"^([ \t]*)(o\t)?", re.MULTILINE)  # with Word's sign of a bullet in a list
ESCAPED_SIGN = re.compile(r"^\s*\\(?=[•–·‣◦○●▪■□➢✓❖§])")
LONG_NUMBER = re.compile(r"^(\s*\d{4,})(?=[.)]\s)")  # a year, not the number of an item
ITEM = re.compile(r"^ *([-+*]|\d{1,3}[.)]) +(?=\S)")
CELL_BORDER = re.compile(r"(?<!\\)\|")
DELIMITER_ROW = re.compile(r"^\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?$")
LINE_MARK = re.compile(r"^(?=(?:[-+]|#{1,6}|[•–·‣◦○●▪■□➢✓❖§])(?: |$)|\||!\[)", re.MULTILINE)
NUMBER_MARK = re.compile(r"^(\d{1,3})(?=[.)](?: |$))", re.MULTILINE)


def read_text(state, silent):
    """A web address as a link, or else the text up to the next mark or address."""
    at = state.pos
    found = ADDRESS.match(state.src, at) if not state.linkLevel else None
    if found:
        address = without_surroundings(found.group().partition("](")[0])
        if not silent:
            href = address if address.lower().startswith("http") else f"https://{address}"
            state.push("link_open", "a", 1).attrs = {"href": href}
            state.push("text", "", 0).content = address
            state.push("link_close", "a", -1)
        state.pos += len(address)
        return True
    mark = TEXT_END.search(state.src, at)
    end = min(mark.start() if mark else state.posMax, state.posMax)
    link = ADDRESS_START.search(state.src, at + 1, end)
    state.pos = link.start() if link else end
    if not silent:
        state.append_pending(state.src[at : state.pos])
    return state.pos > at


TEXT_END = re.compile(r"[\n!*\[\]\\]")
ADDRESS_START = re.compile(r"\b(?:https?://|www\.)", re.IGNORECASE)


def read_emphasis(state, silent):
    """As Markdown has it, but that a mark opens wherever a word follows and closes wherever one went before."""
    if silent or state.src[state.pos] != "*":
        return False
    start, end = state.pos, state.pos
    while end < state.posMax and state.src[end] == "*":
        end += 1
    before = state.src[start - 1] if start else " "
    after = state.src[end] if end < state.posMax else " "
    for _ in range(start, end):
        state.push("text", "", 0).content = "*"
        opens, closes = not after.isspace(), not before.isspace()
        state.delimiters.append(Delimiter(ord("*"), 3, len(state.tokens) - 1, -1, opens, closes))
    state.pos = end
    return True


def read_reference(state, silent):
    found = REFERENCE.match(state.src, state.pos)
    if not found or found[1] not in state.env["footnotes"]:
        return False
    if not silent:
        state.push("footnote", "", 0).content = found[1]
    state.pos = found.end()
    return True


def read_picture(state, silent):
    found = PICTURE.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        alternative, name, caption = (MARKED.sub(r"\1", part or "") for part in found.groups())
        state.push("picture", "", 0).meta = {"name": name, "alternative": alternative, "caption": caption}
    state.pos = found.end()
    return True


MARKED = re.compile(r"\\(.)")


def make_parser():
    parser = MarkdownIt("zero").enable(["heading", "list", "table", "newline", "escape", "link", "balance_pairs"])
    inline = parser.inline.ruler
    inline.at("text", read_text)
    inline.at("emphasis", read_emphasis)
    inline.enable("emphasis")
    parser.inline.ruler2.enable("emphasis")
    inline.before("link", "reference", read_reference)
    inline.before("link", "picture", read_picture)
    parser.validateLink = lambda address: address.lower().startswith(SCHEMES)
    parser.normalizeLink = safe_address
    return parser


def safe_address(address):
    return quote(address, safe="%/:?#[]@!$&'()*+,;=~-._")


PARSER = make_parser()


@dataclass(frozen=True)
class ReadMarkup:
    """`faults` are sentences for the person who typed the text: what of it is not as they will have meant it."""

    blocks: tuple
    faults: tuple[str, ...]


def read_markup(text, pictures=None):
    """The ReadMarkup of a text. `pictures` are the names of those that the report has, None where that is unknown."""
    return MarkupReader(pictures).read(text)


class MarkupReader:
    def __init__(self, pictures):
        self.pictures = pictures
        self.faults, self.aside, self.used = [], [], set()
        self.env = {"footnotes": {}}

    def read(self, text):
        text = INDENTATION.sub(lambda found: found[1].expandtabs(4) + ("- " if found[2] else ""), text)
        lines, notes = split_footnotes(without_controls(text).split("\n"))
        self.env["footnotes"] = dict.fromkeys(notes, "")
        tokens = PARSER.parse("\n".join(prepare_lines(lines)), self.env)
        self.notes = {}
        for label, words in notes.items():
            (inline,) = PARSER.parseInline(words, {"footnotes": {}})
            self.notes[label] = self.runs(inline)
            if not self.notes[label]:
                self.faults.append(f"Footnote {label} is empty.")
        found = with_captions(self.blocks(tokens))
        for label in re.findall(rf"(?<!\\){REFERENCE.pattern}", "\n".join(lines)):
            if label not in notes:
                self.faults.append(f"There is no footnote {label}: give its text on a line that begins “[^{label}]: ”.")
        for label in notes:
            if label not in self.used:
                self.faults.append(f"Nothing refers to footnote {label}: write [^{label}] where it belongs.")
        return ReadMarkup(tuple(found), tuple(dict.fromkeys(self.faults)))

    def blocks(self, tokens):
        found, at = [], 0
        while at < len(tokens):
            end = closing_of(tokens, at)
            kind, inner = tokens[at].type, tokens[at + 1 : end]
            if kind == "paragraph_open":
                found += self.paragraph(inner[0])
            elif kind == "heading_open":
                if words := normal_runs(self.runs(inner[0])):
                    found.append(SubHeading(words))
            elif kind in ("bullet_list_open", "ordered_list_open"):
                found.append(self.list(tokens[at], inner, 1))
            elif kind == "table_open":
                found.append(self.table(inner))
            found += self.aside
            self.aside = []
            at = end + 1
        return found

    def paragraph(self, inline):
        parts, found = [[]], []
        for one in self.pieces(inline):
            if isinstance(one, PictureBlock):
                parts += [one, []]
            else:
                parts[-1].append(one)
        for part in parts:
            if isinstance(part, PictureBlock):
                found.append(part)
            elif words := normal_runs(part):
                is_caption = not found and inline.content.startswith(CAPTION)
                found.append(CaptionLine(words) if is_caption else Paragraph(words))
        return found

    def runs(self, inline):
        """Of what may not hold a picture: it is put after it."""
        pieces = self.pieces(inline)
        aside = [one for one in pieces if isinstance(one, PictureBlock)]
        for picture in aside:
            self.faults.append(f"The picture {picture.name} comes after the list, table or heading that it was in.")
        self.aside += aside
        return normal_runs([one for one in pieces if isinstance(one, Run)])

    def pieces(self, inline):
        found, bold, italic, href = [], 0, 0, ""
        for token in inline.children or ():
            if token.type in ("strong_open", "strong_close"):
                bold += token.nesting
            elif token.type in ("em_open", "em_close"):
                italic += token.nesting
            elif token.type in ("link_open", "link_close"):
                href = token.attrs.get("href", "")
            elif token.type == "footnote":
                self.used.add(token.content)
                if note := self.notes[token.content]:
                    found.append(Run("", footnote=note))
            elif token.type == "picture":
                found.append(self.picture(**token.meta))
            else:
                text = "\n" if token.type in ("softbreak", "hardbreak") else token.content
                found.append(Run(text, href, bold > 0, italic > 0))
        return found

    def picture(self, name, alternative, caption):
        known = PICTURE_NAME.fullmatch(name) and (self.pictures is None or name in self.pictures)
        if not known:
            self.faults.append(f"There is no picture {name}: add it to the report, or take it out of the text.")
        elif not alternative.strip():
            self.faults.append(f"Say in words what the picture {name} shows, for people who cannot see it.")
        return PictureBlock(name, " ".join(alternative.split()), " ".join(caption.split()))

    def list(self, opening, tokens, depth):
        ordered = opening.type == "ordered_list_open"
        items, at = [], 0
        while at < len(tokens):
            end = closing_of(tokens, at)
            items += self.item(tokens[at + 1 : end], depth)
            at = end + 1
        start = int(opening.attrs.get("start", 1)) if ordered else 1
        return NestedList(ordered, start, tuple(items))

    def item(self, tokens, depth):
        words, inner, at = [], None, 0
        while at < len(tokens):
            end = closing_of(tokens, at)
            if tokens[at].type in ("bullet_list_open", "ordered_list_open"):
                below = self.list(tokens[at], tokens[at + 1 : end], depth + 1)
                inner = below if inner is None else replace(inner, items=inner.items + below.items)
            elif tokens[at + 1].type == "inline":
                words += [Run("\n"), *self.runs(tokens[at + 1])]
            at = end + 1
        one = NestedItem(normal_runs(words), inner)
        if inner is None or depth < DEEPEST_LIST:
            return [one]
        self.faults.append(f"A list in a list goes {DEEPEST_LIST} deep at most: what was deeper is in the same list.")
        return [replace(one, inner=None), *inner.items]

    def table(self, tokens):
        rows, width = [], 0
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                token.children = broken_lines(token.children)
                rows[-1].append(self.runs(token))
        width = len(rows[0])
        if width > MOST_COLUMNS:
            self.faults.append(f"A table has {width} columns. More than {MOST_COLUMNS} cannot be read on a page.")
        if not all(rows[0]):
            self.faults.append("A column of a table has no heading: write one into its first line.")
        if len(rows) == 1:
            self.faults.append("A table has a header row, and no rows below it.")
        header, *rest = (tuple(row) for row in rows)
        return TableBlock(header, tuple(rest))


@dataclass(frozen=True)
class CaptionLine:
    """A paragraph that is the caption of the table after it, or else a paragraph."""

    runs: tuple[Run, ...]


def with_captions(found):
    made = []
    for one in found:
        before = made[-1] if made else None
        if isinstance(one, TableBlock) and isinstance(before, CaptionLine):
            words = "".join(run.text for run in before.runs).removeprefix(CAPTION)
            made[-1] = replace(one, caption=" ".join(words.split()))
        else:
            made.append(one)
    return [Paragraph(one.runs) if isinstance(one, CaptionLine) else one for one in made]


def closing_of(tokens, at):
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].nesting
        if depth == 0:
            return place
    return len(tokens)


def broken_lines(children):
    found = []
    for token in children:
        if token.type == "text" and NEW_LINE in token.content:
            token.content = token.content.replace(NEW_LINE, "\n")
        found.append(token)
    return found


def split_footnotes(lines):
    """The lines without those of footnotes, and the texts of the footnotes by their labels."""
    others, notes, label = [], {}, None
    for line in lines:
        found = FOOTNOTE.match(line.strip())
        if found:
            label = found[1]
            notes[label] = f"{notes[label]} {found[2]}" if label in notes else found[2]
        elif label and line.startswith("  ") and line.strip():
            notes[label] += f" {line.strip()}"
        else:
            label = None
            others.append(line)
    return others, notes


def prepare_lines(lines):
    """The lines as the parser wants them: bullets pasted from Word, tables without a line of dashes, and the like."""
    found, rows, open_items = [], [], []  # (indentation as typed, where the words begin)
    for line in [*lines, ""]:
        if line.lstrip().startswith("|"):
            rows.append(line.strip())
            continue
        if rows:
            found += ["", *table_lines(rows), ""]
            rows, open_items = [], []
        line = BULLET_SIGN.sub(r"\1- ", line)
        line = ESCAPED_SIGN.sub("", line) if ESCAPED_SIGN.match(line) else LONG_NUMBER.sub(r"\1\\", line)
        item, words = ITEM.match(line), line.strip()
        indentation = len(line) - len(line.lstrip())
        if item:
            if not open_items:
                found.append("")
            while open_items and indentation <= open_items[-1][0] + 1:
                open_items.pop()
            at = open_items[-1][1] if open_items else 0
            open_items.append((indentation, at + len(item[1]) + 1))
            line = f"{' ' * at}{item[1]} {ESCAPED_SIGN.sub('', line[item.end() :])}"
        elif words and open_items and indentation:
            line = " " * open_items[-1][1] + words
        elif words and found and not found[-1].strip():
            open_items = []
        found.append(line)
    return found


def table_lines(rows):
    cells = [split_row(row) for row in rows if not DELIMITER_ROW.match(row) or row is rows[0]]
    width = max(map(len, cells))
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in cells]
    return [lines[0], f"|{'---|' * width}", *lines[1:]]


def split_row(row):
    row = row.removeprefix("|")
    if CELL_BORDER.search(row[-2:]):
        row = row[:-1]
    return [cell.strip() for cell in CELL_BORDER.split(row)]


def normal_runs(runs):
    """The same words with single blanks, none at either end of a line or of what is bold, italic or a link."""
    signs = []  # (character or footnote, looks)
    for run in runs:
        looks = (run.href, run.bold, run.italic)
        signs += [("", ("", False, False), run.footnote)] if run.footnote else [(sign, looks, ()) for sign in run.text]
    tidied = []
    for sign, looks, note in signs:
        if sign.isspace():
            sign, looks = ("\n" if sign == "\n" else " "), looks
            if not tidied or tidied[-1][0] == "\n":
                continue
            if tidied[-1][0] == " ":
                if sign == "\n":
                    tidied[-1] = (sign, looks, note)
                continue
        tidied.append((sign, looks, note))
    while tidied and tidied[-1][0] in (" ", "\n") and not tidied[-1][2]:
        tidied.pop()
    for at, (sign, looks, note) in enumerate(tidied):
        if sign in (" ", "\n") and not note:
            before, after = tidied[at - 1][1], tidied[at + 1][1]
            href = before[0] if before[0] == after[0] == looks[0] and sign == " " else ""
            tidied[at] = (sign, (href, before[1] and after[1] and looks[1], before[2] and after[2] and looks[2]), note)
    made = []
    for (looks, note, _), group in groupby(enumerate(tidied), key=lambda one: (*one[1][1:], one[1][2] and one[0])):
        text = "".join(sign for _, (sign, _, _) in group)
        if note:
            made.append(Run("", footnote=note))
        elif looks[0]:
            made.append(Run(text, *looks))
        else:
            made += [replace(run, bold=looks[1], italic=looks[2]) for run in runs_with_links(text)]
    return tuple(made)


def write_markup(blocks):
    """The text of which `read_markup` makes these blocks.

    Where marks cannot say how a word looks (half of it bold, and a part of that italic), it becomes plain; the words
    themselves are always there.
    """
    return MarkupWriter().write(blocks)


# How a text is written: the first way that is read back as it was. The last two leave looks out.
LIGHT, ESCAPED, BOLD_ALONE, PLAIN = range(4)


class MarkupWriter:
    def __init__(self):
        self.notes = []  # their texts; while a block is written, its notes are in `own`
        self.own = []
        self.alternate = False

    def write(self, blocks):
        texts, before = [], None
        for block in blocks:
            # Two lists one after the other are two by their marks.
            is_next = isinstance(block, NestedList) and isinstance(before, NestedList)
            self.alternate = is_next and before.ordered == block.ordered and not self.alternate
            texts.append(self.block(block))
            before = block
        notes = "\n".join(f"[^{number}]: {text}" for number, text in enumerate(self.notes, start=1))
        return "\n\n".join([*texts, *([notes] if notes else [])])

    def block(self, block):
        for how in (LIGHT, ESCAPED, BOLD_ALONE, PLAIN):
            self.own = []
            text = self.text(block, how)
            notes = [self.line(note, how) for note in self.own]
            lines = [f"[^{number}]: {note}" for number, note in enumerate(notes, start=len(self.notes) + 1)]
            if read_markup("\n".join([text, "", *lines])).blocks == (block,):
                break
        self.notes += notes
        return text

    def text(self, block, how):
        if isinstance(block, SubHeading):
            return f"## {self.line(block.heading, how)}"
        if isinstance(block, NestedList):
            return "\n".join(self.list_lines(block, how))
        if isinstance(block, TableBlock):
            caption = escaped(block.caption, how, after_note=False)
            lines = [f"| {' | '.join(self.cell(cell, how) for cell in row)} |" for row in (block.header, *block.rows)]
            return "\n".join([CAPTION + caption, *lines] if caption else lines)
        if isinstance(block, PictureBlock):
            alternative = re.sub(r"([\\\[\]])", r"\\\1", block.alternative)
            caption = re.sub(r'([\\"])', r"\\\1", block.caption)
            return f"![{alternative}]({block.name}" + (f' "{caption}")' if caption else ")")
        text = self.lines(block.runs, how)
        return text.replace(":", "\\:", 1) if text.startswith(CAPTION) else text

    def list_lines(self, block, how):
        found = []
        for number, item in enumerate(block.items, start=block.start):
            mark = f"{number}{')' if self.alternate else '.'} " if block.ordered else "+ " if self.alternate else "- "
            inner = self.list_lines(item.inner, how) if item.inner else []
            lines = self.lines(item.runs, how).split("\n") + inner
            found += [mark + lines[0], *(" " * len(mark) + line for line in lines[1:])]
        return found

    def cell(self, runs, how):
        return self.inline(runs, how).replace("|", "\\|").replace("\n", f" {NEW_LINE} ")

    def line(self, runs, how):
        """Behind the mark of a heading or a footnote, where a sign at the beginning is no bullet."""
        return ESCAPED_SIGN.sub("", with_line_marks(self.inline(runs, how).replace("\n", " ")))

    def lines(self, runs, how):
        return with_line_marks(self.inline(runs, how))

    def inline(self, runs, how):
        text, open_marks = "", []
        shown = [simplified(run, how) for run in runs]
        for at, run in enumerate(shown):
            wanted = {mark for mark, has in (("**", run.bold), ("*", run.italic)) if has}
            while not wanted.issuperset(open_marks):
                text += open_marks.pop()
            # What ends later is opened first.
            for mark in sorted(wanted.difference(open_marks), key=lambda mark: -stretch(shown[at:], mark)):
                open_marks.append(mark)
                text += mark
            if run.footnote:
                self.own.append(run.footnote)
                text += f"[^{len(self.notes) + len(self.own)}]"
                continue
            before = shown[at - 1] if at else None
            words = escaped(run.text, how, after_note=before is not None and bool(before.footnote))
            if not run.href:
                text += words
            elif how == LIGHT and run.href in (run.text, f"https://{run.text}"):
                text += run.text
            else:
                opens = before is None or before.href != run.href
                closes = at + 1 == len(shown) or shown[at + 1].href != run.href
                text += f"{'[' if opens else ''}{words}{f'](<{safe_address(run.href)}>)' if closes else ''}"
        return text + "".join(reversed(open_marks))


def with_line_marks(text):
    return NUMBER_MARK.sub(r"\1\\", LINE_MARK.sub(r"\\", text))


def simplified(run, how):
    if how < BOLD_ALONE or run.footnote:
        return run
    return replace(run, italic=False, bold=run.bold and how == BOLD_ALONE)


def stretch(runs, mark):
    return sum(1 for _ in takewhile(lambda run: run.bold if mark == "**" else run.italic, runs))


def escaped(text, how, *, after_note):
    text = MARKS.sub(r"\\\1", text) if how != LIGHT else re.sub(r"(\\|\*(?! )|(?<! )\*|\[(?=\^))", r"\\\1", text)
    return f"\\{text}" if after_note and text.startswith(":") else text
