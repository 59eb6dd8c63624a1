"""What is withheld, and where it is found: passages of five or more words, words that stand out, titles."""

from collections import defaultdict
from dataclasses import dataclass, field

from inquiries.choices import ExemptParagraph
from inquiries.documents.pack.withheld.distinctive import distinctive
from inquiries.documents.pack.withheld.wording import both_ways, is_telling, tokens

RUN = 5  # words in a row that make a passage
LONG_RUN = 8
# How many words of a run must say something, so that ordinary English in two papers is not taken for a leak.
TELLING, TELLING_IN_LONG_RUN = 3, 2

# What the law and the front sheet have everybody read about what they may not read.
FORMULAS = (
    *(paragraph.label for paragraph in ExemptParagraph),
    "That under section 100(A)(4) of the Local Government Act 1972 the press and public be excluded from the meeting "
    "for the following item of business on the grounds that it involves the likely disclosure of exempt information "
    "as defined in paragraph 1 of Part 1 of Schedule 12A of the Act, as amended, and that the public interest in "
    "maintaining the exemption outweighs the public interest in disclosing the information",
    "Not for publication by virtue of paragraph 1 of Part 1 of Schedule 12A to the Local Government Act 1972",
)


@dataclass(frozen=True)
class Found:
    """Withheld words that were found. `places` are all the places, `place` the first of them."""

    text: str
    place: str
    source: str  # whose words they are: "the exempt part of the update on 5a (item 7)"
    places: tuple[str, ...] = ()

    @property
    def sentence(self):
        """What a clerk reads."""
        others = len(self.places) - 1
        more = f" and in {others} more place{'s' if others > 1 else ''}" if others > 0 else ""
        return f"“{self.text}”, from {self.source}, stands in {self.place}{more}."


@dataclass
class Withheld:
    """Everything to search for. Each is kept with whose words it is."""

    known: frozenset[str]
    runs: dict[tuple[str, ...], str] = field(default_factory=dict)
    phrases: dict[str, dict[tuple[str, ...], str]] = field(default_factory=lambda: defaultdict(dict))

    def add_text(self, text, source):
        """A text of which no passage and no telling word may be read."""
        for words in both_ways(text):
            if len(words) < LONG_RUN:
                self.add_phrase(words, source)
            for run in zip(*(words[start:] for start in range(RUN)), strict=False):
                self.runs.setdefault(run, source)
        for words in distinctive(text, self.known):
            self.phrases[words[0]].setdefault(words, source)

    def add_phrase(self, words, source):
        """Words that may not be read in this order: a title, a short text. What everybody knows is left out."""
        if any(is_telling(word, self.known) and len(word) > 2 for word in words):
            self.phrases[words[0]].setdefault(tuple(words), source)


def withheld_of(restricted, papers, known):
    """All that the public may not read of a restricted PackContent: a Withheld, for `find`.

    `papers` are its exempt papers: {pk: (title, original name of the file, [text of each page])}. `known` are words
    and names that everybody may read anyway; those of the meeting are added to them. Titles on the front sheet may
    return in an exempt paper as they stand; a telling word of theirs alone may not, or a clerk would not hear of it.
    """
    public = [*known, *_on_record(restricted)]
    withheld = Withheld(
        frozenset(token for text in public for split in (False, True) for token in tokens(text, split=split))
    )
    for item in restricted.items:
        if item.exempt_report:
            for row in item.exempt_report.content.rows:
                if row.exempt and row.exempt.text:
                    numbers = " and ".join(row.references)
                    withheld.add_text(
                        row.exempt.text, f"the exempt part of the update on {numbers} (item {item.number})"
                    )
        for paper in item.exempt_papers:
            title, original_name, pages = papers.get(paper.pk, (paper.title, "", ()))
            source = f"the exempt paper “{title}” (item {item.number})"
            for name in {title, paper.title, original_name, original_name.rpartition(".")[0]}:
                for words in both_ways(name):
                    if words:
                        withheld.add_phrase(words, source)
            for page in pages:
                withheld.add_text(page, source)
    _leave_out(withheld, [*FORMULAS, *public, *_titles(restricted)])
    return withheld


def _on_record(content):
    """Who meets when and where, and who answers for the reports: in both editions by design."""
    day = content.moment
    words = [content.council, content.committee, content.venue, content.title, f"{day:%A} {day.day} {day:%B %Y}"]
    words += [text for member in content.members for text in member]
    for item in content.items:
        if item.report:
            header = item.report.content
            words += [header.heading, header.title, *(text for line in header.header for text in line)]
    return [text for text in words if text]


def _titles(content):
    """What the front sheet calls the items and their public papers."""
    return [
        text
        for item in content.items
        for text in (item.title, item.subtitle, *(paper.title for paper in item.papers))
        if text
    ]


def find(withheld, places, cleared=()):
    """Search texts for what is withheld: a list of Found, equal findings together, those with most words first.

    `places` are pairs (where, text). `cleared` are words that a clerk has said may be read all the same.
    """
    cleared = [words for text in cleared for words in both_ways(text) if words]
    allowed = {tuple(words) for words in cleared}
    allowed_runs = {run for words in cleared for run in _runs(words)}
    where = defaultdict(dict)
    for place, text in places:
        for words in both_ways(text):
            for found, source in _in(words, withheld, allowed, allowed_runs):
                where[found, source].setdefault(place)
    together = [
        Found(" ".join(words), next(iter(places)), source, tuple(places)) for (words, source), places in where.items()
    ]
    return sorted(together, key=lambda found: -len(found.text.split()))


def places_of_data(data):
    """Every key and value of JSON data as pairs (where, text)."""
    return list(_data(data, "the data"))


def _data(data, where):
    if isinstance(data, dict):
        for key, value in data.items():
            yield where, str(key)
            yield from _data(value, f"the data, {key}")
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _data(value, where)
    elif data is not None and not isinstance(data, bool):
        yield where, str(data)


def _runs(words):
    return zip(*(words[start:] for start in range(RUN)), strict=False)


def _leave_out(withheld, texts):
    """Forget the passages and phrases that everybody reads anyway."""
    for text in texts:
        for words in both_ways(text):
            for run in _runs(words):
                withheld.runs.pop(run, None)
            if words:
                withheld.phrases.get(words[0], {}).pop(tuple(words), None)


def _in(words, withheld, allowed, allowed_runs):
    """What of the withheld stands in these words: (words, source)."""
    runs = withheld.runs
    hits = [start for start, run in enumerate(_runs(words)) if run in runs and run not in allowed_runs]
    for first, last in _together(hits):
        run = tuple(words[first : last + RUN])
        telling = len({word for word in run if is_telling(word, withheld.known)})
        if telling >= (TELLING_IN_LONG_RUN if len(run) >= LONG_RUN else TELLING):
            yield run, runs[tuple(words[first : first + RUN])]
    for start in [place for place, word in enumerate(words) if word in withheld.phrases]:
        for phrase, source in withheld.phrases[words[start]].items():
            if phrase not in allowed and tuple(words[start : start + len(phrase)]) == phrase:
                yield phrase, source


def _together(hits):
    """Places that follow each other, as (first, last)."""
    spans = []
    for hit in hits:
        if spans and hit == spans[-1][1] + 1:
            spans[-1][1] = hit
        else:
            spans.append([hit, hit])
    return spans
