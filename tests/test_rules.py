"""The procedure, without a database: deadlines, numbers, the lifecycle table."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiries import rules
from inquiries.choices import ACCEPTED_DECISIONS, Decision, Rating, Stage


@dataclass
class Facts:
    """A report as far as its stage is concerned."""

    commissioned_at: datetime | None = None
    collected_at: datetime | None = None
    signed_off_at: datetime | None = None
    published_at: datetime | None = None
    assessed_at: datetime | None = None


THEN = datetime(2026, 11, 1)


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        (Facts(THEN), Stage.COMMISSIONED),
        (Facts(THEN, THEN), Stage.AWAITING_SIGN_OFF),
        (Facts(THEN, THEN, THEN), Stage.SIGNED_OFF),
        (Facts(THEN, THEN, THEN, THEN), Stage.PUBLISHED),
        (Facts(THEN, THEN, THEN, THEN, THEN), Stage.ASSESSED),
    ],
)
def test_stage_follows_from_the_latest_fact(facts, stage):
    assert rules.stage_of(facts) == stage


ALLOWED = {
    "save_update": {Stage.COMMISSIONED},
    "submit_update": {Stage.COMMISSIONED},
    "close_updates": {Stage.COMMISSIONED},
    "return_update": {Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF},
    "sign_off": {Stage.AWAITING_SIGN_OFF},
    "publish": {Stage.SIGNED_OFF},
    "indicate": {Stage.PUBLISHED},
    "assess": {Stage.PUBLISHED},
    "confirm_assessments": {Stage.PUBLISHED},
    "correct_assessment": {Stage.ASSESSED},
    "reopen": {Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF, Stage.PUBLISHED, Stage.ASSESSED},
}


@pytest.mark.parametrize("verb", ALLOWED)
@pytest.mark.parametrize("stage", Stage)
def test_every_step_at_every_stage(verb, stage):
    if stage in ALLOWED[verb]:
        rules.check_step(verb, stage)
    else:
        with pytest.raises(rules.Refused) as refusal:
            rules.check_step(verb, stage)
        assert str(refusal.value) == (
            f"“{rules.STEPS[verb].label}” cannot be done now: {rules.TOO_EARLY_OR_LATE[stage]}."
        )


def test_table_has_every_step():
    assert set(rules.STEPS) == {*ALLOWED, "commission"}
    assert rules.STEPS["commission"].before == (None,)
    for step in rules.STEPS.values():
        assert step.needs
        assert set(step.after) <= set(Stage)


@pytest.mark.parametrize(
    ("stage", "to", "allowed"),
    [
        (Stage.ASSESSED, Stage.PUBLISHED, True),
        (Stage.ASSESSED, Stage.COMMISSIONED, True),
        (Stage.SIGNED_OFF, Stage.AWAITING_SIGN_OFF, True),
        (Stage.SIGNED_OFF, Stage.SIGNED_OFF, False),
        (Stage.SIGNED_OFF, Stage.PUBLISHED, False),
        (Stage.COMMISSIONED, Stage.COMMISSIONED, False),
    ],
)
def test_reopening_leads_only_back(stage, to, allowed):
    if allowed:
        rules.check_can_go_back(stage, to)
    else:
        with pytest.raises(rules.Refused):
            rules.check_can_go_back(stage, to)


def test_needs_reason_and_is_accepted():
    assert [d for d in Decision if not rules.needs_reason(d)] == [Decision.ACCEPTED]
    assert {d for d in Decision if rules.is_accepted(d)} == ACCEPTED_DECISIONS
    assert [rules.ending_of(r) for r in Rating] == ["implemented", None, None, None]


# Numbers


def test_references_sort_as_people_count():
    mixed = ["10", "2", "1b", "8.17", "1a", "8.3", "R10", "R7", "4a) ii)", "4a) i)", "11"]
    in_order = ["1a", "1b", "2", "4a) i)", "4a) ii)", "8.3", "8.17", "10", "11", "R7", "R10"]
    assert sorted(mixed, key=rules.natural_key) == in_order


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("1a", "1A", True), ("R7", "r07", True), ("4a) i)", "4a)i)", True), ("1a", "1b", False), ("8.3", "8.31", False)],
)
def test_two_spellings_of_one_number_are_one_number(one, other, same):
    assert (rules.natural_key(one) == rules.natural_key(other)) is same


@given(st.text(max_size=40))
def test_any_text_has_key_but_may_be_no_reference(text):
    rules.natural_key(text)
    if rules.is_reference(text):
        assert len(text) <= 24
        assert not set(text) & set("?#\n\r\t")


@pytest.mark.parametrize("reference", ["1a", "R7", "2.1", "8.3", "4a) i)", "Recommendation 12", "SR (25/26) 01", "1/2"])
def test_real_numberings_are_references(reference):
    assert rules.is_reference(reference)


@pytest.mark.parametrize("reference", ["", " ", "/2", "1/", "what?", "a#b", "x" * 25, "—"])
def test_unsafe_text_is_no_reference(reference):
    assert not rules.is_reference(reference)


@pytest.mark.parametrize(
    ("reference", "bare"),
    [("1a", "1"), ("10", "10"), ("R7", "R7"), ("R7b", "R7"), ("8.3", "8.3"), ("4a) i)", "4"), ("1 (b)", "1")],
)
def test_lettered_parts_share_a_bare_number(reference, bare):
    assert rules.bare_number(reference) == bare


def test_header_line_of_the_template_is_worked_out_from_the_rows():
    led = [
        ("1a", "Lloyd Jeffries"),
        ("1b", "Lloyd Jeffries"),
        ("1c", "Lloyd Jeffries"),
        ("2", "Lloyd Jeffries"),
        ("3a", "Lloyd Jeffries"),
        ("5a", "Phil Dart"),
        ("5b", ""),
        ("6", "Richard Ambrose"),
        ("8", ""),
        ("9", "Lloyd Jeffries"),
    ]
    assert rules.lead_officer_numbers(led) == (
        ("Lloyd Jeffries", ("1", "2", "3", "9")),
        ("Phil Dart", ("5a",)),
        ("Richard Ambrose", ("6",)),
    )


def test_accepted_part_outside_table_counts():
    assert rules.lead_officer_numbers([("5a", "Phil Dart")], [("5b", "Asha Rao")]) == (("Phil Dart", ("5a",)),)


@pytest.mark.parametrize(
    ("references", "missing"),
    [
        (["1a", "1b", "2", "3a", "5a", "5b", "6", "8", "9"], ("3b", "4", "7")),
        (["1a", "1c", "2b", "2"], ("1b", "2a")),
        (["1", "2", "3"], ()),
        (["2", "3"], ("1",)),
        (["R1", "R3"], ()),
        (["8.3", "8.17"], ()),
        ([], ()),
    ],
)
def test_missing_numbers(references, missing):
    assert rules.missing_numbers(references) == missing


# Deadlines: the worked examples of the domain brief


@pytest.mark.parametrize(
    ("meeting", "counting", "publish_by"),
    [
        (date(2015, 11, 10), rules.ClearDays(), date(2015, 11, 2)),
        (date(2027, 1, 5), rules.ClearDays(), date(2026, 12, 23)),
        (date(2027, 1, 5), rules.ClearDays(christmas_eve_excluded=True), date(2026, 12, 22)),
        (date(2026, 12, 15), rules.ClearDays(), date(2026, 12, 7)),
        (date(2026, 12, 15), rules.ClearDays(saturday_counts=True), date(2026, 12, 8)),
    ],
)
def test_five_clear_days(meeting, counting, publish_by):
    assert rules.publication_due(meeting, counting) == publish_by


def test_extra_holidays_count_towards_no_deadline():
    mourning = rules.ClearDays(extra_holidays=frozenset({date(2026, 12, 9)}))
    assert rules.deadlines(date(2026, 12, 15), mourning) == rules.Deadlines(
        updates=date(2026, 11, 13), sign_off=date(2026, 11, 27), publication=date(2026, 12, 4)
    )


def test_deadlines_run_backwards_from_the_meeting():
    assert rules.deadlines(date(2026, 12, 15)) == rules.Deadlines(
        updates=date(2026, 11, 16), sign_off=date(2026, 11, 30), publication=date(2026, 12, 7)
    )


@given(st.dates(date(2015, 1, 1), date(2040, 1, 1)))
def test_deadlines_keep_their_order(meeting):
    worked_out = rules.deadlines(meeting)
    assert worked_out.updates < worked_out.sign_off < worked_out.publication < meeting
    assert rules.ClearDays().is_counted(worked_out.publication)


@pytest.mark.parametrize(
    ("received", "notice", "due"),
    [
        (None, None, None),
        (date(2026, 3, 10), None, date(2026, 5, 9)),
        (date(2026, 3, 10), date(2026, 3, 20), date(2026, 5, 19)),
        (date(2026, 3, 20), date(2026, 3, 10), date(2026, 5, 19)),
        (date(2026, 12, 31), None, date(2027, 2, 28)),
        (date(2026, 12, 1), None, date(2027, 1, 31)),
    ],
)
def test_response_is_due_two_months_on_less_a_day(received, notice, due):
    assert rules.response_due(received, notice) == due


def test_health_response_is_due_in_28_days():
    assert rules.response_due(date(2026, 3, 10), health=True) == date(2026, 4, 7)


@pytest.mark.parametrize(
    ("last", "months", "expected"),
    [
        (0, (6, 12), 6),
        (6, (6, 12), 12),
        (7, (6, 12), 12),
        (12, (6, 12), 18),
        (18, (6, 12), 24),
        (13, (6, 12), 18),
        (12, (12,), 24),
        (0, (12, 3), 3),
        (12, (3, 12), 21),
    ],
)
def test_next_report_months(last, months, expected):
    assert rules.next_report_months(last, months) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2015, 4, 20), 6, date(2015, 10, 20)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_add_months(day, months, expected):
    assert rules.add_months(day, months) == expected
