"""Whatever a report, or the minutes, say in public is searched for exempt text: every field, and what files print."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import reduce
from types import UnionType
from typing import get_args, get_origin, get_type_hints
from urllib.parse import quote

import pytest

from inquiries.documents.content import (
    ExemptPart,
    ReportContent,
    RequestedAction,
    from_json,
    printed_texts,
)
from inquiries.documents.data_formats import RENDERERS
from inquiries.documents.exempt_search import Letters, exempt_text_of, find_exempt, texts_of_data, texts_of_pdf
from inquiries.documents.minutes import Attendee, Declaration, Minute, MinutesContent, minutes_from_json
from inquiries.documents.minutes import printed_texts as printed_minutes
from inquiries.documents.minutes_docx import minutes_docx
from inquiries.documents.officer_report import OfficerReport, ReportSection
from inquiries.documents.officer_report_pdf import officer_report_pdf
from inquiries.documents.pack_content import Item, PackContent, ReportPaper
from inquiries.documents.report_markup import read_markup
from inquiries.serialization import to_plain_data
from tests.documents.reports_of_2015 import chart
from tests.documents.samples import full_report, report
from tests.word_text import texts_of_docx

SECRET = "The tender of Quorvane Limited was the lowest of the five final offers"
# Values of our own lists, which the database refuses anything else for, and the language of the text.
CHOICES = {("rows", "decision"), ("update_precision",), ("language",)}
# Public by themselves: they are published with the inquiry, or name members and officers.
PUBLIC_NAMES = {("committee",), ("inquiry",), ("cabinet_members",), ("lead_officers",)}


def everything():
    first, *others = full_report().rows
    asked = RequestedAction(
        "Count the riders", "Ed Moss", date(2027, 1, 5), date(2026, 12, 1), date(2027, 1, 4), "140."
    )
    return replace(full_report(), rows=(replace(first, actions=(asked,), earlier_actions=(asked,)), *others))


def minutes():
    who = Attendee("Ruth Adeyemi", "Chair", "from 3pm", "Idris Wood", "Tom Hale")
    lists = dict.fromkeys(("present", "apologies", "absent", "officers", "guests"), (who,))
    return MinutesContent(
        council="Wealdshire County Council",
        committee="Communities",
        day=date(2026, 12, 15),
        start="14:00",
        venue="Room 2",
        started="14:05",
        ended="16:00",
        declarations=(Declaration("Ruth Adeyemi", "A governor.", "6. Buses"),),
        minutes=(Minute(1, 1, "Buses", "Noted.", "12/26", ExemptPart(3, "Information", "")),),
        **lists,
    )


def strings(data, path=()):
    """The path to each string of plain data that is no date."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from strings(value, (*path, key))
    elif isinstance(data, str):
        try:
            date.fromisoformat(data)
        except ValueError:
            yield path


def field_of(path):
    return tuple(key for key in path if isinstance(key, str))


def text_fields(kind, path=()):
    """The path of every field of a dataclass, and of those in it, that has text."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        for field in fields(kind):
            yield from text_fields(hints[field.name], (*path, field.name))
    elif kind is str:
        yield path
    elif get_origin(kind) in (tuple, UnionType):
        for part in get_args(kind):
            yield from text_fields(part, path)


def planted(content, path, text):
    """The plain data of this content with a text in place of one of its strings."""
    data = to_plain_data(content)
    *way, last = path
    reduce(lambda inner, key: inner[key], way, data)[last] = text
    return data


def exempt_of(content, secret=SECRET):
    """What is exempt where a row of this report has an exempt part."""
    rows = (replace(content.rows[0], exempt=ExemptPart(3, "Information", f"{secret}.")), *content.rows[1:])
    paper = ReportPaper(1, "buses", 6, replace(content, rows=rows))
    items = (Item(1, 1, content.title, report=paper, exempt_report=paper),)
    pack = PackContent("Wealdshire", content.committee, "2026-12-15T14:00:00+00:00", "", (), "restricted", 0, items)
    return exempt_text_of(pack, {}, frozenset())


def searched(content):
    return [*printed_texts(content), *texts_of_data(to_plain_data(content))]


def one_of_each(content):
    return {field_of(path): path for path in strings(to_plain_data(content))}


@pytest.mark.parametrize(("content", "kind"), [(everything(), ReportContent), (minutes(), MinutesContent)])
def test_samples_have_every_field(content, kind):
    assert set(text_fields(kind)) == set(one_of_each(content))


@pytest.mark.parametrize("field", sorted(set(text_fields(ReportContent)) - CHOICES - PUBLIC_NAMES), ids=".".join)
def test_searches_every_field_of_report(field):
    content = from_json(planted(everything(), one_of_each(everything())[field], SECRET))
    found = [one for one in find_exempt(exempt_of(content), searched(content)) if one.stops]
    assert SECRET.casefold() in found[0].sentence.casefold()
    assert f"the data, {', '.join(field)}" in found[0].places


@pytest.mark.parametrize("field", sorted(set(text_fields(MinutesContent)) - {("language",)}), ids=".".join)
def test_searches_every_field_of_minutes(field):
    data = planted(minutes(), one_of_each(minutes())[field], SECRET)
    assert to_plain_data(minutes_from_json(data)) == data
    found = [one for one in find_exempt(exempt_of(report()), texts_of_data(data)) if one.stops]
    assert found[0].places == (f"the data, {', '.join(field)}",)


@pytest.mark.parametrize(
    "text",
    [
        SECRET.upper(),
        SECRET.replace(" ", "\n"),
        SECRET.replace(" ", "\N{NO-BREAK SPACE}"),
        SECRET.replace("e", "e\N{SOFT HYPHEN}"),
        SECRET.replace("e", "e\N{HANGUL FILLER}"),
        SECRET.replace("e", "e\N{WORD JOINER}\N{RIGHT-TO-LEFT MARK}"),
        SECRET.replace("fi", "\N{LATIN SMALL LIGATURE FI}"),
        "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in SECRET),  # in full width
        "".join(chr(ord(c) + 0x1D3B9) if c.islower() else c for c in SECRET),  # bold letters of mathematics
        SECRET.replace(" ", "-"),
        SECRET.replace(" ", " **"),
        *(f"\n{mark} ".join(["", *SECRET.split()]) for mark in ("-", "o", "§", "\uf0b7", "1.", "2)")),
        f"https://www.example.org/{SECRET.replace(' ', '%20')}.pdf",
    ],
    ids=ascii,
)
def test_finds_every_form(text):
    path = one_of_each(everything())["rows", "update"]
    content = from_json(planted(everything(), path, text))
    assert [one for one in find_exempt(exempt_of(content), searched(content)) if one.stops]


def test_searches_every_part_of_officer_report():
    """Each part says something else that is exempt in another paper."""
    names = ["text", "sub-heading", "list", "head", "cell", "cells", "lines", "caption", "footnote", "link", "address"]
    names += ["mail", "picture", "below", "title", "heading"]
    said = {name: f"Abingdon {name}er auctioneers bought nineteen lorries of Quorvane {name}er" for name in names}
    markup = "\n\n".join(
        [
            re.sub(r"(bought nineteen)", r"**\1**", said["text"]),
            f"## {said['sub-heading']}",
            "\n".join(f"- {word}" for word in said["list"].split()),
            f"Table: {said['caption']}\n| {said['head']} | b |\n| {said['cell']} | 2 |",
            f"| a | b |\n| {said['cells'][:40]} | {said['cells'][40:]} |\n| {said['lines'].replace(' ', '↵')} | 2 |",
            f"Buses[^1] go.\n\n[^1]: {said['footnote']}",
            f"[{said['link']}](https://www.example.org/) [here](https://www.example.org/{quote(said['address'])})",
            f"[there](mailto:ed@wealdshire.example?subject={quote(said['mail'])})",
            f'![{said["picture"]}](gap.png "{said["below"]}")',
        ]
    )
    sections = (ReportSection(said["heading"], read_markup(markup).blocks),)
    report = OfficerReport("Wealdshire", "Communities", said["title"], sections=sections)
    texts = list(texts_of_pdf(officer_report_pdf(report, {"gap.png": chart()})))
    for name, words in said.items():
        found = [one for one in find_exempt(exempt_of(everything(), words), texts) if one.stops]
        assert any(f"{name}er" in one.text for one in found), name


def test_finds_what_is_printed_together_in_minutes():
    first, second = SECRET.split(" was ")
    content = replace(minutes(), guests=(Attendee(first, f"was {second}"),))
    assert not find_exempt(exempt_of(report()), texts_of_data({"name": first[:20], "role": second[:20]}))
    (found,) = [one for one in find_exempt(exempt_of(report()), printed_minutes(content)) if one.stops]
    assert (found.text, found.place) == (
        "The tender of Quorvane Limited, was the lowest of the five final offers",
        "the minutes, “Also in attendance”",
    )


def test_minutes_in_word_print_nothing_else():
    """Each word of the file is searched, or is of the template."""
    content, empty = minutes(), MinutesContent("Wealdshire County Council", "Communities", date(2026, 12, 15), "14:00")

    def words(content):
        texts = [text for where, text in texts_of_docx(minutes_docx(content)) if "the Word file" not in where]
        return {word for text in texts for word in Letters(text).folded if word.isalpha()}

    texts = [*printed_minutes(content), *texts_of_data(to_plain_data(content))]
    letters = Letters(" ".join(text for _, text in texts)).letters
    ours = words(replace(empty, is_attendance_recorded=True))
    unknown = {word for word in words(content) - ours if word not in letters}
    assert unknown <= {"venue", "minute", "item", "schedule", "paragraph", "part", "exempt", "from", "publication"}


def test_finds_exempt_list_without_its_marks():
    content = from_json(planted(everything(), one_of_each(everything())["rows", "comment"], SECRET))
    as_list = "\n".join(f"{number}. {word}" for number, word in enumerate(SECRET.split(), 1))
    assert [one for one in find_exempt(exempt_of(content, as_list), searched(content)) if one.stops]


def test_finds_what_two_fields_say_together():
    """A contributor's name and job title are printed as one."""
    first, second = "The tender of Quorvane", "Limited was the lowest"
    data = planted(everything(), ("rows", 0, "contributors", 0, "name"), first)
    data["rows"][0]["contributors"][0]["job_title"] = second
    content = from_json(data)
    found = [one for one in find_exempt(exempt_of(content), searched(content)) if one.stops]
    assert [one.places for one in found] == [("the row of 1a and 1b, “Progress Update”",)]


@pytest.mark.parametrize("format", RENDERERS)
def test_files_print_nothing_else(format):
    """Each word of a file is searched, or is in the file of a report without any words of its own."""

    def words(content):
        data = RENDERERS[format](content)
        read = {"pdf": texts_of_pdf, "docx": texts_of_docx}.get(format, lambda data: [("", data.decode("utf-8-sig"))])
        # Codes and instructions of the files are not what is read.
        texts = [text for where, text in read(data) if not where.startswith(("object", "the file itself"))]
        texts = [re.sub(r"<(xmpMM|stEvt):\w+>[^<]*<", "<", text) for text in texts]
        return {word for text in texts for word in Letters(text).folded if word.isalpha()}

    content = everything()
    empty = {"text": "", "title": "", "response": "", "update": "", "comment": "", "reason": "", "outcome": ""}

    def emptied(data):
        if isinstance(data, dict):
            return {key: empty.get(key, emptied(value)) for key, value in data.items()}
        return [emptied(value) for value in data] if isinstance(data, list) else data

    ours = words(from_json(emptied(to_plain_data(content))))
    searched_words = Letters(" ".join(text for _, text in searched(content))).letters
    unknown = {word for word in words(content) - ours if word not in searched_words}
    assert unknown == set()
    assert "timetable" in words(content)
