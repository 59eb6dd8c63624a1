"""A person leaves: their open work is handed over, and nothing is left without an owner. Or they come back."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.officer_reports import hand_over_report, hand_over_signature, remove_contributor
from inquiries.actions.people import committees_of, end_seats_of, lock_people, open_work, unsigned_sign_offs
from inquiries.actions.progress import (
    complete_sign_off,
    lock_report,
    notify_signer_has_left,
    withdraw_sign_offs,
)
from inquiries.actions.sessions import sign_out
from inquiries.choices import SignatureRole
from inquiries.documents.content import long_date
from inquiries.models import CabinetMember, Membership, Notification, ProgressUpdate, SignOff
from inquiries.notifications import notify
from inquiries.permissions import Refused, check_can

WANTED = ", whose progress update is wanted"
CHOOSE = {
    "responses": "Choose who leads these responses from now on",
    "contributions": "Choose who contributes: nobody else is there to write",
    "sign_offs": "Choose who signs these reports off",
    "plans": "Choose the clerk who answers for these publications",
    "officer_reports": "Choose who writes these officer reports",
    "report_signatures": "Choose who signs these officer reports off",
    "actions": "Choose who does what the committee asked for",
}


@transaction.atomic
def record_leaver(person, *, one_by_one=None, by, now, **takers):
    """Record that a person has left, and who takes over their open work: `takers` has the keys of CHOOSE.

    `responses` leads what they led, but for those that `one_by_one` gives to others, as {key of the response:
    person}; `contributions` writes where they contributed (None: the others who write there), `sign_offs` signs what
    they were to sign, `actions` does what a committee asked of them, `plans` is the clerk who answers for agenda packs
    whose publication they planned. Those who take over are notified, once each. What is published keeps the names it
    was printed with. Raises Refused, or ValidationError for the kind of work that would have no owner; then nothing
    has changed.
    """
    check_can("record_leaver", by, person, timezone.localdate(now))
    chosen = {kind: takers.pop(kind, None) for kind in CHOOSE}
    if takers:
        raise TypeError(f"unknown kinds of work: {', '.join(takers)}")
    one_by_one = one_by_one or {}
    rows = lock_people([person, by, *chosen.values(), *one_by_one.values()], and_clerks=True)
    if not (rows[by.pk].is_clerk and rows[by.pk].is_active and rows[by.pk].email):
        raise Refused("You are no longer a clerk who can sign in.")
    person = rows[person.pk]
    if not person.is_active:
        raise Refused(f"{person} has already been recorded as a leaver.")
    work = open_work(person)
    chosen = {kind: rows[taker.pk] if taker is not None else None for kind, taker in chosen.items()}
    leads = {
        response.pk: rows[one_by_one[response.pk].pk] if response.pk in one_by_one else chosen["responses"]
        for response in work.responses
    }
    check_takers(person, work, chosen, leads, timezone.localdate(now))
    handover = Handover(person, chosen, leads, by=by, now=now)
    handover.responses(work)
    handover.contributions(work)
    handover.sign_offs(work)
    handover.plans(work)
    handover.officer_reports(work)
    handover.actions(work)
    ended = end_seats_of(person, by=by, now=now)
    # What was still to be sent to them would reach them when they come back months later.
    Notification.objects.filter(recipient=person).withdraw()
    changes = history.set_fields(person, is_active=False, is_clerk=False, left_at=now, left_by=by)
    person.save(update_fields=[*changes])
    history.write(
        "record_leaver",
        person,
        f"recorded that {person} has left",
        by=by,
        now=now,
        changes={name: changes[name] for name in ("is_active", "is_clerk")},
        note="; ".join([*handover.describe(), *([f"ended: {', '.join(ended)}"] if ended else [])]),
    )
    sign_out(person)
    handover.notify()
    for sign_off in unsigned_sign_offs(person):
        notify_signer_has_left(sign_off, now=now)
    return person


@transaction.atomic
def record_return(person, *, by, now):
    check_can("record_leaver", by, person, timezone.localdate(now))
    person = lock_people([person])[person.pk]
    if person.is_active:
        raise Refused(f"{person} is present already.")
    if person.merged_at is not None:
        raise Refused(f"This record has been merged into that of {person.merged_into}.")
    if person.erased_at is not None:
        raise Refused("This record has been erased: invite the person again.")
    changes = history.set_fields(person, is_active=True, left_at=None, left_by=None)
    person.save(update_fields=[*changes])
    changes = {"is_active": changes["is_active"]}
    history.write("record_return", person, f"recorded that {person} is back", by=by, now=now, changes=changes)
    return person


def check_takers(person, work, chosen, leads, today):
    wrong = {}
    for kind in work.kinds:
        takers = list(leads.values()) if kind == "responses" else [chosen[kind]]
        may_be_nobody = kind == "contributions" and all(
            has_another_writer(named.update, person, leads) for named in work.contributions
        )
        for taker in takers:
            reason = reason_against_taker(taker, kind, person, may_be_nobody, today)
            if not reason and kind == "report_signatures":
                reason = reason_against_signer(taker, work, today)
            if reason:
                wrong[kind] = reason
        committees = committees_of(work, kind)
        seats = Membership.objects.on(today).filter(person__in=[p for p in takers if p], committee__in=committees)
        if kind not in wrong and (seat := seats.select_related("person", "committee").first()):
            wrong[kind] = f"{seat.person} sits on the {seat.committee}, which judges this work: choose another person"
    if wrong:
        raise ValidationError(wrong)


def reason_against_taker(taker, kind, person, may_be_nobody, today):
    if taker is None:
        return "" if may_be_nobody else CHOOSE[kind]
    if taker == person:
        return "Choose another person"
    if not taker.is_active:
        return f"Choose another person: {taker} has left"
    if kind == "plans" and not taker.is_clerk:
        return f"{taker} is no clerk: choose the clerk who answers for these publications"
    if kind == "sign_offs" and not CabinetMember.objects.on(today).filter(person=taker).exists():
        return f"{taker} does not sit in Cabinet: choose who signs these reports off"
    return ""


def reason_against_signer(taker, work, today):
    """Why `taker` cannot sign the officer reports that the leaver was to sign; "" where they can."""
    roles = {signature.role for signature in work.report_signatures}
    sits = CabinetMember.objects.on(today).filter(person=taker).exists()
    if SignatureRole.CABINET_MEMBER in roles and not sits:
        return f"{taker} does not sit in Cabinet: choose who signs these officer reports off"
    return ""


def has_another_writer(update, person, leads):
    lead = leads.get(update.response_id, update.response.lead_officer)
    others = [lead, *(named.person for named in update.named.select_related("person"))]
    return any(other is not None and other != person and other.is_active for other in others)


class Handover:
    """The work of a leaver, handed over record by record; it collects what to notify each taker of."""

    def __init__(self, person, chosen, leads, *, by, now):
        self.person, self.chosen, self.leads, self.by, self.now = person, chosen, leads, by, now
        # By person, so that each gets one e-mail.
        self.taken = defaultdict(list)
        self.concerns = defaultdict(set)

    def responses(self, work):
        open_updates = {update.response_id: update for update in work.updates}
        for response in work.responses:
            update = open_updates.get(response.pk)
            taker = self.leads[response.pk]
            self.hand_over(response, "lead_officer", taker, f"the response to {response.references}", response.inquiry)
            words = f"{response.numbers} of “{response.inquiry}”"
            due = update.due_on if update else None
            wanted = f"{WANTED}{f' by {long_date(due)}' if due else ''}" if update else ""
            self.taken[taker].append(f"lead officer for {words}{wanted}")
            if update:
                self.concerns[taker] |= {f"update:{update.pk}", f"report:{update.report_id}"}

    def contributions(self, work):
        taker = self.chosen["contributions"]
        for named in work.contributions:
            update, report = named.update, lock_report(named.update.report)
            before = [str(contributor) for contributor in update.contributor_names]
            if taker is None or update.named.filter(person=taker).exists():
                named.delete()
            else:
                named.person = taker
                named.save(update_fields=["person"])
                words = f"{update.response.numbers} of “{report.inquiry}”"
                self.taken[taker].append(f"contributor to the progress update on {words}")
                self.concerns[taker] |= {f"update:{update.pk}", f"report:{report.pk}"}
            after = [str(other.person) for other in update.named.select_related("person")]
            references = update.response.references
            sentence = f"took {self.person} from the contributors of the progress update on {references}"
            # As where the lead officer names another person: names are printed, and signed.
            ProgressUpdate.objects.filter(pk=update.pk).update(version=F("version") + 1)
            self.write_history(update, sentence, {"contributors": (before, after)}, report.inquiry)
            why = f"the update on {references} has another contributor"
            withdraw_sign_offs(report, by=self.by, now=self.now, why=why)

    def sign_offs(self, work):
        taker = self.chosen["sign_offs"]
        # Read again: another contributor may just have withdrawn a sign-off that the person had given.
        for sign_off in unsigned_sign_offs(self.person) if taker is not None else ():
            report = lock_report(sign_off.report)
            sentence = f"handed the sign-off of the {report.kind.lower()} over to {taker}"
            changes = {"person": (str(self.person), str(taker))}
            if SignOff.objects.filter(report=report, person=taker).exists():
                # They sign it anyway, or have done so.
                self.write_history(sign_off, sentence, changes, report.inquiry, deleted=[sign_off])
                sign_off.delete()
                complete_sign_off(report, by=self.by, now=self.now)
            else:
                sign_off.person = taker
                sign_off.save(update_fields=["person"])
                self.write_history(sign_off, sentence, changes, report.inquiry)
                self.taken[taker].append(f"sign-off of the {report.kind.lower()} on “{report.inquiry}”")
                self.concerns[taker] |= {f"sign_off:{sign_off.pk}", f"report:{report.pk}"}
        for response in work.named_to_sign:
            what = f"the sign-off of {response.references}"
            self.hand_over(response, "cabinet_member", taker, what, response.inquiry)
        for inquiry in dict.fromkeys(response.inquiry for response in work.named_to_sign):
            self.taken[taker].append(f"Cabinet Member for the accepted recommendations of “{inquiry}”")

    def plans(self, work):
        taker = self.chosen["plans"]
        for plan in work.plans:
            plan.planned_by = taker
            plan.save(update_fields=["planned_by"])
            what = f"planned publication of the {plan.name.lower()}, {plan.meeting}"
            self.write_history(plan, f"handed the {what} over to {taker}", {"planned_by": (self.person, taker)}, None)
            self.taken[taker].append(what)

    def officer_reports(self, work):
        taker = self.chosen["officer_reports"]
        for report in work.officer_reports:
            hand_over_report(report, taker, by=self.by, now=self.now)
            due = f", by {long_date(report.text_due_on)}" if report.is_open else ""
            self.taken[taker].append(f"{report.title_in_mail}, as its author{due}")
            self.concerns[taker].add(f"officer_report:{report.pk}")
        taker = self.chosen["report_signatures"]
        for signature in work.report_signatures:
            if hand_over_signature(signature, taker, by=self.by, now=self.now):
                self.taken[taker].append(f"sign-off of {signature.report.title_in_mail}")
                self.concerns[taker].add(f"report_signature:{signature.pk}")
        remove_contributor(self.person, by=self.by, now=self.now)

    def actions(self, work):
        taker = self.chosen["actions"]
        prefetch_related_objects(work.actions, "update__response__recommendations")
        for action in work.actions:
            inquiry = action.update.report.inquiry
            about = f"the action on {action.update.response.references}"
            self.hand_over(action, "owner", taker, about, inquiry)
            if action.is_open:
                self.taken[taker].append(f"action on {action.update.response.numbers} of “{inquiry}”")
                self.concerns[taker] |= {f"action:{action.pk}", f"report:{action.update.report_id}"}

    def describe(self):
        return [
            f"{taker} takes over: {', '.join(thing.partition(WANTED)[0] for thing in things)}"
            for taker, things in self.taken.items()
        ]

    def notify(self):
        key = f"{self.person.pk}:{self.now.isoformat()}"
        for taker, things in self.taken.items():
            context = {"leaver": self.person, "things": things}
            notify(
                [taker],
                "handed_over",
                key,
                now=self.now,
                reply_to=self.by,
                concerns=self.concerns[taker],
                **context,
            )

    def hand_over(self, record, field, taker, what, inquiry):
        changes = history.set_fields(record, **{field: taker})
        record.save(update_fields=[field])
        self.write_history(record, f"handed {what} over to {taker}", changes, inquiry)

    def write_history(self, record, sentence, changes, inquiry, deleted=()):
        facts = {"changes": changes, "inquiry": inquiry, "deleted": deleted}
        history.write("hand_over", record, sentence, by=self.by, now=self.now, **facts)
