"""Words as the search compares them: without case, hyphens, ligatures, soft hyphens, thousands separators."""

import re
import unicodedata

# What a text layer puts where a line was broken inside a word, and what nobody sees.
UNSEEN = dict.fromkeys(map(ord, "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"))
UNSEEN |= dict.fromkeys(map(ord, "\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}\N{LEFT-TO-RIGHT MARK}"))
BROKEN = re.compile("[\ufffe\x02]\\s*")
HYPHENS = "\\-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{MINUS SIGN}"
HYPHEN = re.compile(rf"(?<=\w)[{HYPHENS}]\s*(?=\w)")
POSSESSIVE = re.compile("(?<=\\w)['\N{RIGHT SINGLE QUOTATION MARK}][sS](?!\\w)")
APOSTROPHE = re.compile("(?<=\\w)['\N{RIGHT SINGLE QUOTATION MARK}](?=\\w)")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
TOKEN = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")

# Words that say nothing by themselves about what they stand in, in a council's papers.
ORDINARY_WORDS = """
a about above according account across act action actions add added after again against agenda agree agreed all also
although always am amount an and annual any appendix approach appropriate april are area areas around as ask asked at
attached august authority available away back background based be because been before being below best better between
board both brexit brief briefing britain british broadband business but by cabinet can cannot carried case chair
chairman change changes child children christmas clear clerk come committee committees communities community complete
completed consider considered contact continue continued copy corporate could council councillor councillors councils
county countys covid current currently date day days december decision delivery department detail details develop
development did different director district do does done down due during each early east easter either email emails
end england english ensure etc europe european even every exempt existing february finance financial first five
following foodbank foodbanks for forward found four friday from full function further future general get give given go
good government great group groups had has have having he head health healthwatch held help her here high his home how
however i if implementation implemented important improve in include included includes including increase information
inquiry interim internet into ireland irish is issue issues it item items its itself january jobcentre jobcentres july
june just keep key know large last late later lead least level life like likely line list local london long looking
made main make making management many march matter may me meet meeting meetings member members microsoft might monday
month monthly months more most much must my name national need needed needs new next no north not note noted november
now number numbers october of off office officer officers ofsted on one online only open or order original other
others our out outturn over overview own page pages paper papers paragraph part partner partners partnership people
per performance person persons place plan planned planning plans please point policy position possible press previous
private process processes programme progress project proposed provide provided providing public published purpose put
quarter rather reablement recent recommendation recommendations recommended regard related relates relevant report
reported reports required requirement requirements residents resources respect response result review reviewed right
role saturday schedule school schools scotland scottish scrutiny second section see select sept september service
services set several shall she should show since six small so social some south staff standard statement statutory
still strategic strategy such summary sunday support supported system take taken taking team teams ten terms than that
the their them then there therefore these they third this those three through thursday time times title to together
total tuesday two type under understand unitary until up update updated updates upon us use used using various very
view wales was way ways we webpage webpages website websites wednesday week weeks well wellbeing welsh were west what
when where whether which while who whole whom whose why wide will with within without work worked working works
workstream workstreams would year years yes yet you young your
"""
ORDINARY = frozenset(ORDINARY_WORDS.split())


def plain(text):
    """The text with every difference taken away that does not make another word; case stays."""
    text = unicodedata.normalize("NFKC", text).translate(UNSEEN)
    text = APOSTROPHE.sub("", POSSESSIVE.sub("", BROKEN.sub("", text)))
    return THOUSANDS.sub("", text)


def tokens(text, *, split=False):
    """The words of a text, casefolded. Hyphens join what they stand between ("followup"), or part it with `split`."""
    return TOKEN.findall(HYPHEN.sub(" " if split else "", plain(text)).casefold())


def both_ways(text):
    """The words of a text with hyphens joined and, where that is something else, with hyphens parted."""
    readable = plain(text).casefold()
    joined = TOKEN.findall(HYPHEN.sub("", readable))
    if not HYPHEN.search(readable):
        return [joined]
    return [joined, TOKEN.findall(HYPHEN.sub(" ", readable))]


def is_telling(token, known):
    """Whether a word says something about what it stands in: not an ordinary one, not known, no year, no day."""
    return token not in ORDINARY and token not in known and not (token.isdigit() and len(token) < 5)
