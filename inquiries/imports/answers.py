"""The one place where the text of a cell or a line becomes a decision, date, view, rating, signature or name.

Every function returns its value with a doubt (or doubts), a sentence for the clerk, where it is not certain.
"""

import re
import unicodedata
from datetime import date

from inquiries.choices import RATING_GUIDANCE, Decision, OfficerView, Rating
from inquiries.dates import find_date
from inquiries.documents.content import EVIDENCE, OFFICER_VIEW, TARGET_DATE
from inquiries.documents.rich_text import ADDRESS, TRAILING
from inquiries.imports import VOCABULARY
from inquiries.imports.references import short

DECISIONS = [(Decision(value), words) for value, words in VOCABULARY["decisions"]]
DECISION_STARTS = [
    (decision, re.compile(rf"(?:{words})(?P<end>\s*(?:[.:;,–—]|-\s|\n|$))\s*", re.IGNORECASE))
    for decision, words in DECISIONS
]
DECISION_WORDS = [(decision, re.compile(rf"(?:{words})\b", re.IGNORECASE)) for decision, words in DECISIONS]

SIGNS = {
    Rating.IMPLEMENTED: "✓✔☑√✅🗸",
    Rating.ON_TRACK: "*★☆⭐✱✶∗",
    Rating.CONCERNS: "!⚠❗",
    Rating.NOT_DELIVERED: "✗✘×✕✖❌☒",
}
SIGN_OF = {sign: rating for rating, signs in SIGNS.items() for sign in signs}
RATING_STARTS = [
    (Rating(value), re.compile(rf"(?:{words})(?=\s*(?:[.:;,–—]|-\s|\n|$))\s*[.:;,–—-]?\s*", re.IGNORECASE))
    for value, words in VOCABULARY["ratings"]
]
COLOURS = {
    "green": None,
    "blue": None,
    "amber": Rating.CONCERNS,
    "yellow": Rating.CONCERNS,
    "red": Rating.NOT_DELIVERED,
}
UNSIGNED = re.compile(r"not yet signed|\[.*\]|to be confirmed|\bt\.?b\.?[ca]\b|sign-?off required", re.IGNORECASE)
LONGEST_TITLE = 200
NOTHING = {"", "-", "–", "—", "n/a", "na", "tbc", "tba", "tbd", "to be assessed", "to be confirmed", "not yet assessed"}
EXEMPT = re.compile(r"(?P<kept>Not for publication): Schedule 12A paragraph (?P<paragraph>[1-7])\b", re.IGNORECASE)
EXEMPT_NOTE = re.compile(
    r"Part of this update is exempt from publication: Schedule 12A paragraph (?P<paragraph>[1-7])\b"
)
VIEW = re.compile(
    rf"{OFFICER_VIEW.replace(chr(39), '[’' + chr(39) + ']')}(?: of progress)?\s*:\s*(?P<view>.*)", re.IGNORECASE
)
TARGET = re.compile(rf"(?:{TARGET_DATE}|target|deadline|by when|due(?: date)?)\s*:\s*(?P<date>.+)", re.IGNORECASE)
# Names in brackets at the end of an update: who wrote it, told apart from every other use of brackets.
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
LONGEST_BRACKET = 400


def read_decision(text, *, column="", accepted=False):
    """What a response says of its recommendation, as (Decision value or None, the rest of the text, doubt).

    `column` is the cell of a column of its own for the decision, where the table has one. `accepted` says that the
    table's own title calls its recommendations accepted: a sentence that only begins like another decision
    ("In part of the county ...") does not change that.
    """
    if column.strip():
        return decision_of_column(column, text)
    for decision, pattern in DECISION_STARTS:
        match = pattern.match(text)
        if match:
            # "Agreed" is Cabinet's own word and stays; so does "Not agreed, subject to ...", which is one sentence.
            whole = decision == Decision.ACCEPTED or match["end"].strip() == ","
            return str(decision.value), text if whole else text[match.end() :].strip(), ""
    for decision, pattern in DECISION_WORDS:
        if pattern.match(text):
            read = Decision.ACCEPTED if accepted else decision
            title = ", because the column's title says so" if accepted and decision != Decision.ACCEPTED else ""
            doubt = f"The response begins “{short(text, 40)}”, read as {read.label.lower()}{title}."
            return str(read.value), text, doubt
    return None, text, ""


def decision_of_column(column, text):
    words = column.strip()
    for decision, short_answers in VOCABULARY["short_answers"].items():
        if words.lower().strip(". ") in short_answers:
            return decision, text, ""
    for decision, pattern in DECISION_WORDS:
        match = pattern.match(words)
        if match:
            rest = words[match.end() :].strip(" .:;,–—-\n")
            doubt = f"“{short(words)}” in the column of decisions was read as {decision.label.lower()}." if rest else ""
            return str(decision.value), text, doubt
    return None, text, f"“{short(words)}” in the column of decisions was not understood."


def split_off_target_date(text):
    """A last line "Target date: 31 March 2027" taken off a text, as (date or None, text, doubt)."""
    head, _, last = text.rpartition("\n")
    match = TARGET.fullmatch(last.strip())
    if match is None:
        return None, text, ""
    day, doubt = read_target_date(match["date"])
    if day is None:
        return None, text, doubt.replace("and was left out", "and stays in the response")
    return day, head.strip(), doubt


def read_target_date(text):
    """A target date as (date or None, doubt). A month alone means its last day, with a doubt."""
    if text.strip().lower() in NOTHING:
        return None, ""
    found = find_date(text)
    if found is None:
        return None, f"The target date “{short(text)}” is not a date that could be read, and was left out."
    if found.precision == "month":
        month = date(found.day.year + found.day.month // 12, found.day.month % 12 + 1, 1)
        last = date.fromordinal(month.toordinal() - 1)
        return last, f"The target date “{short(text)}” was read as {last.day} {last:%B %Y}."
    left = found.rest.strip(" .,;:()\n")
    if left:
        return found.day, f"The target date “{short(text)}” was read as {found.day.day} {found.day:%B %Y}."
    return found.day, found.doubt


def read_rating(text, *, picture=False, colour=""):
    """The committee's cell as (Rating value or None, comment, doubt)."""
    first, _, rest = text.partition("\n")
    rest = rest.strip()
    if text.strip().lower().rstrip(".") in NOTHING:
        return None, "", doubt_without_text(picture, colour)
    if first.strip().lower().rstrip(".") in NOTHING:
        return None, rest, ""
    # "!" and "*" are rating signs only where the cell begins with them: people write them in sentences.
    opening = leading_signs(first)
    signs = {SIGN_OF[sign] for sign in [*opening, *first] if sign in SIGN_OF and (sign not in "!*" or sign in opening)}
    if first[:1] in SIGN_OF and len(signs) == 1:
        rating = SIGN_OF[first[0]]
        words = first.lstrip("".join(SIGN_OF) + "\ufe0f ").strip()
        named, left = named_rating(words)
        if named is not None and named != rating:
            return None, text, f"“{short(first)}” gives two ratings; none was taken."
        return int(rating), join_paragraphs(left if named is not None else words, rest), ""
    if len(signs) > 1:
        return None, text, f"“{short(first)}” gives several ratings; none was taken."
    named, left = named_rating(first)
    if named is not None:
        return int(named), join_paragraphs(left, rest), ""
    plain = re.sub(r"[^a-z ]", "", first.lower()).strip()
    if plain in VOCABULARY["nearly"]:
        rating = Rating(VOCABULARY["nearly"][plain])
        return int(rating), rest, f"“{short(first)}” was read as the committee's rating “{rating.label}”."
    for name, rating in COLOURS.items():
        if plain == name or plain == f"rag {name}" or plain == f"{name} rag":
            if rating is None:
                return None, rest, f"The cell says only “{short(first)}”, a colour that is none of the four ratings."
            return int(rating), rest, f"The colour “{short(first)}” was read as the rating “{rating.label}”."
    return None, text, f"“{short(first)}” is none of the four ratings; it was kept as the committee's comment."


def doubt_without_text(picture, colour):
    if picture:
        return "The rating is a picture, which could not be read."
    return f"The cell has no text, only the colour {colour}; no rating was taken." if colour else ""


def leading_signs(text):
    return [sign for sign in text[: len(text) - len(text.lstrip("".join(SIGN_OF)))] if sign in SIGN_OF]


def named_rating(text):
    for rating, sentence in RATING_GUIDANCE.items():
        if text.lower().rstrip(". ").startswith(sentence.lower().rstrip(". ")):
            return rating, text[len(sentence) :].strip(" .")
    for rating, pattern in RATING_STARTS:
        match = pattern.match(text)
        if match:
            return rating, text[match.end() :]
    return None, text


def join_paragraphs(one, other):
    return "\n\n".join(part for part in (one.strip(), other.strip()) if part)


def read_view(text):
    plain = " ".join(text.lower().strip(" .").split())
    if plain in NOTHING:
        return "", ""
    for view in OfficerView:
        if plain in (view.label.lower(), view.value):
            return str(view.value), ""
    return "", f"“{short(text)}” as the lead officer's view is not one that is known; it was left out."


def read_signatures(text):
    names = [name for name in names_of(text) if not UNSIGNED.search(name)]
    return names, [f"“{short(name)}” was read as a Cabinet Member." for name in names if not is_person(name)]


def evidence_of(line):
    line = re.sub(r"^(?:[-*•–]|\d{1,3}[.)])\s+", "", line.strip())
    addresses = list(ADDRESS.finditer(line))
    if not addresses:
        return line, ""
    address = addresses[-1].group().rstrip(TRAILING)
    title = (line[: addresses[-1].start()] + line[addresses[-1].start() + len(address) :]).strip(" .:()–-")
    return title, address


def evidence_in(para):
    """A paragraph (a text.Para) as (title, web address), or None where no link could be made of it.

    An address without words beside it is its own title.
    """
    title, address = evidence_of(para.text)
    if len(para.links) == 1:
        shown, address = para.links[0]
        is_address = ADDRESS.match(shown) is not None
        title = para.text.replace(shown, "").strip(" .:–-") if is_address else para.text
    if address.lower().startswith("www."):
        address = f"https://{address}"
    title = title or address
    fits = address.lower().startswith(("http://", "https://")) and len(title) <= LONGEST_TITLE
    return (title, address) if fits else None


def is_evidence(line):
    return re.fullmatch(rf"{EVIDENCE}\s*:?", line.strip(), re.IGNORECASE) is not None


def closing_bracket(text):
    """The bracket that ends the text as (text before it, words inside), or None."""
    ending = text.rstrip()
    if ending.endswith(")."):
        ending = ending[:-1]
    if not ending.endswith(")"):
        return None
    start = ending.rfind("(", max(0, len(ending) - LONGEST_BRACKET))
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
