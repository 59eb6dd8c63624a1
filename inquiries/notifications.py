"""Which message to whom, once: a notification is a row stored with the action that causes it; a job sends it."""

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from smtplib import SMTPException

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, Model, OuterRef
from django.utils import timezone
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from inquiries import rules
from inquiries.choices import NEWS, NewsEmails, Stage
from inquiries.emails import DIGEST, find_wordings, make_email, mark_links, message_id, read_mark, render_email
from inquiries.models import (
    ActionPoint,
    CouncilSettings,
    Inquiry,
    Meeting,
    Membership,
    Notification,
    OfficerReport,
    OfficerReportSignature,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    Restoration,
    SignOff,
)
from inquiries.models.fields import checksum_of_data
from inquiries.models.notifications import MOST_FAILURES, SIGN_IN_CODE
from scrutiny.error_codes import describe_fault, name_and_codes, smtp_codes

logger = logging.getLogger(__name__)

# The job that sends one notification (inquiries/jobs.py).
SEND = "send_notification"
# Nobody gets two e-mails about one task in one day. These wait for the next where there has been one; what
# a person has just done (returned, reopened, ready for sign-off) is said at once.
CAN_WAIT = {"reminder", "escalation", "dates_changed", "update_wanted", "officer_report_wanted"}
# When what has waited goes out, and reminders do (UTC).
MORNING = time(7)


@dataclass(frozen=True)
class Message:
    """What is to be said to one person. `key` says what it is about, see `notify`."""

    person: Person
    occasion: str
    key: str
    context: dict
    reply_to: Person | None = None
    # Tasks that are not among the records of the context.
    concerns: tuple[str, ...] = ()


def notify(people, occasion, key, *, now, reply_to=None, concerns=(), **context):
    """Store the notification of `occasion` (templates/mail/<occasion>.txt) for each of `people` who can read it.

    `key` says what it is about: the same occasion and key never reach a person twice. In the template the subject
    comes first, then the text from "Dear" on; it is written again when it is sent, if `context` is records alone.
    Answers go to `reply_to`, who caused it, if that is a clerk. `concerns` are the tasks it is about ("sign_off:5"),
    where they are not among the records. People without e-mail address, or who have left, are passed over. The jobs
    that send them are deferred in the same transaction.
    """
    messages = [Message(person, occasion, key, context, reply_to, tuple(concerns)) for person in people]
    queue_messages(messages, now=now)


def queue_messages(messages, *, now, today=None):
    """Store a notification of each message, as `notify` does; the same number of queries for any number of them."""
    today = today or timezone.localdate(now)
    wanted = {
        f"{message.occasion}:{message.key}:{message.person.pk}": message
        for message in messages
        if message.person.email and message.person.is_active and frequency_of(message) != NewsEmails.NONE
    }
    for known in Notification.objects.filter(key__in=wanted).values_list("key", flat=True):
        del wanted[known]
    if not wanted:
        return
    wordings = find_wordings(message.occasion for message in wanted.values())
    waiting = [message.person for message in wanted.values() if message.occasion in CAN_WAIT]
    mailed = last_emails(waiting, since=today) if waiting else {}
    rows = []
    for row_key, message in wanted.items():
        reply_to = message.reply_to if can_be_answered(message.reply_to) else None
        subject, body = render_email(message.occasion, message.person, message.context, reply_to, wordings=wordings)
        concerns = sorted({*message.concerns, *concerns_of(message.context)})
        day = today
        if message.occasion in CAN_WAIT:
            days = [mailed[message.person.pk, task] for task in concerns if (message.person.pk, task) in mailed]
            day = max([today, *(last + timedelta(days=1) for last in days)])
        rows.append(
            Notification(
                recipient=message.person,
                reply_to=reply_to,
                occasion=message.occasion,
                key=row_key,
                subject=subject,
                body=body,
                about=keys_of(message.context),
                concerns=concerns,
                queued_on=now,
                goes_out_on=day,
                for_digest=frequency_of(message) == NewsEmails.DAILY,
            )
        )
    # Another transaction may store the same in this moment. Then both defer a job, and one of them sends.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    by_day = defaultdict(list)
    stored = Notification.objects.filter(key__in=wanted, for_digest=False).order_by("pk")
    for pk, day in stored.values_list("pk", "goes_out_on"):
        by_day[day].append({"notification": pk})
    for day, arguments in by_day.items():
        defer_jobs(SEND, arguments, at=datetime.combine(day, MORNING, UTC) if day > today else None)


def frequency_of(message):
    return message.person.news_emails if message.occasion in NEWS else NewsEmails.AT_ONCE


@transaction.atomic
def queue_digests(now):
    """Store one e-mail for each person of all that waits for it, and defer the jobs that send them."""
    waiting = Notification.objects.waiting().filter(for_digest=True, is_held=False)
    waiting = waiting.filter(recipient__is_active=True).exclude(recipient__email=None).order_by("pk")
    by_person = defaultdict(list)
    for notification in waiting.select_related("recipient").select_for_update(of=("self",), no_key=True):
        by_person[notification.recipient].append(notification)
    messages = [Message(person, DIGEST, str(items[-1].pk), {"items": items}) for person, items in by_person.items()]
    queue_messages(messages, now=now)
    keys = {f"{DIGEST}:{message.key}:{message.person.pk}": message.person for message in messages}
    items = []
    for digest in Notification.objects.filter(key__in=keys):
        for item in by_person[keys[digest.key]]:
            item.digest = digest
            items.append(item)
    Notification.objects.bulk_update(items, ["digest"])
    return len(messages)


def concerns_of(context):
    """The tasks and reports among the records and tasks of a context, as kind:key."""
    found = set()
    for value in context.values():
        for record in value if isinstance(value, list) else [value]:
            match record:
                case ProgressReport():
                    found.add(f"report:{record.pk}")
                case ActionPoint():
                    found.add(f"action:{record.pk}")
                case ProgressUpdate():
                    found |= {f"update:{record.pk}", f"report:{record.report_id}"}
                case OfficerReport():
                    found.add(f"officer_report:{record.pk}")
                case Task():
                    found.add(record.key)
                    if record.report:
                        found.add(f"report:{record.report.pk}")
    return found


def last_emails(people, *, since, occasion=None, and_refused=False):
    """{(person, task): the last day on which they were sent an e-mail about it}, of those since that day.

    What the mail server refused for good counts only `and_refused`.
    """
    found = Notification.objects.filter(recipient__in={person.pk for person in people}, goes_out_on__gte=since)
    if not and_refused:
        found = found.filter(refused_on=None)
    if occasion:
        found = found.filter(occasion=occasion)
    last = {}
    for person, day, concerns in found.order_by("goes_out_on").values_list("recipient", "goes_out_on", "concerns"):
        last |= {(person, task): day for task in concerns if not task.startswith("report:")}
    return last


def can_be_answered(person):
    return bool(person and person.is_clerk and person.is_active and person.email)


def defer_jobs(name, arguments, *, at=None):
    """A job of this name for each of `arguments`, in the transaction of its cause; done at once, or `at` a time."""
    # Through Django's connection even in the worker, whose own is in no transaction.
    manager = JobManager(DjangoConnector())
    configure_task(name=name, job_manager=manager, schedule_at=at).batch_defer(*arguments)


def keys_of(context):
    """{name: [model, keys]} where the context of a letter is records, and lists of records, alone; else empty."""
    several = {name: value if isinstance(value, list) else [value] for name, value in context.items()}
    if not all(isinstance(record, Model) for records in several.values() for record in records):
        return {}
    return {
        name: [records[0]._meta.model_name, [record.pk for record in records], isinstance(context[name], list)]
        for name, records in several.items()
        if records
    }


def current_context(about):
    """The records of `keys_of` as they are now; None where one of them is no more."""
    context = {}
    for name, (model_name, keys, is_list) in about.items():
        found = apps.get_model("inquiries", model_name)._base_manager.in_bulk(keys)
        if len(found) < len(set(keys)):
            return None
        context[name] = [found[key] for key in keys] if is_list else found[keys[0]]
    return context


def email_former_address(address, occasion, *, person, **context):
    """Send the e-mail of `occasion` about `person` to an address that is theirs no more, once the change is stored.

    A notification goes to where its recipient is reached when it is sent, so this one cannot wait among them. It is a
    courtesy: a server that fails is left a line in the log, and the change stays.
    """
    mail = make_email(*render_email(occasion, person, context), address)
    transaction.on_commit(partial(send_as_courtesy, mail))


def send_as_courtesy(mail):
    try:
        mail.send()
    except (OSError, SMTPException, ValueError) as error:
        # Kinds and codes: what servers answer names addresses.
        logger.warning("A letter to a former address could not be sent: %s.", describe_fault(error))


def clerks():
    return Person.objects.clerks()


def members_on(committee, day):
    """The people with a seat on a committee, or on that with this key, on a day."""
    return [seat.person for seat in Membership.objects.on(day).filter(committee=committee).select_related("person")]


@dataclass(frozen=True)
class Task:
    """What is to be done by a day, and by whom. `key` names it in a notification: "update:5"."""

    key: str
    what: str
    of: Inquiry | Meeting
    due: date
    people: tuple[Person, ...]
    report: ProgressReport | None = None
    # Who is told where it is late.
    superiors: tuple[Person, ...] = ()

    @property
    def kind(self):
        return self.key.partition(":")[0]

    asked_by: Person | None = None

    @property
    def about(self):
        return f"inquiry “{self.of}”" if isinstance(self.of, Inquiry) else f"meeting of the {self.of}"

    @property
    def clerk(self):
        return self.report.commissioned_by if self.report else self.asked_by


def open_tasks(until, keys=None):
    """The updates, sign-offs, actions and responses that are due on the day `until` or before; of `keys` where given.

    A response of Cabinet has no owner before it is recorded: the clerks see to it.
    """
    everybody = tuple(clerks())
    return [
        *(
            Task(
                f"update:{update.pk}",
                f"progress update on {update.response.numbers}",
                update.report.inquiry,
                update.due_on,
                tuple(update.writers),
                update.report,
                superiors_of(update),
            )
            for update in chosen(ProgressUpdate.objects.open(), "update", keys)
            .filter(report__updates_due_on__lte=until)
            .for_page()
            .select_related("report__commissioned_by", "response__lead_officer__director", "response__cabinet_member")
            .prefetch_related("report__sign_offs__person")
            if update.due_on <= until
        ),
        *(
            Task(
                f"sign_off:{sign_off.pk}",
                f"sign-off of the {sign_off.report.kind.lower()}",
                sign_off.report.inquiry,
                sign_off.report.sign_off_due_on,
                (sign_off.person,),
                sign_off.report,
                (sign_off.person.director,) if sign_off.person.director else (),
            )
            for sign_off in chosen(SignOff.objects.filter(signed_at__isnull=True), "sign_off", keys)
            .filter(report__in=ProgressReport.objects.at_stage(Stage.AWAITING_SIGN_OFF))
            .filter(report__sign_off_due_on__lte=until)
            .select_related("person__director", "report__inquiry", "report__commissioned_by")
        ),
        *(
            Task(
                f"action:{action.pk}",
                f"action on {action.update.response.numbers}",
                action.update.report.inquiry,
                action.due_on,
                (action.owner,),
                action.update.report,
            )
            for action in chosen(ActionPoint.objects.open(), "action", keys).filter(due_on__lte=until).for_page()
        ),
        *(
            Task(f"response:{inquiry.pk}", "the response of Cabinet", inquiry, inquiry.response_due, everybody)
            for inquiry in chosen(Inquiry.objects.filter(received_on__lte=until), "response", keys)
            .filter(Exists(Recommendation.objects.open().filter(inquiry=OuterRef("pk"), response__isnull=True)))
            .order_by("pk")
            if inquiry.response_due <= until
        ),
        *officer_report_tasks(until, keys),
    ]


def officer_report_tasks(until, keys):
    """Officer reports to write, and to sign; few at a time, since their dates follow from the meeting."""
    details = ("item__meeting__committee", "author__director", "commissioned_by")
    writing = chosen(OfficerReport.objects.open(), "officer_report", keys).for_page().select_related(*details)
    reports = OfficerReport.objects.awaiting_sign_off().select_related(*details)
    signing = OfficerReportSignature.objects.filter(report__in=reports, signed_at__isnull=True)
    signing = chosen(signing, "report_signature", keys).select_related(
        "person__director", *(f"report__{name}" for name in details)
    )
    tasks = [
        Task(
            f"officer_report:{report.pk}",
            report.title_in_mail,
            report.meeting,
            report.text_due_on,
            tuple(report.writers),
            superiors=superiors_of_report(report),
            asked_by=report.commissioned_by,
        )
        for report in writing
    ]
    tasks += [
        Task(
            f"report_signature:{signature.pk}",
            f"sign-off of {signature.report.title_in_mail}",
            signature.report.meeting,
            signature.report.sign_off_due_on,
            (signature.person,),
            superiors=(signature.person.director,) if signature.person.director else (),
            asked_by=signature.report.commissioned_by,
        )
        for signature in signing
    ]
    return [task for task in tasks if task.due <= until]


def superiors_of_report(report):
    """The director of its author, and those who are to sign it."""
    signers = [signature.person for signature in report.signatures.all()]
    return tuple(dict.fromkeys(person for person in (report.author.director, *signers) if person))


def superiors_of(update):
    """The director of the lead officer, and the Cabinet Member of the response, or those who sign the report."""
    lead, member = update.response.lead_officer, update.response.cabinet_member
    members = [member] if member else [sign_off.person for sign_off in update.report.sign_offs.all()]
    return tuple(person for person in (lead.director if lead else None, *members) if person)


def chosen(records, kind, keys):
    if keys is None:
        return records
    return records.filter(pk__in=[key.partition(":")[2] for key in keys if key.startswith(f"{kind}:")])


def queue_reminders(today, now):
    """Store what is to be said of tasks that are due soon or late; returns how many tasks that concerns.

    Each person is reminded once of all their own, and those who answer for late ones are told, as the settings of the
    council say. Nobody is told of a task of which they have had an e-mail since that was due, or today. After a backup
    was restored nobody is, until a clerk has looked through what waits: what was done after it looks undone.
    """
    if Restoration.objects.open().exists():
        return 0
    times = CouncilSettings.current().all_reminder_times()
    before = max([0, *(days for one in times.values() for days in one.days_before)])
    tasks = open_tasks(today + timedelta(days=before))
    reminders, escalations = [], []
    for task in tasks:
        if day := rules.reminder_day(task.due, today, times[task.kind]):
            reminders += [(person, task, day) for person in task.people]
        if day := rules.escalation_day(task.due, today, times[task.kind]):
            escalations += [(person, task, day) for person in task.superiors if person not in task.people]
    messages = messages_of_the_day("reminder", reminders, today)
    # One e-mail a day about a task, whatever its occasion: who is reminded of it is told of its lateness tomorrow.
    reminded = {(message.person, task) for message in messages for task in message.context["tasks"]}
    escalations = [one for one in escalations if one[:2] not in reminded]
    messages += messages_of_the_day("escalation", escalations, today)
    queue_messages(messages, now=now, today=today)
    return len({task.key for message in messages for task in message.context["tasks"]})


def messages_of_the_day(occasion, wanted, today):
    """One message to each person of the tasks (person, task, day) about which they had none since that day."""
    if not wanted:
        return []
    people = [person for person, _, _ in wanted]
    since = min(day for _, _, day in wanted)
    # To have been reminded of it oneself is not to have been told that others are late.
    own = "escalation" if occasion == "escalation" else None
    last = last_emails(people, since=since, occasion=own, and_refused=True)
    today_already = last_emails(people, since=today)
    by_person = defaultdict(dict)
    for person, task, day in wanted:
        key = (person.pk, task.key)
        if (key not in last or last[key] < day) and key not in today_already and person.email and person.is_active:
            by_person[person][task.key] = task
    return [reminder_to(person, occasion, list(tasks.values()), today) for person, tasks in by_person.items()]


def reminder_to(person, occasion, tasks, today, *, clerk=None, asked_at=""):
    tasks.sort(key=lambda task: task.due)
    key = f"{asked_at or today}:{checksum_of_data(sorted(task.key for task in tasks))[:32]}"
    clerk = clerk or next((task.clerk for task in tasks if can_be_answered(task.clerk)), None)
    return Message(person, occasion, key, {"tasks": tasks, "today": today}, clerk)


def send(pk, *, now):
    """Send one notification; nothing where it was sent or given up, or where its recipient has left or has no address.

    The row is locked meanwhile, so that of several jobs for it one sends. Raises what the mail server raised, after
    it has been counted.
    """
    with transaction.atomic():
        if not prepare_to_send(lock_sendable(pk), now):
            return
    failure = None
    with transaction.atomic():
        notification = lock_sendable(pk)
        if notification is None:
            return
        try:
            email_of(notification).send()
        except (OSError, SMTPException, ValueError) as error:
            notification.attempted_on = None
            notification.failures += 1
            notification.last_failure = name_and_codes(error)
            if is_address_refused(error):
                notification.refused_on, notification.failures = now, MOST_FAILURES
                record_refused_address(notification.recipient, now=now)
            else:
                failure = error
        else:
            notification.sent_on = now
            if notification.occasion == DIGEST:
                notification.items.update(sent_on=now)
            if notification.recipient.refused_address:
                Person.objects.filter(pk=notification.recipient_id).update(refused_address="")
        notification.save(update_fields=["attempted_on", "sent_on", "failures", "last_failure", "refused_on"])
    if failure:
        raise failure


def lock_sendable(pk):
    unsent = Notification.objects.filter(
        pk=pk, for_digest=False, sent_on=None, failures__lt=MOST_FAILURES, is_held=False
    )
    can_be_reached = unsent.filter(recipient__is_active=True).exclude(recipient__email=None)
    locked = can_be_reached.select_related("recipient", "reply_to").select_for_update(of=("self",), no_key=True)
    return locked.first()


def prepare_to_send(notification, now):
    """Note, in a transaction of its own, what is handed to the mail server now; False for what is not to be sent."""
    if notification is None:
        return False
    today = timezone.localdate(now)
    may_have_been_sent = notification.attempted_on is not None
    if notification.occasion in CAN_WAIT and not may_have_been_sent and had_another(notification, today):
        postpone(notification, today)
        return False
    if not bring_up_to_date(notification, today):
        Notification.objects.filter(pk=notification.pk).withdraw()
        return False
    notification.attempted_on = now
    notification.save(update_fields=["subject", "body", "attempted_on"])
    return True


def is_address_refused(error):
    """Whether the server refused the address itself for good, and not us, the text, or for now."""
    codes = smtp_codes(error)
    if len(codes) == 2:
        return codes[1].startswith(("5.1.", "5.2."))
    return codes in (["550"], ["551"], ["553"])


def record_refused_address(person, *, now):
    """Keep which address it was; the clerks are notified once for each address of a person."""
    if person.refused_address == person.email:
        return
    Person.objects.filter(pk=person.pk).update(refused_address=person.email)
    others = [clerk for clerk in clerks() if clerk != person]
    address = checksum_of_data(person.email.lower())[:32]
    notify(others, "address_refused", f"{person.pk}:{address}", now=now, refused=person)


@transaction.atomic
def record_undelivered_code(person, failure, *, is_refused, now):
    """Keep that a sign-in code did not reach a person, for the clerks; the code itself is nowhere kept."""
    if is_refused:
        record_refused_address(person, now=now)
    Notification.objects.create(
        recipient=person,
        occasion=SIGN_IN_CODE,
        key=f"{SIGN_IN_CODE}:{person.pk}:{now.isoformat()}",
        subject="Sign-in code",
        queued_on=now,
        failures=MOST_FAILURES,
        last_failure=failure,
        refused_on=now if is_refused else None,
    )


def record_visit(mark, person, *, now):
    """Note that `person` has followed the link of an e-mail to them, the first time."""
    Notification.objects.filter(pk=read_mark(mark), recipient=person, opened_on=None).update(opened_on=now)


def had_another(notification, today):
    """Whether its recipient was sent another e-mail about the same task today: what failed may be sent days later."""
    tasks = [task for task in notification.concerns if not task.startswith("report:")]
    sent = Notification.objects.filter(recipient=notification.recipient_id, sent_on__date=today)
    return sent.filter(concerns__overlap=tasks).exists()


def postpone(notification, today):
    notification.goes_out_on = today + timedelta(days=1)
    notification.save(update_fields=["goes_out_on"])
    at = datetime.combine(notification.goes_out_on, MORNING, UTC)
    defer_jobs(SEND, [{"notification": notification.pk}], at=at)


def bring_up_to_date(notification, today):
    """Write the text again, with what is true when it is sent; False for a reminder of nothing that is still to do."""
    context = current_context(notification.about)
    if notification.occasion in ("reminder", "escalation"):
        # Far enough for a task whose day has been put off.
        tasks = open_tasks(today + timedelta(days=366), notification.concerns)
        context = {"tasks": [task for task in tasks if is_still_for(notification, task, today)], "today": today}
        if not context["tasks"]:
            return False
    if context:
        reply_to = notification.reply_to if can_be_answered(notification.reply_to) else None
        text = render_email(notification.occasion, notification.recipient, context, reply_to)
        notification.subject, notification.body = text
    return True


def is_still_for(notification, task, today):
    if notification.occasion == "escalation":
        return task.due < today and notification.recipient in task.superiors
    return notification.recipient in task.people


def email_of(notification):
    return make_email(
        notification.subject,
        mark_links(notification.body, notification.pk),
        notification.recipient.email,
        reply_to=notification.reply_to if can_be_answered(notification.reply_to) else None,
        headers={"Message-ID": message_id(notification.key)},
    )
