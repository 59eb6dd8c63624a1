"""Text that people type: one line of it made plain, and how two names or titles are compared."""

import re
import unicodedata

# Not part of a name. "The Hon" does not occur in committee papers.
FORMS_OF_ADDRESS = frozenset({"cllr", "councillor", "dr", "miss", "mr", "mrs", "ms", "prof", "professor", "rev", "sir"})
APOSTROPHES, HYPHENS = "'’‘ʼ`´", "-‐‑–"
ONE_FORM = {ord(letter): letters[0] for letters in (APOSTROPHES, HYPHENS) for letter in letters}
KEY_DIGITS = 18  # no more than a column of keys holds
FULL_WIDTH_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)}

# Letters and marks by their category, and yet nothing is seen of them.
BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def is_invisible(character):
    if character in BLANK_LETTERS:
        return True
    # The last two code points of each plane are no characters, and XML refuses them.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") or ord(character) & 0xFFFE == 0xFFFE


def single_line(text):
    """One line of text: composed (NFC), one blank between its words, without what is not seen.

    Direction marks and zero-width characters would let two names look alike, or one read as another.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = " ".join(unicodedata.normalize("NFC", text).translate(FULL_WIDTH_DIGITS).split())
    return " ".join("".join(" " if c in "\v\f" else "" if is_invisible(c) else c for c in text).split())


def whole_number(text, digits=9):
    """The number that is written in a form or an address, with at most so many digits; None for everything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def has_visible_text(text):
    return any(not is_invisible(c) and not c.isspace() for c in text)


def fold_text(text):
    """A text as it is compared with another: whatever its case, apostrophes, hyphens and blanks."""
    return " ".join(unicodedata.normalize("NFKC", single_line(text)).casefold().translate(ONE_FORM).split())


def search_words(text):
    """The words to look for, each once, and none that is found with another: "home" with "homes"."""
    words = list(dict.fromkeys(single_line(text).casefold().split()))
    return [word for word in words if not any(word in other for other in words if other != word)]


def fold_name(name):
    """As `fold_text`, whatever the form of address."""
    return " ".join(name_words(name))


def name_words(name):
    words = [word for word in re.split(r"[\s.,]+", fold_text(name)) if word]
    return [word for word in words if word not in FORMS_OF_ADDRESS] or words


def folded_pattern(text):
    """A regular expression for what `fold_text` makes of a text, as a record may spell it."""
    return r"\s+".join("".join(map(letter_pattern, word)) for word in fold_text(text).split())


def name_pattern(*names):
    """A regular expression for what `fold_name` makes of these names, as a record may spell it."""
    address = "|".join(sorted(FORMS_OF_ADDRESS))
    words = "|".join(r"[\s.,]+".join(map(folded_pattern, name_words(name))) for name in names)
    return rf"^[\s.,]*(?:(?:{address})[\s.,]+)*(?:{words})[\s.,]*$"


def letter_pattern(letter):
    return next((f"[{letters}]" for letters in (APOSTROPHES, HYPHENS) if letter in letters), re.escape(letter))
