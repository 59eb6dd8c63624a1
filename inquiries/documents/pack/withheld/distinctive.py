"""Which single words of a withheld text would give it away by themselves: unknown ones, figures, names."""

import re

from inquiries.documents.pack.withheld.wording import HYPHEN, ORDINARY, plain, tokens
from inquiries.spelling import is_word

WORD = re.compile(r"[^\W_]+(?:[.][^\W_]+)*")
YEARS = re.compile(r"(?:19|20)\d\d(?:(?:19|20)?\d\d)?")
ORDINAL = re.compile(r"\d{1,2}(?:st|nd|rd|th|am|pm)|\d{1,2}\.\d\d(?:am|pm)?|\d+(?:\.\d{1,2}){2,}", re.IGNORECASE)
ROUND = re.compile(r"\d0+")
WITH_HYPHEN = re.compile(r"\b(?=[\w-]*\d)\w+(?:-\w+)+\b")
STOP = re.compile(r"[.!?:;\n\r•–—“\"(]\s*$")
SHORTEST = 4
ABBREVIATION = 5  # letters: CAMHS, SEND
TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "cllr", "councillor", "professor", "sir", "lady", "lord"})


def distinctive(text, known):
    """The words and pairs of names in `text` that stand for it, as a dictionary from tuples of tokens to how they read.

    `known` are tokens that everybody may read anyway.
    """
    found = {}
    readable = HYPHEN.sub("-", plain(text))
    before, before_end, before_is_name = "", 0, False
    for match in WORD.finditer(readable):
        word, start = match.group(), match.start()
        (token,) = tokens(word)[:1] or ("",)
        capital = word[0].isupper() and not word.isupper()
        name = capital and word.isalpha() and not is_word(word.casefold())
        inside = start > 0 and not STOP.search(readable[max(start - 3, 0) : start])
        if _stands_out(word, token, known, name and inside):
            found[(token,)] = word
        if before and readable[before_end:start] == " ":
            titled = capital and before.casefold() in TITLES
            if (titled or (name and before_is_name)) and not {token, before.casefold()} <= known:
                found[(before.casefold(), token)] = f"{before} {word}"
        before, before_end, before_is_name = word, match.end(), name
    for word in WITH_HYPHEN.findall(readable):
        (token,) = tokens(word)[:1] or ("",)
        if _stands_out(word, token, known, named=False):
            found[(token,)] = word
    return found


def _stands_out(word, token, known, named):
    """Whether one word stands for its text: a figure, a name inside a sentence, a word that no dictionary has."""
    if len(token) < SHORTEST or token in known or token in ORDINARY:
        return False
    if any(character.isdigit() for character in token):
        common = YEARS.fullmatch(token) or ORDINAL.fullmatch(token) or ROUND.fullmatch(token)
        return not common and ("." not in token or len(token) > 5)
    if named:
        return True
    if word.isupper() and len(word) <= ABBREVIATION:
        return False
    return not (is_word(token) or is_word(token.capitalize()) or is_word(word) or _is_compound(word))


def _is_compound(word):
    """Whether an ordinary word is made of two that the dictionary has: "wellbeing". Names are: "Millbrook"."""
    return word.islower() and any(
        is_word(word[:at]) and is_word(word[at:]) for at in range(SHORTEST - 1, len(word) - SHORTEST + 2)
    )
