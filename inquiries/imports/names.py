"""Names in brackets at the end of an update: who wrote it, told apart from every other use of brackets."""

import re
import unicodedata

from inquiries.imports import VOCABULARY

ROLE = re.compile(
    r"^(?:(?:lead|responsible|accountable|contact|reporting|link)\s+)?"
    r"(?:(?:officers?|author|contributors?|contact|lead|director)\s*[:–-]|(?:updated?|provided|completed|written)\s+by\b\s*:?)\s*",
    re.IGNORECASE,
)
HONORIFIC = re.compile(
    r"^(?:cllr|councillor|dr|mr|mrs|ms|miss|prof|professor|sir|dame|rev|lord|lady)\.?\s+", re.IGNORECASE
)
PARTICLES = {"de", "da", "di", "du", "del", "van", "von", "der", "den", "le", "la", "ap", "ab", "al", "el", "bin", "ní"}
NAME_WORD = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\W\d_]\.")
JOB_WORDS = re.compile(rf"\b(?:{'|'.join(VOCABULARY['names']['jobs'])})\b", re.IGNORECASE)
NOT_NAMES = frozenset(VOCABULARY["names"]["never"].split())
LONGEST = 400


def closing_bracket(text):
    """The bracket that ends the text as (text before it, words inside), or None."""
    ending = text.rstrip()
    if ending.endswith(")."):
        ending = ending[:-1]
    if not ending.endswith(")"):
        return None
    start = ending.rfind("(", max(0, len(ending) - LONGEST))
    if start < 0 or ")" in ending[start + 1 : -1]:
        return None
    return ending[:start].rstrip(), ending[start + 1 : -1].strip()


def read_contributors(text, known=frozenset()):
    """Who is named inside a bracket, as ([(name, job title)], doubt). Empty with a doubt where it may be a person.

    `known` are the names that the document gives elsewhere, in lower case.
    """
    role = ROLE.match(text)
    inside = text[role.end() :] if role else text
    people, sure = [], bool(role)
    for part in split_people(inside):
        name, _, title = (piece.strip() for piece in part.partition(","))
        if not is_person(name, known):
            return [], possible_contributor(text, role, name, title)
        sure = sure or bool(title) or name.lower() in known
        people.append((name, title))
    if not people:
        return [], ""
    shown = " and ".join(name for name, _ in people)
    return people, f"“({text})” at the end was read as the name of the contributor: {shown}." if not sure else ""


def split_people(inside):
    parts = [part.strip() for part in inside.split(";") if part.strip()]
    if len(parts) == 1:
        names = re.split(r"\s+(?:and|&)\s+|\s*/\s*", parts[0])
        if len(names) > 1 and all(is_person(name.partition(",")[0].strip()) for name in names):
            return names
        names = [name.strip() for name in parts[0].split(",")]
        if len(names) > 1 and all(is_person(name) and not JOB_WORDS.search(name) for name in names):
            return names
    return parts


def possible_contributor(text, role, name, title):
    if role or (title and JOB_WORDS.search(title) and name[:1].isupper() and len(name.split()) <= 5):
        return f"“({text})” at the end may name the contributor; it was left in the text."
    if re.fullmatch(r"[A-Z][a-zé'’-]+", name) and name.lower() not in NOT_NAMES and not title and len(name) < 12:
        return f"“({text})” at the end may name the contributor; it was left in the text."
    return ""


def is_person(name, known=frozenset()):
    name = unicodedata.normalize("NFC", name)
    if name.lower() in known:
        return True
    bare = HONORIFIC.sub("", name)
    words = bare.split()
    if not (2 <= len(words) <= 4 or (bare != name and len(words) == 1)):
        return False
    if not all(NAME_WORD.fullmatch(word) for word in words):
        return False
    if any(word.lower().strip(".") in NOT_NAMES or JOB_WORDS.fullmatch(word) for word in words):
        return False
    if all(word.isupper() and len(word) > 2 for word in words):
        return False
    return all(word[0].isupper() or word.lower() in PARTICLES for word in words) and words[-1][0].isupper()


def names_inside(text, known=frozenset()):
    """Brackets that close a paragraph, not the last, and name a person: they stay in the text."""
    found = []
    for paragraph in text.split("\n"):
        bracket = closing_bracket(paragraph)
        if bracket is not None:
            people, _ = read_contributors(bracket[1], known)
            found += [name for name, _ in people]
    return list(dict.fromkeys(found))


def names_of(text):
    """The names in "A B; C D, Head of E and F G" as a list; a job title stays with its name."""
    found = []
    for line in re.split(r"[;\n]+", text):
        after_comma = False
        for piece in re.split(r"(,|\band\b|&)", line):
            name = piece.strip(" .\t")
            if name in (",", "and", "&"):
                joint, after_comma = ", " if name == "," else f" {name} ", True
            elif name and after_comma and found and not is_person(name) and not re.search(r"\d", name):
                # The rest of a job title: "Janice Moore, Head of Roads and Travel".
                found[-1] = f"{found[-1]}{joint}{name}"
            elif name:
                found.append(name)
    return found
