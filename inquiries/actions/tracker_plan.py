"""What importing a tracker would record, and what is recorded already and stays as it is. Nothing is written here."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q
from django.template.defaultfilters import pluralize

from inquiries import rules
from inquiries.actions.imports import plain_text, response_values
from inquiries.choices import Decision, Ending, Stage
from inquiries.imports.draft import DraftDate, DraftRow
from inquiries.imports.references import short
from inquiries.imports.tracker_columns import ADD, count_values
from inquiries.imports.tracker_rows import (
    NOTE,
    PART,
    ROW,
    ImportedRound,
    ImportedRow,
    RowDoubt,
    most_common,
    read_tracker,
)
from inquiries.models import (
    Committee,
    Inquiry,
    Membership,
    Person,
    ProgressReport,
    Recommendation,
    Response,
)
from inquiries.text import fold_name, fold_text, folded_pattern, single_line

# How the rounds of a file are recorded: as imported reports, and as published where the clerk says that they were.
ROUNDS = (Stage.PUBLISHED, Stage.SIGNED_OFF, Stage.AWAITING_SIGN_OFF, Stage.COMMISSIONED)
LONGEST_NAME = 200


@dataclass(frozen=True)
class NewPerson:
    """A person who is added when the tracker is recorded."""

    name: str
    job_title: str = ""


@dataclass
class PlannedRow:
    row: ImportedRow
    recorded: list[Recommendation | None]  # as the recommendations of `row`
    response: Response | None = None  # that is recorded already
    missing: dict = field(default_factory=dict)  # fields of that response that the file fills in
    lead_officer: Person | NewPerson | None = None
    cabinet_member: Person | NewPerson | None = None
    new_rounds: list[ImportedRound] = field(default_factory=list)

    @property
    def is_new_response(self):
        return bool(self.row.decision) and self.response is None

    @property
    def what(self):
        """What recording does with it, as a list: "Wording of 1a added", "Response added"."""
        new = [one.reference for one, known in zip(self.row.recommendations, self.recorded, strict=True) if not known]
        done = [f"Recommendation {' and '.join(new)} added"] if new else []
        if self.is_new_response:
            done.append(f"Response added: {Decision(self.row.decision).label.lower()}")
        if self.missing:
            labels = [str(Response._meta.get_field(name).verbose_name) for name in self.missing]
            done.append(f"Response completed: {', '.join(labels)}")
        months = [str(one.months) for one in self.new_rounds]
        if months:
            done.append(f"Updates added: {' and '.join(months)} months on")
        if self.endings:
            done.append(f"It ends: {Ending(self.row.ended).label.lower()}")
        return done

    @property
    def endings(self):
        """The numbers from 0 of its recommendations that the file ends."""
        if not self.row.ended:
            return []
        return [place for place, one in enumerate(self.recorded) if one is None or not one.ended_as]


@dataclass
class PlannedRound:
    months: int
    stage: Stage
    published: bool
    update_date: DraftDate | None
    assessed_on: DraftDate | None
    signers: list[Person | NewPerson]
    rows: list[tuple[PlannedRow, ImportedRound]]


@dataclass
class PlannedInquiry:
    committee: Committee | None  # None: it is added
    committee_name: str
    title: str
    completed_on: DraftDate | None
    inquiry: Inquiry | None
    rows: list[PlannedRow] = field(default_factory=list)
    rounds: list[PlannedRound] = field(default_factory=list)
    recorded_rounds: int = 0

    @property
    def fills_completion(self):
        return self.inquiry is not None and self.inquiry.completed_on is None and self.completed_on is not None


@dataclass
class TrackerPlan:
    inquiries: list[PlannedInquiry]
    doubts: list[RowDoubt]
    new_people: list[NewPerson]
    new_committees: list[str]

    @property
    def rows(self):
        return [row for inquiry in self.inquiries for row in inquiry.rows]

    @cached_property
    def counts(self):
        """How much will be recorded of what, and how much is recorded already: {what: (new, recorded)}.

        Ask for it before anything is recorded: that changes the rows.
        """
        rows, rounds = self.rows, [one for inquiry in self.inquiries for one in inquiry.rounds]
        recorded = [one for row in rows for one in row.recorded]
        new_inquiries = sum(inquiry.inquiry is None for inquiry in self.inquiries)
        return {
            "committees": (len(self.new_committees), 0),
            "people": (len(self.new_people), 0),
            "inquiries": (new_inquiries, len(self.inquiries) - new_inquiries),
            "recommendations": (recorded.count(None), len(recorded) - recorded.count(None)),
            "responses": (sum(row.is_new_response for row in rows), sum(row.response is not None for row in rows)),
            "rounds": (len(rounds), sum(inquiry.recorded_rounds for inquiry in self.inquiries)),
            "updates": (sum(len(one.rows) for one in rounds), 0),
            "endings": (sum(len(row.endings) for row in rows), 0),
            "filled": (
                sum(bool(row.missing) for row in rows) + sum(inquiry.fills_completion for inquiry in self.inquiries),
                0,
            ),
        }

    @property
    def records_nothing(self):
        return not any(new for new, _ in self.counts.values())


def plan_tracker(sheet, choices, *, today):
    """The TrackerPlan of a sheet and what the clerk chose: `choices` as of `actions.tracker_import`."""
    return Planner(sheet, choices, today).plan()


class Planner:
    def __init__(self, sheet, choices, today):
        self.choices, self.meanings, self.today = choices, choices.meanings, today
        matching, heading_row = choices.matching, choices.heading_row
        self.tracker = read_tracker(
            sheet, heading_row, matching, self.meanings, today=today, additions=choices.additions
        )
        self.doubts = self.tracker.doubts
        self.values = {
            kind: {key: text for key, text, _ in found}
            for kind, found in count_values(sheet, heading_row, matching).items()
        }

    def doubt(self, row, kind, message):
        self.doubts.append(RowDoubt(row, kind, message))

    def plan(self):
        self.find_committees()
        self.find_people()
        planned = [self.plan_inquiry(one) for one in self.tracker.inquiries]
        planned = join_planned(planned)
        self.find_recorded(planned)
        for one in planned:
            self.compare_inquiry(one)
        planned = [one for one in planned if one.rows]
        used = {person for one in planned for person in people_of(one) if isinstance(person, NewPerson)}
        names = dict.fromkeys(one.committee_name for one in planned if one.committee is None)
        order = {ROW: 0, PART: 1, NOTE: 2}
        self.doubts.sort(key=lambda doubt: (order[doubt.kind], doubt.row))
        return TrackerPlan(planned, self.doubts, sorted(used, key=lambda one: one.name.casefold()), list(names))

    def find_committees(self):
        committees = list(Committee.objects.all())
        by_key = {str(one.pk): one for one in committees}
        by_name = {fold_text(one.name): one for one in committees}
        self.committees = {}
        for key, meaning in self.meanings.get("committee", {}).items():
            if meaning == ADD:
                # Perhaps added meanwhile: by an import of the same file, say.
                self.committees[key] = by_name.get(key)
            else:
                self.committees[key] = by_key.get(meaning)

    def find_people(self):
        meanings = [
            (kind, key, self.meanings.get(kind, {}).get(key, ""))
            for kind in ("officer", "member")
            for key in self.values[kind]
        ]
        added = {(kind, key): new_person(self.values[kind][key]) for kind, key, meaning in meanings if meaning == ADD}
        keys = {int(meaning) for _, _, meaning in meanings if meaning.isdecimal()}
        if self.choices.signer:
            keys.add(self.choices.signer)
        wanted = Q(pk__in=keys)
        if added:
            wanted |= Q(pk__in=Person.objects.present().named(*(one.name for one in added.values())).values("pk"))
        found = list(Person.objects.filter(wanted).select_related("merged_into").order_by("pk"))
        by_key = {one.pk: one.merged_into or one for one in found}
        by_name = {fold_name(one.name): one for one in reversed(found) if one.is_active}
        self.people, shared = {}, {}
        for kind, key, meaning in meanings:
            if meaning == ADD:
                new = added[kind, key]
                name = fold_name(new.name)
                self.people[kind, key] = by_name.get(name) or shared.setdefault(name, new)
            elif meaning.isdecimal():
                self.people[kind, key] = by_key.get(int(meaning))
        self.signer = by_key.get(self.choices.signer)
        left = {one for one in self.people.values() if isinstance(one, Person) and not one.is_active}
        for person in sorted(left, key=str):
            self.doubt(0, PART, f"{person} has left and cannot be given responses: they stay without that name.")
        self.people = {place: one for place, one in self.people.items() if one not in left}
        recorded = [one for one in self.people.values() if isinstance(one, Person)]
        seats = Membership.objects.on(self.today).filter(person__in=recorded)
        self.sitting = set(seats.values_list("person_id", "committee_id"))

    def plan_inquiry(self, one):
        key = fold_text(one.committee)
        committee = self.committees.get(key)
        planned = PlannedInquiry(
            committee=committee,
            committee_name=committee.name if committee else self.values["committee"].get(key, one.committee),
            title=one.title,
            completed_on=one.completed_on,
            inquiry=None,
        )
        for row in one.rows:
            officer, member = (
                self.person_of(row, kind, name, committee)
                for kind, name in (("officer", row.lead_officer), ("member", row.cabinet_member))
            )
            planned.rows.append(
                PlannedRow(row, [None] * len(row.recommendations), lead_officer=officer, cabinet_member=member)
            )
        return planned

    def person_of(self, row, kind, name, committee):
        person = self.people.get((kind, fold_text(name)))
        if isinstance(person, Person) and committee and (person.pk, committee.pk) in self.sitting:
            self.doubt(row.row, PART, f"{person} sits on the {committee}, which judges this work: left out here.")
            return None
        return person

    def find_recorded(self, planned):
        """Give each planned inquiry what is recorded of it, in three queries however many there are."""
        there = [one for one in planned if one.committee]
        pattern = "|".join(sorted({folded_pattern(one.title) for one in there}))
        inquiries = Inquiry.objects.filter(committee__in={one.committee.pk for one in there})
        known = {
            (one.committee_id, fold_text(one.title)): one
            for one in (inquiries.filter(title__iregex=f"^(?:{pattern})$") if there else ())
        }
        for one in there:
            one.inquiry = known.get((one.committee.pk, fold_text(one.title)))
        self.recommendations, self.reports = defaultdict(dict), defaultdict(dict)
        for one in Recommendation.objects.filter(inquiry__in=known.values()).select_related(
            "response__lead_officer", "response__cabinet_member"
        ):
            self.recommendations[one.inquiry_id][one.reference_key] = one
        reports = ProgressReport.objects.filter(inquiry__in=known.values())
        for inquiry, months, response, text in reports.values_list(
            "inquiry", "months_on", "updates__response", "updates__text"
        ):
            self.reports[inquiry].setdefault(months, {})[response] = text

    def compare_inquiry(self, planned):
        recorded = self.recommendations[planned.inquiry.pk] if planned.inquiry else {}
        reports = self.reports[planned.inquiry.pk] if planned.inquiry else {}
        answered = defaultdict(set)
        for one in recorded.values():
            if one.response_id:
                answered[one.response_id].add(one.pk)
        self.find_given_numbers(planned, recorded)
        for row in list(planned.rows):
            keys = [rules.natural_key(one.reference) for one in row.row.recommendations]
            row.recorded = [recorded.get(key) for key in keys]
            for one, known in zip(row.row.recommendations, row.recorded, strict=True):
                if known is None and not one.text:
                    self.doubt(row.row.row, ROW, f"Recommendation {one.reference} has no wording.")
                    planned.rows.remove(row)
                    break
            else:
                self.compare_row(row, answered)
        self.plan_rounds(planned, reports)

    def find_given_numbers(self, planned, recorded):
        """Recommendations without a number are known by their wording."""
        given = [one for row in planned.rows for one in row.row.recommendations if one.given]
        if not given or not recorded:
            return
        by_text = {plain_text(one.text): one.reference for one in recorded.values()}
        free = (str(number) for number in range(1, 10_000) if rules.natural_key(str(number)) not in recorded)
        for one in given:
            one.reference = by_text.get(plain_text(one.text)) or next(free)

    def compare_row(self, planned, answered):
        row, recorded = planned.row, planned.recorded
        responses = {one.response_id for one in recorded if one}
        if None in recorded or len(responses) > 1:
            responses -= {None}
        if responses and responses != {None}:
            [key, *others] = responses
            planned.response = next(one.response for one in recorded if one and one.response_id == key)
            if others or None in recorded or answered[key] != {one.pk for one in recorded}:
                sentence = f"The recorded response answers other numbers than {row.references} alone"
                self.doubt(row.row, PART, f"{sentence}: the response and the updates of this row are left out.")
                row.rounds, row.decision = [], ""
                return
        for one, known in zip(row.recommendations, recorded, strict=True):
            if known and one.text and plain_text(known.text) != plain_text(one.text):
                self.differs(row, f"wording of {one.reference}", known.text, one.text)
            if known and known.ended_as and row.ended and known.ended_as != row.ended:
                self.differs(row, f"end of {one.reference}", known.get_ended_as_display(), Ending(row.ended).label)
        if planned.response and row.decision:
            self.compare_response(planned)

    def compare_response(self, planned):
        row, response = planned.row, planned.response
        names = {"lead_officer": planned.lead_officer, "cabinet_member": planned.cabinet_member}
        said = DraftRow(
            row.recommendations,
            decision=row.decision,
            response=row.response,
            reason="" if row.reason == row.response else row.reason,
            lead_officer=names["lead_officer"].name if names["lead_officer"] else "",
            target_date=row.target_date,
        )
        for _, title, recorded, given in response_values(said, response):
            if recorded and given and plain_text(recorded) != plain_text(given):
                self.differs(row, f"{title.removeprefix('The ')} of {row.references}", recorded, given)
        if row.rounds and not response.is_accepted:
            sentence = f"{row.references} is recorded as {Decision(response.decision).label.lower()}: its updates are"
            self.doubt(row.row, PART, f"{sentence} left out.")
            row.rounds = []
        values = names | {"responded_on": row.responded_on, "target_date": row.original_target_date or row.target_date}
        planned.missing = {name: value for name, value in values.items() if value and getattr(response, name) is None}

    def differs(self, row, what, recorded, given):
        sentence = f"The {what} differs: recorded “{short(recorded, 100)}”, in the file “{short(given, 100)}”."
        self.doubt(row.row, NOTE, f"{sentence} What is recorded stays.")

    def plan_rounds(self, planned, reports):
        by_months = defaultdict(list)
        for row in planned.rows:
            for one in row.row.rounds:
                by_months[one.months].append((row, one))
        for months, rows in sorted(by_months.items()):
            if months in reports:
                planned.recorded_rounds += 1
                self.compare_updates(rows, reports[months])
                continue
            planned.rounds.append(self.plan_round(planned, months, rows))
            for row, one in rows:
                row.new_rounds.append(one)

    def plan_round(self, planned, months, rows):
        days = [one.update_date for _, one in rows if one.update_date]
        update_date = max(days, key=lambda known: known.day) if days else None
        signers = [row.cabinet_member or (row.response and row.response.cabinet_member) for row, _ in rows]
        signers = list(dict.fromkeys(one for one in signers if one)) or ([self.signer] if self.signer else [])
        stage = Stage(self.choices.rounds)
        first, about = rows[0][1].row, f"The {months}-month update of “{short(planned.title)}”"
        if stage in (Stage.PUBLISHED, Stage.SIGNED_OFF) and not signers:
            self.doubt(first, NOTE, f"{about} waits for sign-off: no Cabinet Member is named who signed it.")
            stage = Stage.AWAITING_SIGN_OFF
        if stage == Stage.PUBLISHED and update_date is None:
            self.doubt(first, NOTE, f"{about} is not published: it has no date.")
            stage = Stage.SIGNED_OFF
        return PlannedRound(
            months=months,
            stage=Stage.SIGNED_OFF if stage == Stage.PUBLISHED else stage,
            published=stage == Stage.PUBLISHED,
            update_date=update_date,
            assessed_on=most_common([one.assessed_on.day for _, one in rows if one.assessed_on])
            and next(one.assessed_on for _, one in rows if one.assessed_on),
            signers=signers,
            rows=rows,
        )

    def compare_updates(self, rows, recorded):
        """Say where the file's updates differ from those of the report, {response: text}, or are not among them."""
        for row, one in rows:
            text = recorded.get(row.response.pk if row.response else None)
            if text is None:
                sentence = f"The report {one.months} months on is recorded already, without {row.row.references}"
                self.doubt(one.row, PART, f"{sentence}: its update is left out.")
            elif one.update and plain_text(text) != plain_text(one.update):
                what = f"update {one.months} months on about {row.row.references}"
                self.differs(row.row, what, text, one.update)


def join_planned(planned):
    """Several spellings of a committee can be one: so its inquiries are, too."""
    joined = {}
    for one in planned:
        key = (one.committee.pk if one.committee else fold_text(one.committee_name), fold_text(one.title))
        if earlier := joined.get(key):
            earlier.rows += one.rows
            earlier.completed_on = earlier.completed_on or one.completed_on
        else:
            joined[key] = one
    return list(joined.values())


def people_of(planned):
    """Everybody whom recording the planned inquiry names."""
    for row in planned.rows:
        if row.is_new_response or row.missing:
            yield from (one for one in (row.lead_officer, row.cabinet_member) if one)
    for one in planned.rounds:
        yield from one.signers


def new_person(text):
    """A person of the words in a cell: "Janice Moore, Head of Roads", "Cllr Jane Smith (Transport)"."""
    match = re.fullmatch(r"(?P<name>[^,(;–]+?)\s*(?:[,(;]|\s[–-]\s)\s*(?P<title>.*?)\)?\s*", single_line(text))
    name, title = (match["name"], match["title"]) if match else (single_line(text), "")
    return NewPerson(name[:LONGEST_NAME], title[:LONGEST_NAME])


COUNTED = {
    "committees": "committee,committees",
    "people": "person,people",
    "inquiries": "inquiry,inquiries",
    "recommendations": "recommendation,recommendations",
    "responses": "response,responses",
    "rounds": "progress report,progress reports",
    "updates": "progress update,progress updates",
    "endings": "recommendation that ended,recommendations that ended",
    "filled": "record completed,records completed",
}


def counted(what, number):
    """ "3 inquiries"."""
    return f"{number:,} {pluralize(number, COUNTED[what])}"
