"""Words that run together because a space was lost: "from themthis will"."""

import re
from functools import lru_cache

from inquiries.preflight.excerpts import excerpt
from inquiries.preflight.finding import Finding
from inquiries.spelling import is_word

# Addresses of the web and of e-mail, and file names.
ADDRESS = re.compile(r"\S*(?:://|www\.|@|\.(?:gov|org|com|net|co|uk|ac|nhs|pdf|docx?|xlsx?|html?)\b)\S*", re.IGNORECASE)
# In small letters throughout, not part of a hyphenated or quoted word: no name, no abbreviation.
WORD = re.compile(r"(?<![\w'’‘“\"@./\\#&-])[a-z]{6,}(?![\w'’”\"@/\\&-]|\.\w)")
# Words that no compound of English begins or ends with.
SMALL_WORDS = """
the and that this them they their there these those with from for have has had was were been will would could should
which who what when while than then are our your his her him she its because
"""
SMALL = frozenset(SMALL_WORDS.split())
JOINED = re.compile(
    r"\b(?:them|it|this|that|these|those|us|which)-(?:this|that|these|those|they|we|it|there|which|will)\b",
    re.IGNORECASE,
)
PLAIN_PIECE = 5
PRONOUN_ENDS = frozenset({"self", "selves"})
# Compounds for who does something, and for doing it, are made as one likes: whistleblower, benchmarking.
DOER = re.compile(r"(?:ing|ings|er|ers|person|people|parent|parents|table|tables)$")
NO_DOER = frozenset({"meeting", "meetings", "member", "members", "number", "numbers", "officer", "officers", "other"})
# What councils form compounds with that no dictionary lists: jobcentre, workstream, foodbank, webpage.
BEGINS_WORDS = """
under inter super counter multi micro cyber house school health transport street child water ground stake sheet  cross
green trans count light night young waste crowd smart heart break right world voice
"""
BEGINS = frozenset(BEGINS_WORDS.split())
ENDS_WORDS = """
centre centres stream streams holder holders house houses place places space spaces board boards worker workers  style
styles sheet sheets point points group groups power proof based related specific level levels maker makers  setting
settings owner owners leader leaders giver givers taker takers screen screens share sharing rating build  building
mapping scape scapes force forces friendly stage paper papers track works craft market scale phone  phones learning
working making raising check checks fighter fighters therapy seeker seekers going
"""
ENDS = frozenset(ENDS_WORDS.split())


def check(subject):
    """Findings about words that run together, in everything that somebody wrote."""
    for passage in subject.passages():
        if passage.kind == "title" and passage.text.isupper():
            continue
        text = ADDRESS.sub(lambda match: "@" * len(match.group()), passage.text)
        text = text.replace("\ufffe", "-").replace("\x02", "-").replace("\N{SOFT HYPHEN}", "-")
        told = set()
        for match, apart in _run_together(text):
            if match.group() not in told:
                told.add(match.group())
                yield Finding(
                    "run_together",
                    f"“{match.group()}” looks like words that run together: “{apart}”.",
                    passage.place.where,
                    passage.place.address,
                    quoted=excerpt(passage.text, *match.span()),
                )


def _run_together(text):
    for match in JOINED.finditer(text):
        yield match, match.group().replace("-", " – ")
    for match in WORD.finditer(text):
        if apart := parted(match.group()):
            yield match, apart


@lru_cache(maxsize=20_000)
def parted(word):
    """The two words that run together in `word`: "them this" for "themthis"; "" where it is one word, or a name."""
    if is_word(word) or is_word(word.capitalize()):
        return ""
    for at in range(3, len(word) - 2):
        first, second = word[:at], word[at:]
        if _may_run_together(first, second) and is_word(first) and is_word(second):
            return f"{first} {second}"
    return ""


def _may_run_together(first, second):
    if first in SMALL or second in SMALL:
        return second not in PRONOUN_ENDS
    if len(first) < PLAIN_PIECE or len(second) < PLAIN_PIECE or first in BEGINS or second in ENDS:
        return False
    return second in NO_DOER or not DOER.search(second)
