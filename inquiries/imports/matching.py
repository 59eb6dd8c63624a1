"""Which recorded recommendation a number or a wording in a document means; the recorded ones are (reference, text)."""

import re
from difflib import SequenceMatcher
from functools import lru_cache

from inquiries import rules
from inquiries.imports.references import covers
from inquiries.text import fold_text

ALIKE, NEARLY, UNLIKE = 0.9, 0.75, 0.5  # how many of their words two wordings share


def with_number(reference, recommendations):
    """The recorded references that a number of the document means: 1 all of 1a and 1b, R3 also 3."""
    key = plain_key(reference)
    found = [recorded for recorded, _ in recommendations if plain_key(recorded) == key]
    found = found or [recorded for recorded, _ in recommendations if covers(reference, recorded)]
    return found or [recorded for recorded, _ in recommendations if covers(recorded, reference)]


def plain_key(reference):
    return rules.natural_key(reference).removeprefix("r.").removeprefix("rec.")


def best_match(text, recommendations):
    """The recorded reference whose wording is most like the text, and how like it is, from 0 to 1."""
    if not text.strip():
        return "", 0.0
    alike = [(likeness(text, recorded), reference) for reference, recorded in recommendations]
    share, reference = max(alike, key=lambda one: one[0], default=(0.0, ""))
    return reference, share


def own_likeness(text, references, recommendations):
    return max(
        (likeness(text, recorded) for reference, recorded in recommendations if reference in references), default=0
    )


def likeness(one, other):
    """The share of words that two wordings have in common, in their order; 1 where one holds the other."""
    first, second = words_of(one), words_of(other)
    shorter = min(len(first), len(second))
    if not shorter or len(set(first) & set(second)) < UNLIKE * len(set(min(first, second, key=len))):
        return 0.0
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if shorter > 5 and matcher.find_longest_match().size >= ALIKE * shorter:
        return 1.0
    return matcher.ratio()


def is_shortened(text, references, recommendations):
    """Whether all words of the text come in the wording of one of these, in that order; "review" is "reviews", too."""
    words = words_of(text)
    return len(words) > 2 and any(
        holds_in_order(words_of(recorded), words) for reference, recorded in recommendations if reference in references
    )


def holds_in_order(words, shorter):
    rest = iter(words)
    return all(any(is_same_word(one, other) for other in rest) for one in shorter)


def is_same_word(one, other):
    return one == other or (min(len(one), len(other)) > 3 and (one.startswith(other) or other.startswith(one)))


@lru_cache(2_000)
def words_of(text):
    return re.findall(r"\w+", fold_text(text))
