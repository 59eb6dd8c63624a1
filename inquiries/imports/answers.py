"""The one place where the text of a cell or a line becomes a decision, date, view, rating, signature or name.

Every function returns its value with a doubt (or doubts), a sentence for the clerk, where it is not certain.
"""

import re
import unicodedata
from datetime import date

from inquiries.choices import RATING_GUIDANCE, Decision, OfficerView, Rating
from inquiries.dates import find_date
from inquiries.documents.content import COMMITTEE_ASKS, EVIDENCE, FORECAST_DATE, OFFICER_VIEW, TARGET_DATE, asked_at
from inquiries.documents.rich_text import ADDRESS, TRAILING
from inquiries.imports import VOCABULARY
from inquiries.imports.references import short

MENTION = re.compile(
    "|".join(rf"\b(?P<kind{n}>{words})" for n, (_, words) in enumerate(VOCABULARY["decisions"])), re.IGNORECASE
)
STATEMENT = re.compile(
    rf"\s*{VOCABULARY['deciders']}\s+(?:(?:{VOCABULARY['between']})\s+){{0,5}}(?={MENTION.pattern})", re.IGNORECASE
)
AGREED_UPON = re.compile(rf"\s*(?:{VOCABULARY['agreed_upon']})", re.IGNORECASE)
RESERVATION = re.compile(rf"\b(?:{VOCABULARY['reservations']})\b", re.IGNORECASE)
OBJECTION = re.compile(rf"\b(?:{VOCABULARY['objections']})\b|^{VOCABULARY['no_answer']}\W*$", re.IGNORECASE)
# "Deferred until", "Rejected by Cabinet": not "Rejected ideas are out".
GOES_ON = re.compile(
    r"\s*(?:[.:;,–—\n(]|-\s|$|(?:because|as|for|on|until|to|pending|since|due|at|in|by|subject|with|and|that|only|but)\b)"
)
SENTENCE_END = re.compile(r"(?<=[.;!?])\s+|\n+")
QUALIFIERS = {Decision.IN_PART, Decision.IN_PRINCIPLE, Decision.DEFERRED}
YES_OR_NO = re.compile(r"(?:agreed?|accept(?:ed)?)(?: y n| yes no)?|(?:\w+ )?decision", re.IGNORECASE)
ACCEPTED_TITLE = re.compile(
    r"(?:the )?(?:accepted|agreed) (?:(?:scrutiny|select|committee|inquiry|review) ){0,3}recommendations?(?: \w+)?|"
    r"recommendations? (?:accepted|agreed)(?: by \w+)?",
    re.IGNORECASE,
)

SIGNS = {
    Rating.IMPLEMENTED: "✓✔☑√✅🗸",
    Rating.ON_TRACK: "*★☆⭐✱✶∗",
    Rating.CONCERNS: "!⚠❗",
    Rating.NOT_DELIVERED: "✗✘×✕✖❌☒",
}
SIGN_OF = {sign: rating for rating, signs in SIGNS.items() for sign in signs}
RATING_STARTS = [
    (Rating(value), re.compile(rf"(?:{words})(?=\s*(?:[.:;,–—(]|-\s|\n|$))\s*[.:;,–—-]?\s*", re.IGNORECASE))
    for value, words in VOCABULARY["ratings"]
]
COLOURS = {
    "green": None,
    "blue": None,
    "amber": Rating.CONCERNS,
    "yellow": Rating.CONCERNS,
    "red": Rating.NOT_DELIVERED,
}
UNSIGNED = re.compile(rf"\b(?:{VOCABULARY['unsigned']})\b|\?", re.IGNORECASE)
UNSIGNED_START = re.compile(
    rf"^\W*(?:(?:{VOCABULARY['unsigned']})\b\W*(?:(?:from|by|of|with|sign-?off)\b\W*)*)+", re.IGNORECASE
)
SIGNER_TITLE = re.compile(
    r"(?:and )?(?:(?:deputy )?(?:leader|cabinet|executive|portfolio|lead)\b.*|(?:on |\d).*\d{4}|"
    r"signed(?: off)?(?: on)?.*\d{4}|signed)$",
    re.IGNORECASE,
)
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
FORECAST = re.compile(rf"{FORECAST_DATE}\s*:\s*(?P<date>.+)", re.IGNORECASE)
# What the committee asked for, and what was corrected: records of their own, no part of the update or the comment.
ASKED_ONCE = asked_at(date(2026, 1, 1)).replace("1 January 2026", r"\d+ \w+ \d+")
RECORD_OF_ITS_OWN = re.compile(rf"(?:{ASKED_ONCE}|{COMMITTEE_ASKS}|Corrected on \d+ \w+ \d+:) ")
# Names in brackets at the end of an update: who wrote it, distinguished from every other use of brackets.
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
JOB_NOUN = re.compile(rf"\b(?:{VOCABULARY['names']['job_nouns']})\b", re.IGNORECASE)
WORDS_IN_NAMES = frozenset(VOCABULARY["names"]["bodies"].split())
NOT_NAMES = frozenset(VOCABULARY["names"]["never"].split())
LONGEST_BRACKET = 400


def read_decision(text, *, column="", column_title="", accepted=False):
    """What a response says of its recommendation, as (Decision value or None, the rest of the text, doubt).

    `column` is the cell of a column of its own for the decision, where the table has one, `column_title` its title.
    `accepted` says that the table's own title calls its recommendations accepted. A decision is read only where the
    document plainly gives it; where its parts contradict each other, it gives none.
    """
    own, rest, doubt = decision_in_words(text)
    if column.strip():
        decision, problem = decision_of_column(column, column_title)
        if (decision is not None and own not in (None, decision)) or (doubt and own is None):
            said = f"The column of decisions says “{short(column)}”, the response “{short(text, 120)}”."
            return None, text, f"{said} Choose the decision."
        return decision, text, problem
    if own is not None or doubt:
        if accepted and own in (Decision.NOT_ACCEPTED, Decision.DEFERRED, Decision.ANOTHER_BODY):
            own, rest = None, text
            doubt = f"The column's title says accepted, the response “{short(text, 120)}”. Choose the decision."
        return own, rest, doubt
    if not accepted:
        return None, text, ""
    if objection := OBJECTION.search(text):
        doubt = f"The column's title says accepted, the response “{short(objection.group())}”. Choose the decision."
        return None, text, doubt
    return str(Decision.ACCEPTED), text, ""


def decision_in_words(text):
    """The decision that a response gives in its own words, the rest of the text, and a doubt.

    Without a decision, a doubt says that its words are not plain.
    """
    sentences = [sentence for sentence in SENTENCE_END.split(text) if sentence.strip()]
    for number, sentence in enumerate(sentences):
        lead = MENTION.match(sentence) if not number else None
        if lead is None and not STATEMENT.match(sentence):
            continue
        kinds = [kind_of(match) for match in MENTION.finditer(sentence)]
        first = lead or MENTION.search(sentence)
        following = sentence[first.end() :]
        plain = GOES_ON.match(following) if lead else kinds[0] != Decision.ACCEPTED or AGREED_UPON.match(following)
        if not plain and not lead and not RESERVATION.search(following):
            continue
        decision = decision_of_kinds(kinds, following) if plain else None
        if decision == Decision.ACCEPTED and is_taken_back(sentences[number + 1 :]):
            decision = None
        if decision is None:
            return None, text, f"“{short(text, 120)}” does not plainly say what was decided. Choose the decision."
        return decision, *rest_of_response(text, lead, decision)
    return None, text, ""


def kind_of(match):
    return VOCABULARY["decisions"][int(match.lastgroup.removeprefix("kind"))][0]


def decision_of_kinds(kinds, following):
    others = set(kinds) - {Decision.ACCEPTED}
    if not others:
        return None if RESERVATION.search(following) else str(Decision.ACCEPTED)
    if len(others) > 1 or "open" in others or (Decision.ACCEPTED in kinds and not others <= QUALIFIERS):
        return None
    return others.pop()


def is_taken_back(sentences):
    """Whether what follows "Accepted." says otherwise: "However the second half is rejected."."""
    if sentences and re.match(r"(?:however|but|except|only|unless|subject to)\b", sentences[0], re.IGNORECASE):
        return True
    if any(OBJECTION.search(sentence) for sentence in sentences):
        return True
    kinds = {kind_of(match) for sentence in sentences for match in MENTION.finditer(sentence)}
    return bool(kinds - {Decision.ACCEPTED, "open"})


def rest_of_response(text, lead, decision):
    # "Agreed" is Cabinet's own word and stays; so does all that is one sentence with the decision.
    opening = re.match(r"[^.:;\n–—]*?(?P<end>\s*(?:[.:;\n–—]|\s-\s|$)\s*)", text)
    label = opening and text[: opening.start("end")]
    bare = label and " ".join(MENTION.sub("", label).split()) in ("", ",", "-")
    if not lead or decision == Decision.ACCEPTED or not bare:
        is_short = lead and GOES_ON.match(text[lead.end() :]) and text[lead.end() :].lstrip()[:1] in (*".:;,–—\n(-", "")
        return (
            text,
            ""
            if not lead or is_short
            else f"The response begins “{short(text, 40)}”, read as {Decision(decision).label.lower()}.",
        )
    return text[opening.end() :].strip(), ""


def words_beside_decision(column):
    plain = column.lower().strip(" .")
    if plain in NOTHING or any(plain in answers for answers in VOCABULARY["short_answers"].values()):
        return ""
    return column if re.search(r"[^\W\d_]{3}", MENTION.sub("", column)) else ""


def decision_of_column(column, title):
    words = " ".join(column.lower().split()).strip(". ")
    is_answer = YES_OR_NO.fullmatch(" ".join(re.findall(r"[a-z]+", title.lower()))) or not title
    for decision, short_answers in VOCABULARY["short_answers"].items():
        if words in short_answers and (is_answer or len(words) > 3):
            return decision, ""
    decision, _, doubt = decision_in_words(column)
    if decision is None:
        doubt = f"“{short(column)}” in the column of decisions does not plainly say what was decided."
    return decision, doubt


def split_off_target_date(text):
    """A last line "Target date: 31 March 2027" taken off a text, as (date or None, text, doubt)."""
    head, _, last = text.rpartition("\n")
    match = TARGET.fullmatch(last.strip())
    if match is None:
        return None, text, ""
    day, left, doubt = read_target_date(match["date"])
    if day is None or left:
        return None, text, f"“{short(last)}” is not a date alone; it stays in the response."
    return day, head.strip(), doubt


def read_forecast(text):
    """The day that this text is, and nothing else; or None."""
    found = find_date(text)
    return found.day if found and found.precision == "day" and not found.rest.strip(" .") and not found.doubt else None


def read_target_date(text):
    """A target date as (date or None, what the text says beside it, doubt). A month alone means its last day."""
    if text.strip().lower() in NOTHING:
        return None, "", ""
    found = find_date(text)
    left = re.sub(r"^\W*(?:by|on|before|end of|the)?\W*$", "", found.rest, flags=re.IGNORECASE) if found else text
    if found is None or (left and found.precision == "month"):
        return None, text, f"The target date “{short(text)}” is not a date alone; it stays in the response."
    if found.precision == "month":
        month = date(found.day.year + found.day.month // 12, found.day.month % 12 + 1, 1)
        last = date.fromordinal(month.toordinal() - 1)
        return last, "", f"The target date “{short(text)}” was read as {last.day} {last:%B %Y}."
    if left or found.rest.strip(" .,;:()\n"):
        return found.day, left and text, f"The target date “{short(text)}” was read as {found.day:%-d %B %Y}."
    return found.day, "", found.doubt


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
    unclear = f"“{short(text)}” does not plainly give one of the four ratings; it was kept as the committee's comment."
    if first[:1] in SIGN_OF and len(signs) == 1:
        rating = SIGN_OF[first[0]]
        words = first.lstrip("".join(SIGN_OF) + "\ufe0f ").strip()
        named, left = named_rating(words)
        if named not in (None, rating) or takes_back(left if named else words) or takes_back(rest):
            return None, text, unclear
        return int(rating), join_paragraphs(left if named is not None else words, rest), ""
    if len(signs) > 1:
        return None, text, unclear
    named, left = named_rating(first)
    if named is not None and not takes_back(left) and not takes_back(rest):
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
    return None, text, unclear


def takes_back(text):
    """Whether words after a rating change it: "On track – delayed to June", "Implemented - except in the north"."""
    words = f"{VOCABULARY['reservations']}|{VOCABULARY['setbacks']}"
    return bool(re.match(rf"(?:{words})\b", text.strip(" ("), re.IGNORECASE))


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
    return "", f"“{short(text)}” as the lead officer's view is not one that is known; it stays in the update."


def read_signatures(text, *, signing):
    """The names in the line about the Cabinet Members, whether it plainly says that they signed, and doubts.

    `signing` says that the line's label speaks of signing off, not only of whose portfolio it is.
    """
    names, doubts, signed = [], [], signing
    for piece in names_of(re.sub(r"\[.*?\]", " ", text)):
        name, _, beside = piece.partition(",")
        bracket = re.search(r"\s*\(([^()]*)\)?\s*$", name)
        beside += f" {bracket[1]}" if bracket else ""
        name = UNSIGNED_START.sub("", name[: bracket.start()] if bracket else name)
        name, _, more = re.split(r"(\s[–—-]\s|:)", f"{name.strip()} - ", maxsplit=1)
        beside += f" {more.strip(' -')}"
        pending = UNSIGNED.search(piece)
        signed = signed and not pending and (not beside.strip() or bool(SIGNER_TITLE.match(beside.strip())))
        if is_person(name):
            names.append(name)
        elif not pending:
            doubts.append(f"“{short(piece)}” was not read as the name of a Cabinet Member.")
    signed = signed and bool(names) and not doubts and not UNSIGNED.search(text)
    if names and not signed:
        doubts.append(
            f"“{short(text)}” does not plainly say that the update was signed off, so it is not recorded as signed."
        )
    return names, signed, doubts


def evidence_of(line):
    line = re.sub(r"^(?:[-*•–]|\d{1,3}[.)])\s+", "", line.strip())
    addresses = list(ADDRESS.finditer(line))
    if not addresses:
        return line, ""
    address = addresses[-1].group().rstrip(TRAILING)
    before, after = line[: addresses[-1].start()], line[addresses[-1].start() + len(address) :]
    if after.strip(" .,;)") or re.search(
        r"\b(?:from|at|on|see|in|of|is|are|was|that|visit|via|by)$", before.strip(" (")
    ):
        return line, ""  # a sentence with an address in it
    return before.strip(" .:()–-"), address


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
    """Who is named inside a bracket, as ([(name, job title)], whether it is plain that they wrote the text).

    Plain is a bracket with a role ("Updated by"), with a job title of somebody who looks like a person, or with one of
    `known`, the names that the document gives elsewhere, in lower case.
    """
    role = ROLE.match(text)
    people, plain = [], False
    for part in split_people(text[role.end() :] if role else text):
        name, _, title = (piece.strip() for piece in part.partition(","))
        if not is_person(name, known):
            return [], False
        plain = plain or bool(role) or name.lower() in known or is_job_title(title, name)
        people.append((name, title))
    return people, plain


def is_job_title(title, name):
    return bool(JOB_NOUN.search(title)) and not all(word.lower() in WORDS_IN_NAMES for word in name.split())


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
    found = []
    for paragraph in text.split("\n"):
        bracket = closing_bracket(paragraph)
        if bracket is not None:
            people, plain = read_contributors(bracket[1], known)
            found += [name for name, _ in people if plain]
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
