"""Dates found in texts and parsed from cells."""

from datetime import date

import pytest

from inquiries.dates import dates_in, find_date, month_number, parse_date


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-05-20", date(2025, 5, 20)),
        ("20/05/2025", date(2025, 5, 20)),
        ("20/5/2025", date(2025, 5, 20)),
        ("20.05.2025", date(2025, 5, 20)),
        ("20-05-2025", date(2025, 5, 20)),
        ("20 May 2025", date(2025, 5, 20)),
        ("20th May 2025", date(2025, 5, 20)),
        ("1-Sept-2025", date(2025, 9, 1)),
        ("2025-05-20 00:00:00", date(2025, 5, 20)),
        ("20/05/2025 00:00", date(2025, 5, 20)),
    ],
)
def test_parse_date(text, day):
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("05/20/2025", "is “05/20/2025”: there is no such day. The day comes first, then the month."),
        ("31/02/2025", "is “31/02/2025”: there is no such day."),
        ("20/05/25", "is “20/05/25”. Write it as 20/05/2025 or 2025-05-20."),
        ("20 Mai 2025", "is “20 Mai 2025”. Write it as 20/05/2025 or 2025-05-20."),
        ("20/05/0025", "is “20/05/0025”: the year must lie between 1950 and 2100."),
        ("next May", "is “next May”. Write it as 20/05/2025 or 2025-05-20."),
        ("45797", "is “45797”. Write it as 20/05/2025 or 2025-05-20."),
    ],
)
def test_parse_date_says_what_is_wrong(text, words):
    with pytest.raises(ValueError, match="is “") as refused:
        parse_date(text)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("words", "day", "precision"),
    [
        ("10 November 2015", date(2015, 11, 10), "day"),
        ("10th Nov 2015", date(2015, 11, 10), "day"),
        ("Tuesday 10 November 2015", date(2015, 11, 10), "day"),
        ("Tues, 10th of November 2015 (10am)", date(2015, 11, 10), "day"),
        ("10/11/2015", date(2015, 11, 10), "day"),
        ("10.11.15", date(2015, 11, 10), "day"),
        ("10-Nov-15", date(2015, 11, 10), "day"),
        ("2015-11-10", date(2015, 11, 10), "day"),
        ("November 10, 2015", date(2015, 11, 10), "day"),
        ("1st Sept. 2015", date(2015, 9, 1), "day"),
        ("April 2015 (Cabinet)", date(2015, 4, 1), "month"),
    ],
)
def test_find_date(words, day, precision):
    found = find_date(words)
    assert (found.day, found.precision, found.doubt) == (day, precision, "")


@pytest.mark.parametrize("words", ["", "soon", "31/02/2015", "13/13/2015", "2015", "may be 20", "10 November"])
def test_find_date_without_a_date(words):
    assert find_date(words) is None


def test_find_date_with_a_wrong_weekday():
    assert find_date("Monday 10 November 2015").doubt == (
        "10 November 2015 was a Tuesday, but the document says Monday."
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cabinet on 9th November.", [(9, 11, None)]),
        ("9 November 15 people came", [(9, 11, None)]),
        ("by the end of May 2026", [(None, 5, 2026)]),
        ("in March or by march", [(None, 3, None)]),
        ("from 1 April 2026-31 March ’27", [(1, 4, 2026), (31, 3, 2027)]),
        ("it may be 20 and 2026/27, item 1.2.3.4", []),
    ],
)
def test_dates_in(text, found):
    assert [(written.day, written.month, written.year) for written in dates_in(text)] == found


def test_month_number():
    assert [month_number(text) for text in ("Sept.", "jan", "ju", "May", "Mai")] == [9, 1, None, 5, None]
