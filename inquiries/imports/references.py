"""The numbers of recommendations: "1a:", "R7", "Recommendation 3 -", "4a) i)", and what only looks like one."""

import re
from dataclasses import dataclass, field, replace

from inquiries import rules
from inquiries.imports.docx_text import NUMBER, Para, joined, tidy

ONE = (
    r"(?:R\s?)?\d{1,3}(?:\.\d{1,3}){0,3}(?:[a-z](?![a-z0-9])|\s?\([a-z]\)|\s?[a-z]\))?"
    r"(?:[\s)]{0,2}\(?[ivx]{1,5}\)|(?<=[a-z)])[).]?\s[ivx]{1,5}\.(?=\s|$))?"
)
# A council's own references: "SR (25/26) 01", "25/26 02", "HO-3".
OWN = re.compile(
    r"(?P<own>[A-Z]{1,6}[\s./-]{0,2}(?:\(?\d{2,4}/\d{2,4}\)?[\s./-]{0,2})?\d{1,4}[a-z]?|"
    r"\d{2,4}/\d{2,4}[\s./-]{1,2}\d{1,4}[a-z]?)(?P<end>\s*[:.)]+(?=\s)|\s+[–—-](?=\s)|(?=\t)|$)"
)
LEAD = re.compile(
    r"(?:\((?=\d{1,3}\)))?(?P<prefix>(?:scrutiny\s)?recommendations?\s*|rec(?:s|\b\.?|(?=\d))\s*)?(?:(?:no\.?|number)\s*)?"
    rf"(?P<numbers>{ONE}(?:\s*(?:,|&|/|\band\b|\bto\b|[-–])\s*(?:{ONE}|[a-z](?![a-z])))*)"
    r"(?P<given>\s*\(number given\))?"
    r"(?P<end>\s*[:.)\]–—-]+(?=\s|$)|(?=\s)|$)",
    re.IGNORECASE,
)
LONE = re.compile(r"\(?(?P<lone>[a-z]|[ivx]{2,5})(?P<end>[).:])(?=\s)", re.IGNORECASE)
PIECE = re.compile(
    r"(?P<base>(?:R\s?)?\d{1,3}(?:\.\d{1,3}){0,3})(?:\s?\(?(?P<letter>[a-z])(?![a-z0-9])\)?)?"
    r"(?:[\s)]{0,2}\(?(?P<roman>[ivx]{1,5})\)|(?<=[a-z)])[).]?\s(?P<dotted>[ivx]{1,5})\b\.?)?",
    re.IGNORECASE,
)
LIST_LIMIT = 60
STRONG, MEDIUM, WEAK = 3, 2, 1
OPENERS = ("that", "the", "to", "we", "cabinet", "council", "officers", "a", "an", "all")


@dataclass
class Lead:
    """The number a paragraph begins with. `strength` says how surely it is one."""

    numbers: list[str]
    rest: str
    strength: int
    lone: str = ""
    given: bool = False
    colon: bool = False
    own: bool = False  # a council's own reference


@dataclass
class Numbered:
    reference: str
    paras: list[Para] = field(default_factory=list)
    given: bool = False

    @property
    def text(self):
        return joined(self.paras)


def leading(para):
    text = para.tabbed
    if para.mark is not None:
        if para.mark.kind != NUMBER:
            return None
        text = f"{para.mark.label}\t{para.tabbed}"
    own = OWN.match(text)
    if own is not None and not re.match(r"R\s?\d", own["own"]) and rules.is_reference(own["own"]):
        return Lead([" ".join(own["own"].split())], text[own.end() :].lstrip(), WEAK, own=True)
    match = LEAD.match(text)
    if match is None:
        return lone_letter(text)
    rest = text[match.end() :]
    following = rest.lstrip()
    numbers = expand(match["numbers"])
    end = match["end"].strip()
    if not numbers or not all(rules.is_reference(number) for number in numbers):
        return None
    prefix = bool(match["prefix"])
    tabbed = rest.startswith("\t") or not following
    shaped = prefix or not all(number.isdigit() for number in numbers)
    # "Recommendation 5 of the 2019 review should ..." has no number of its own.
    runs_on = following[:1].islower() and not (prefix and following.startswith("that "))
    if not end and not tabbed and (runs_on or (not following[:1].isalpha() and not prefix)):
        return Lead(numbers, following, 0)
    if end.startswith(("-", "–", "—")) and following[:1].isdigit() and not prefix:
        return Lead(numbers, following, 0)
    strength = STRONG if shaped or ":" in end or match["given"] else MEDIUM if end or tabbed else WEAK
    return Lead(numbers, following, strength, given=bool(match["given"]), colon=":" in end)


def lone_letter(text):
    match = LONE.match(text)
    if match is None:
        return None
    return Lead([match["lone"]], text[match.end() :].lstrip(), MEDIUM, lone=match["lone"].lower())


def split(paras, *, elsewhere=frozenset(), before=""):
    """The recommendations of a cell, and the doubts about them as sentences.

    `elsewhere` are the keys of numbers that begin another row, so that a list inside this cell is not taken for
    them; `before` is the last reference of the row above.
    """
    found, doubts, refused = [], [], []
    in_list = False
    preamble = []
    for para in split_lines(paras):
        lead = leading(para)
        if not found:
            first = first_numbers(lead, before, doubts)
            if first is None:
                if lead is not None and lead.strength == 0:
                    refused.append(para)
                preamble.append(para)
                continue
            add_numbered(found, first, lead, para, doubts)
            continue
        following = following_numbers(lead, found, elsewhere, in_list, doubts) if lead else None
        if following is None:
            if lead is not None and not (para.mark and not lead.lone and lead.strength == MEDIUM and in_list):
                refused.append(para)
                in_list = True
            found[-1].paras.append(para)
            continue
        add_numbered(found, following, lead, para, doubts)
    if not found:
        found = [Numbered("", preamble)]
    elif preamble:
        found[0].paras = preamble + found[0].paras
        doubts.append(f"“{short(preamble[0].text)}” comes before the number, and was read as part of the wording.")
    plain = [one.reference for one in found if one.reference.isdigit()]
    if len(plain) > 1 and not any("before one wording" in doubt for doubt in doubts):
        shown = f"{plain[0]} and {plain[1]}" if len(plain) == 2 else f"{plain[0]} to {plain[-1]}"
        doubts.append(f"Recommendations {shown} share one cell, and were read as having one response.")
    if refused:
        text = short(refused[0].line)
        doubts.append(f"“{text}” begins with a number or letter; it was read as part of the wording above it.")
    return found, doubts


def first_numbers(lead, before, doubts):
    if lead is None or lead.strength == 0:
        return None
    if lead.lone:
        base = rules.bare_number(before) if before else ""
        if base and base[-1:].isdigit() and len(lead.lone) == 1:
            doubts.append(f"“({lead.lone})” follows {before}, and was read as {base}{lead.lone}.")
            return [f"{base}{lead.lone}"]
        return lead.numbers
    if lead.strength == WEAK and (lead.own or (lead.rest.split() or [""])[0].lower() not in OPENERS):
        doubts.append(f"“{lead.numbers[0]} {short(lead.rest, 30)}” was read as recommendation {lead.numbers[0]}.")
    return lead.numbers


def following_numbers(lead, found, elsewhere, in_list, doubts):
    last = found[-1].reference
    if lead.strength == 0 or any(rules.natural_key(number) in elsewhere for number in lead.numbers):
        return None
    if lead.lone:
        return next_part(lead.lone, last, doubts)
    new = lead.numbers[0]
    if rules.natural_key(new) <= rules.natural_key(last):
        return None
    if lead.strength == STRONG:
        return lead.numbers
    if lead.strength == MEDIUM and not in_list and last.isdigit() and int(new) == int(last) + 1 and not found[0].given:
        return lead.numbers
    return None


def next_part(lone, last, doubts):
    roman = re.fullmatch(r"(.*\d[a-z]?)\(([ivx]+)\)", last)
    if roman and re.fullmatch("[ivx]+", lone):
        return [f"{roman[1]}({lone})"]
    letter = re.fullmatch(r"(.*\d)([a-z])", last, re.IGNORECASE)
    if letter and len(lone) == 1 and ord(lone) == ord(letter[2].lower()) + 1:
        doubts.append(f"“({lone})” follows {last}, and was read as {letter[1]}{lone}.")
        return [f"{letter[1]}{lone}"]
    return None


def add_numbered(found, numbers, lead, para, doubts):
    rest = replace(para, text=tidy(lead.rest), tabbed=lead.rest, mark=None)
    for number in numbers:
        found.append(Numbered(number, [rest] if rest.text else [], lead.given))
    if len(numbers) > 1:
        shown = ", ".join(numbers)
        doubts.append(f"{shown} come before one wording; each was given the same text.")


def split_lines(paras):
    """The paragraphs, one that holds several numbered lines cut at its line breaks."""
    for para in paras:
        lines = para.tabbed.split("\n")
        pieces = [replace(para, text=" ".join(line.split()), tabbed=line.strip(" "), mark=None) for line in lines]
        pieces[0].mark = para.mark
        leads = [leading(piece) for piece in pieces[1:]]
        if any(lead is not None and lead.strength == STRONG for lead in leads):
            yield from (piece for piece in pieces if piece.text)
        else:
            yield para


def expand(text):
    """The references in "1, 2 and 3a-c" as a list, in order; empty where the text holds anything else."""
    found, rest, ranged = [], text.strip(" ."), False
    while rest:
        match = PIECE.match(rest)
        short_form = re.match(r"\(?([a-z])\)?(?![a-z0-9])", rest, re.IGNORECASE) if found else None
        if match:
            piece, rest = plain_reference(match), rest[match.end() :]
        elif short_form and (last := re.fullmatch(r"(.*\d)[a-z]", found[-1], re.IGNORECASE)):
            piece, rest = last[1] + short_form[1], rest[short_form.end() :]
        else:
            return []
        found += references_between(found[-1], piece) if ranged else []
        found.append(piece)
        if len(found) > LIST_LIMIT:
            return []
        rest = rest.lstrip()
        separator = re.match(r"(?P<range>[-–—]|to\b)|(?:[,;&/+]|and\b)+", rest, re.IGNORECASE)
        if rest and separator is None:
            return []
        if separator:
            ranged = separator["range"] is not None
            rest = re.sub(r"^(?:and\b|&|\s)+", "", rest[separator.end() :].lstrip(), flags=re.IGNORECASE)
    return list(dict.fromkeys(found))


def plain_reference(match):
    base = re.sub(r"\s", "", match["base"])
    base = "R" + base[1:] if base[0] in "rR" else base
    roman = match["roman"] or match["dotted"]
    roman = f"({roman.lower()})" if roman else ""
    return f"{base}{match['letter'] or ''}{roman}"


def references_between(one, other):
    first, second = re.fullmatch(r"(.*?)(\d+)", one), re.fullmatch(r"(.*?)(\d+)", other)
    if first and second and first[1] == second[1]:
        return [f"{first[1]}{n}" for n in range(int(first[2]) + 1, min(int(second[2]), int(first[2]) + LIST_LIMIT))]
    first, second = re.fullmatch(r"(.*\d)([a-z])", one), re.fullmatch(r"(.*\d)([a-z])", other)
    if first and second and first[1] == second[1]:
        return [f"{first[1]}{chr(n)}" for n in range(ord(first[2]) + 1, ord(second[2]))]
    return []


def covers(number, reference):
    """Whether a number in the lead officers' line means this recommendation: 1 covers 1a, 1b and 1c."""
    wanted, key = rules.natural_key(number).removeprefix("r."), rules.natural_key(reference).removeprefix("r.")
    return bool(wanted) and (key == wanted or key.startswith(f"{wanted}."))


def short(text, most=60):
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"
