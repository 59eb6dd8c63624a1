"""How two versions of one text differ, word by word, and a text that holds the words of both."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

WORD = re.compile(r"\s*\S+")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `differs` where the other text does not have it."""

    text: str
    differs: bool = False


def differences(theirs, yours):
    """The two texts as two tuples of Piece, each with the words that the other lacks set apart."""
    # Blanks at the end are no word's, and looking for one behind each of them would take its time.
    old, new = WORD.findall(theirs.rstrip()), WORD.findall(yours.rstrip())
    sides = [], []
    matcher = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new])
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        for side, words in zip(sides, (old[old_from:old_to], new[new_from:new_to]), strict=True):
            if words:
                side.append(Piece("".join(words), kind != "equal"))
    return tuple(sides[0]), tuple(sides[1])


def merge_texts(theirs, yours):
    """A text with every line of the two: what they share once, then each stretch of theirs before yours."""
    old, new = theirs.splitlines(), yours.splitlines()
    lines = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        lines += old[old_from:old_to]
        if kind != "equal":
            lines += new[new_from:new_to]
    return "\n".join(lines)
