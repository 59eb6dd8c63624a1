"""The agenda packs of a meeting: planned, built one at a time, searched for exempt text, published (now or at a set
time, and with them the progress reports in them), withdrawn."""

import hashlib
import logging
import shutil
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.exempt_check import (
    ExemptTextFound,
    check_nothing_stops,
    check_texts,
    file_bytes,
    search,
)
from inquiries.actions.meetings import locked_meeting
from inquiries.actions.programme import renew_programme_papers
from inquiries.actions.publication import publish
from inquiries.actions.records import delete_files_on_rollback, note_stored_files, save_valid
from inquiries.choices import PackEdition, Stage, Tagging
from inquiries.documents.exempt_search import texts_of_data, texts_of_pdf
from inquiries.documents.pack_build import PaperFile, build, file_checksum
from inquiries.documents.pack_content import fingerprint, pack_contents, records_of
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import (
    AgendaDocument,
    AgendaPack,
    Clearance,
    Meeting,
    PackEntry,
    PackPaper,
    PackPlan,
    ProgressReport,
    TickedFinding,
)
from inquiries.models.fields import checksum_of_data
from inquiries.models.packs import this_connection
from inquiries.notifications import clerks, members_on, notify
from inquiries.permissions import Refused, can, check_can
from inquiries.preflight.checks import find_problems
from inquiries.preflight.subject import build_subject
from inquiries.serialization import to_plain_data
from inquiries.uploads.paper import PageFacts, Rejected
from inquiries.uploads.process_upload import check_stored_tagging, tagging_check
from scrutiny.faults import NO_ROOM, is_disk_full

logger = logging.getLogger(__name__)


def plan_of(meeting, supplement):
    """The PackPlan of an issue, which may not be saved yet. Its `meeting` is the one that was given."""
    found = PackPlan.objects.select_related("started_by", "planned_by").filter(meeting=meeting, supplement=supplement)
    plan = found.first() or PackPlan(supplement=supplement)
    plan.meeting = meeting
    return plan


def saved_plan(meeting, supplement):
    plan = PackPlan.objects.get_or_create(meeting=meeting, supplement=supplement)[0]
    plan.meeting = meeting
    return plan


@transaction.atomic
def save_plan(meeting, supplement, *, duplex, by, now):
    meeting = locked_meeting(meeting, by=by, now=now)
    plan = saved_plan(meeting, supplement)
    changes = history.set_fields(plan, duplex=duplex)
    plan.save(update_fields=["duplex"])
    if changes["duplex"][0] != duplex:
        sentence = f"chose {'double' if duplex else 'single'}-sided printing for the {plan.name.lower()}"
        history.write("save_plan", meeting, sentence, by=by, now=now, changes=changes)
    return plan


def supplements_of(meeting, records=None):
    """The numbers of the issues of an agenda, 0 for the main one; `records` are its PackRecords, if at hand."""
    if records is not None:
        papers = [paper for some in records.documents.values() for paper in some]
        return sorted({0, *(thing.supplement for thing in (*records.items, *papers, *records.packs))})
    papers = AgendaDocument.objects.on_agenda().filter(item__meeting=meeting, item__removed_at__isnull=True)
    parts = (meeting.items.on_agenda(), papers, meeting.packs)
    return sorted({0, *(number for part in parts for number in part.values_list("supplement", flat=True))})


def check_exists(meeting, supplement):
    if supplement and supplement not in supplements_of(meeting):
        raise Refused("There is no such supplement to this agenda.")


def latest_packs(meeting, supplement, records=None):
    if records is None:
        return latest_by_edition(
            meeting.packs.filter(supplement=supplement).select_related("built_by", "published_by").order_by("number")
        )
    return latest_by_edition(pack for pack in records.packs if pack.supplement == supplement)


def current_contents(plan, records=None):
    """What would be built now of the issue of a plan, as {edition: PackContent}; the restricted edition only where
    something is exempt. `records` are the PackRecords of the meeting, if at hand."""
    records = records or records_of(plan.meeting)
    return pack_contents(plan, packs_before(plan.supplement, records.packs), records)


def contents_and_packs(plan):
    """What would be built now, and the latest packs of these editions: two dictionaries by edition."""
    contents, latest = current_contents(plan), latest_packs(plan.meeting, plan.supplement)
    return contents, {edition: pack for edition, pack in latest.items() if edition in contents}


def is_out_of_date(pack, contents):
    content = contents.get(pack.edition)
    return content is None or fingerprint(content) != pack.fingerprint


def findings_for(plan, *, now, contents=None, on=None, records=None):
    """What a careful clerk would find before publishing: a list of preflight Findings, none where all is well.

    `on` is the moment of a planned publication: lateness is judged by it instead of `now`. `records` are the
    PackRecords of the meeting with the text of its papers, if at hand.
    """
    records = records or records_of(plan.meeting, page_texts=True)
    contents = contents or current_contents(plan, records)
    return find_problems(build_subject(plan, contents, on or now, records))


@transaction.atomic
def tick_findings(meeting, findings, *, reason, by, now):
    """Record that what these Findings are about is as it should be. Raises Refused, or ValidationError.

    They stay ticked off until their key changes, with the paper or the text. What stops publication cannot be.
    """
    meeting = locked_meeting(meeting, by=by, now=now)
    if any(finding.stops for finding in findings):
        raise Refused("What stops publication cannot be ticked off.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is as it should be."})
    known = set(meeting.ticked_findings.values_list("key", flat=True))
    facts = {"meeting": meeting, "reason": reason.strip(), "ticked_at": now, "ticked_by": by}
    new = {finding.key: finding for finding in findings if finding.key not in known}
    ticked = [
        save_valid(TickedFinding(key=key, message=f"{finding.place.where}: {finding.message}", **facts))
        for key, finding in new.items()
    ]
    if ticked:
        sentence = f"ticked off {len(ticked)} finding{'s' if len(ticked) > 1 else ''} of the check before publishing"
        changes = {"ticked_findings": (None, "\n".join(one.message for one in ticked))}
        history.write("tick_findings", meeting, sentence, by=by, now=now, changes=changes, note=reason, also=ticked)
    return ticked


@transaction.atomic
def untick_finding(ticked, *, by, now):
    meeting = locked_meeting(ticked.meeting, by=by, now=now)
    sentence, changes = "took back that a finding is ticked off", {"ticked_findings": (ticked.message, None)}
    history.write("untick_finding", meeting, sentence, by=by, now=now, changes=changes, deleted=[ticked])
    ticked.delete()


@transaction.atomic
def clear_words(meeting, *, text, reason, by, now):
    check_can("administer", by, meeting, timezone.localdate(now))
    if not text.strip() or not reason.strip():
        raise ValidationError({"reason": "Say why this text may be published."})
    clearance = Clearance.objects.create(
        meeting=meeting, text=text.strip(), reason=reason.strip(), cleared_at=now, cleared_by=by
    )
    for plan in meeting.pack_plans.all():
        plan.exempt_found = [found for found in plan.exempt_found if found["text"] != clearance.text]
        plan.save(update_fields=["exempt_found"])
    sentence, changes = f"cleared “{text.strip()}” for publication", {"cleared_words": (None, text.strip())}
    history.write("clear_words", meeting, sentence, by=by, now=now, changes=changes, note=reason, also=[clearance])
    return clearance


def packs_before(supplement, packs):
    """The packs after which an issue carries on, by edition; none before the main agenda."""
    earlier = [pack for pack in packs if pack.supplement < supplement and pack.withdrawn_at is None]
    last = max((pack.supplement for pack in earlier), default=None)
    return latest_by_edition(pack for pack in earlier if pack.supplement == last)


def latest_by_edition(packs):
    """The last of each edition that has not been withdrawn; `packs` come in the order of their numbers."""
    return {pack.edition: pack for pack in packs if pack.withdrawn_at is None}


class Busy(Refused):
    pass


def build_packs(meeting, supplement, *, by, now, on_warning=None):
    """Build the packs of an issue from what is on the agenda now. Returns {edition: AgendaPack}.

    A pack that shows the current text already is kept, unless its file has been lost or altered. The progress is
    recorded in the PackPlan. `on_warning(sentence)` is called with what a clerk should look at on the pages, which is
    also in the history. Raises Refused (also while another person is building) or PdfFailed.
    """
    check_can("administer", by, meeting, timezone.localdate(now))
    check_exists(meeting, supplement)
    plan = saved_plan(meeting, supplement)
    with claimed(plan, by=by, now=now):
        renew_programme_papers(meeting.committee, meeting=meeting, by=by, now=now)
        contents = current_contents(plan)
        if check_tags_of_older_versions(contents, by=by, now=now):
            contents = current_contents(plan)
        packs = latest_packs(meeting, supplement)
        if all(is_current(packs.get(edition), content) for edition, content in contents.items()):
            return {edition: packs[edition] for edition in contents}

        def record_progress(step, done, total):
            PackPlan.objects.filter(pk=plan.pk).update(step=step, done=done, total=total)

        with TemporaryDirectory(prefix="scrutiny-pack-") as folder:
            papers = paper_files(contents, Path(folder))
            built = build(contents, papers, Path(folder), record_progress)
            kept = store_packs(plan, contents, built, by=by, now=now)
        record_progress("Searching for exempt text", 0, 0)
        search_pack(plan, contents, kept[PackEdition.PUBLIC])
    for sentence in build_warnings(built) if on_warning else ():
        on_warning(sentence)
    return kept


@contextmanager
def claimed(plan, *, by, now):
    """Claim the plan, so that nobody else builds or publishes it. Raises Busy where a person does.

    Why it failed is left in the plan for the page that shows the progress.
    """
    claim = PackPlan.objects.filter(pk=plan.pk)
    with transaction.atomic():
        locked = claim.select_related("started_by").select_for_update(of=("self",)).get()
        if locked.is_being_built:
            raise Busy(f"{locked.started_by} is building this pack at this moment. Wait until it is ready.")
        start = {"claimed_by": this_connection(), "started_at": now, "started_by": by}
        claim.update(**start, step="Getting ready", done=0, total=0, failure="")
    failure = "Something went wrong. Try again; if it happens again, contact the people who run this system."
    try:
        yield
        failure = ""
    except (Refused, PdfFailed) as error:
        failure = str(error)
        raise
    except Exception as error:
        if is_disk_full(error):
            failure = NO_ROOM
        raise
    finally:
        claim.filter(claimed_by=start["claimed_by"]).update(claimed_by="", step="", failure=failure)


def check_tags_of_older_versions(contents, *, by, now):
    """Validate the tagged papers that another version of the check, or none, has read: once, since the result is
    kept. Returns whether there was any. Raises Refused or PdfFailed."""
    has_checked = False
    for document in AgendaDocument.objects.filter(pk__in=papers_in(contents)).exclude(tagging=Tagging.UNTAGGED):
        if document.tagging_check == tagging_check(document.checksum):
            continue
        try:
            with document.file.open("rb") as kept:
                if hashlib.file_digest(kept, "sha256").hexdigest() != document.checksum:
                    raise PdfFailed(FILE_CHANGED.format(document.title))
                kept.seek(0)
                tagging = check_stored_tagging(kept)
        except FileNotFoundError:
            raise PdfFailed(FILE_MISSING.format(document.title)) from None
        except Rejected as error:
            raise Refused(str(error)) from None
        record_tagging(document, tagging, by=by, now=now)
        has_checked = True
    return has_checked


@transaction.atomic
def record_tagging(document, tagging, *, by, now):
    locked_meeting(document.item.meeting, by=by, now=now)
    changes = history.set_fields(document, tagging=tagging, tagging_check=tagging_check(document.checksum))
    document.save(update_fields=["tagging", "tagging_check"])
    sentence = f"had the tags of the paper “{document.title}” checked again"
    history.write("check_tags", document, sentence, by=by, now=now, changes=changes)


def papers_in(contents):
    return {
        paper.pk
        for content in contents.values()
        for item in content.items
        for paper in (*item.papers, *item.exempt_papers)
    }


FILE_MISSING = "The file of the paper “{}” is missing. Upload it again."
FILE_CHANGED = "The file of the paper “{}” is not what was uploaded. Upload it again."


def paper_files(contents, folder):
    """The kept files of the papers of `contents`, copied into `folder`: {pk: PaperFile}. Raises PdfFailed.

    Copied, because the storage need not be a folder of this machine; a file that changed there is found out.
    """
    files = {}
    for document in AgendaDocument.objects.filter(pk__in=papers_in(contents)).order_by("pk"):
        path = folder / f"paper-{document.pk}.pdf"
        try:
            with document.file.open("rb") as kept, path.open("wb") as copy:
                shutil.copyfileobj(kept, copy)
        except FileNotFoundError:
            raise PdfFailed(FILE_MISSING.format(document.title)) from None
        if file_checksum(path) != document.checksum:
            raise PdfFailed(FILE_CHANGED.format(document.title))
        pages = tuple(PageFacts(**page) for page in document.pages)
        files[document.pk] = PaperFile(path=path, pages=pages, tagging=document.tagging, language=document.language)
    return files


def is_whole(pack):
    try:
        with pack.file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == pack.checksum
    except FileNotFoundError:
        return False


def build_warnings(built):
    return list(dict.fromkeys(warning for pack in built.values() for warning in pack.warnings))


def is_current(pack, content):
    # A published pack stays what it was, whatever has become of its file.
    return (
        pack is not None
        and pack.fingerprint == fingerprint(content)
        and (pack.published_at is not None or is_whole(pack))
    )


@delete_files_on_rollback()
@transaction.atomic
def store_packs(plan, contents, built, *, by, now):
    meeting = locked_meeting(plan.meeting, by=by, now=now)
    latest, kept = latest_packs(meeting, plan.supplement), {}
    replaced = list(latest.values())
    files = {pack.name: (f"{pack.file.name} {pack.checksum}", None) for pack in latest.values()}
    for edition, content in contents.items():
        before = latest.pop(edition, None)
        if is_current(before, content):
            kept[edition] = before
            continue
        discard(before)
        kept[edition] = store_pack(meeting, content, built[edition], by=by, now=now)
    # Nothing is exempt any more: a restricted pack that nobody has published is of no use.
    for pack in latest.values():
        discard(pack)
    discarded = [pack for pack in replaced if pack.published_at is None and pack not in kept.values()]
    names = ", ".join(pack.name for pack in kept.values())
    # As a note, because a sentence has room for 500 characters.
    for pack in kept.values():
        files[pack.name] = (files.get(pack.name, (None,))[0], f"{pack.file.name} {pack.checksum}")
    sentence, warnings = f"built {names}", " ".join(build_warnings(built))
    history.write(
        "build_packs",
        meeting,
        sentence,
        by=by,
        now=now,
        changes=files,
        note=warnings,
        also=kept.values(),
        deleted=discarded,
    )
    return kept


def store_pack(meeting, content, built, *, by, now):
    issued = meeting.packs.filter(edition=content.edition, supplement=content.supplement)
    pack = AgendaPack(
        meeting=meeting,
        edition=content.edition,
        supplement=content.supplement,
        number=issued.count() + 1,
        checksum=built.checksum,
        fingerprint=fingerprint(content),
        content=to_plain_data(content),
        first_page=built.first_page,
        last_page=built.last_page,
        last_exempt_page=built.last_exempt_page,
        is_accessible=built.is_accessible,
        screen_end=built.screen_end,
        screen_pages=built.screen_pages,
        screen_checksum=built.screen_checksum,
        built_at=now,
        built_by=by,
    )
    with built.path.open("rb") as file:
        # The name tells nothing but which pack it is: the file can be older than its publication.
        pack.file.save(
            f"{meeting.pk}-{pack.edition}-{pack.supplement}-{built.checksum[:16]}.pdf", File(file), save=False
        )
    note_stored_files(pack.file)
    pack.save()
    PackEntry.objects.bulk_create(
        PackEntry(pack=pack, item_id=item, exempt=exempt, first_page=first, last_page=last)
        for item, exempt, first, last in built.entries
    )
    PackPaper.objects.bulk_create(
        PackPaper(pack=pack, document_id=document, first_page=first) for document, first in built.papers
    )
    return pack


def discard(pack):
    if pack is None or pack.published_at is not None:
        return
    storage, name = pack.file.storage, pack.file.name
    # The record in hand keeps its key: the history is still to name it.
    AgendaPack.objects.filter(pk=pack.pk).delete()

    def delete():
        # What takes the place of a lost file gets its name.
        if not AgendaPack.objects.filter(file=name).exists():
            storage.delete(name)

    transaction.on_commit(delete)


MOST_FOUND = 200  # that a plan keeps
NO_REASON = (
    "This is after the last day to publish. Give the reason why it cannot wait: the law asks for it "
    "(Local Government Act 1972, section 100B(4))."
)
BROKEN = "Something went wrong. Publish it by hand; if that fails too, contact the people who run this system."
IN_MAIL = "Exempt text was found in what everybody would read. The page below says which, and where."


def is_late(meeting, day):
    """Whether publishing on `day` is after the last day that leaves five clear days before the meeting."""
    return day > meeting.deadlines.publication


def publish_packs(meeting, supplement, *, by, now, urgency_reason=""):
    """Publish an issue of the agenda with the progress reports in it; packs that are out of date are built first.

    Returns the public AgendaPack. The committee's members are notified. Raises Refused (ExemptTextFound, where words of
    exempt material were found in the public pack) or PdfFailed: then nothing has been published.
    """
    check_can("administer", by, meeting, timezone.localdate(now))
    check_exists(meeting, supplement)
    plan = saved_plan(meeting, supplement)
    packs = prepare_packs(plan, urgency_reason, on=now, by=by, now=now)
    with claimed(plan, by=by, now=now):
        check_before_publication(plan, packs)
        return publish_checked(plan, packs, by=by, now=now)


def plan_publication(meeting, supplement, *, publish_on, by, now, urgency_reason=""):
    """Have an issue published at the moment `publish_on`, as it is then if nothing has changed by then.

    Builds the packs and looks at everything that `publish_packs` looks at. Returns the PackPlan.
    """
    check_can("administer", by, meeting, timezone.localdate(now))
    if publish_on <= now:
        raise Refused("Choose a time that is still to come, or publish now.")
    check_exists(meeting, supplement)
    plan = saved_plan(meeting, supplement)
    packs = prepare_packs(plan, urgency_reason, on=publish_on, by=by, now=now)
    check_before_publication(plan, packs)
    with transaction.atomic():
        meeting = locked_meeting(meeting, by=by, now=now)
        plan = saved_plan(meeting, supplement)
        changes = history.set_fields(plan, publish_on=publish_on)
        plan.planned_at, plan.planned_by, plan.refusal, plan.is_held = now, by, "", False
        plan.planned_packs = {edition: pack.fingerprint for edition, pack in packs.items()}
        plan.save(update_fields=["publish_on", "planned_at", "planned_by", "planned_packs", "refusal", "is_held"])
        sentence = f"planned the publication of the {plan.name.lower()}"
        history.write("plan_publication", meeting, sentence, by=by, now=now, changes=changes)
    return plan


@transaction.atomic
def unplan_publication(meeting, supplement, *, by, now):
    meeting = locked_meeting(meeting, by=by, now=now)
    plan = plan_of(meeting, supplement)
    if plan.publish_on is None:
        raise Refused("No publication is planned.")
    changes = history.set_fields(plan, publish_on=None, planned_at=None, planned_by=None)
    plan.is_held = False
    plan.save(update_fields=["publish_on", "planned_at", "planned_by", "is_held"])
    sentence = f"took back the planned publication of the {plan.name.lower()}"
    history.write("unplan_publication", meeting, sentence, by=by, now=now, changes=changes)
    return plan


def publish_planned(now):
    """Publish what was planned for now or earlier; returns (published, refused), how many of each.

    Only what the clerk looked at: where anything has changed since, nothing is published and the clerks are notified.
    Several of these may run at the same time.
    """
    published = refused = 0
    due = PackPlan.objects.filter(publish_on__lte=now, is_held=False).select_related("meeting__committee", "planned_by")
    for plan in due.order_by("publish_on"):
        try:
            with claimed(plan, by=plan.planned_by, now=now):
                done = publish_one_plan(plan.pk, now)
        except Busy:
            # The other process either publishes it, or leaves it for the next round.
            continue
        except (Refused, PdfFailed) as error:
            refused += cancel_plan(plan, error, now)
        except DatabaseTrouble:
            raise
        except Exception as error:
            # One that breaks must not keep the others, and the mails, from going out.
            logger.exception("The planned publication %s broke off.", plan.pk)
            refused += cancel_plan(plan, PdfFailed(NO_ROOM if is_disk_full(error) else BROKEN), now)
        else:
            published += done
    return published, refused


@transaction.atomic
def withdraw_pack(pack, *, reason, by, now, with_restricted=False):
    """Withdraw a published pack from the public, with a reason that is shown in its place. The file is kept.

    `with_restricted` takes back what `restricted_beside` the pack too. Raises Refused where it is not published.
    """
    locked_meeting(pack.meeting, by=by, now=now)
    pack = AgendaPack.objects.select_related("meeting__committee").get(pk=pack.pk)
    if not pack.is_published:
        raise Refused("This pack is not published.")
    if not reason.strip():
        raise Refused("Say why the pack is withdrawn.")
    check_texts({"reason": reason}, meetings=[pack.meeting])
    for taken_back in [pack, *(restricted_beside(pack) if with_restricted else [])]:
        changes = history.set_fields(taken_back, withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason.strip())
        # Only these: the database refuses to touch anything else of a published pack.
        taken_back.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        sentence = f"took back {taken_back.name}"
        history.write("withdraw_pack", taken_back, sentence, by=by, now=now, changes=changes, note=reason)
    return pack


def restricted_beside(pack):
    """The restricted editions of the same issue that are published, up to the next public edition, as a list.

    They hold everything that the public edition `pack` holds. None beside a restricted edition.
    """
    if pack.edition != PackEdition.PUBLIC:
        return []
    issue = AgendaPack.objects.filter(meeting=pack.meeting_id, supplement=pack.supplement)
    later = issue.filter(edition=PackEdition.PUBLIC, published_at__gt=pack.published_at)
    beside = issue.published().filter(edition=PackEdition.RESTRICTED, published_at__gte=pack.published_at)
    if following := later.order_by("published_at").first():
        beside = beside.filter(published_at__lt=following.published_at)
    return list(beside.order_by("number"))


def prepare_packs(plan, urgency_reason, *, on, by, now):
    """Record the reason for urgency, ask the pre-flight, build. Returns the packs by edition."""
    check_not_cancelled(plan.meeting)
    late = is_late(plan.meeting, timezone.localdate(on))
    reason = (urgency_reason.strip() or plan.urgency_reason) if late else ""
    if late and not reason:
        raise Refused(NO_REASON)
    if reason != plan.urgency_reason:
        record_urgency_reason(plan, reason, by=by, now=now)
    check_earlier_published(plan)
    check_no_stopping_findings(findings_for(plan, now=now, on=on))
    # A clerk who publishes hears of a file that was altered, although building again would fix it.
    waiting = {e: pack for e, pack in latest_packs(plan.meeting, plan.supplement).items() if pack.published_at is None}
    check_pack_files(waiting)
    return build_packs(plan.meeting, plan.supplement, by=by, now=now)


@transaction.atomic
def record_urgency_reason(plan, reason, *, by, now):
    meeting = locked_meeting(plan.meeting, by=by, now=now)
    changes = history.set_fields(plan, urgency_reason=reason)
    plan.save(update_fields=["urgency_reason"])
    sentence = (
        f"gave the reason for urgency of the {plan.name.lower()}" if reason else "took out the reason for urgency"
    )
    history.write("urgency_reason", meeting, sentence, by=by, now=now, changes=changes)


def check_not_cancelled(meeting):
    if Meeting.objects.filter(pk=meeting.pk, cancelled_at__isnull=False).exists():
        raise Refused("This meeting has been cancelled, so its agenda is not published.")


def check_earlier_published(plan):
    earlier = {number for number in supplements_of(plan.meeting) if number < plan.supplement}
    if earlier - set(AgendaPack.objects.public().filter(meeting=plan.meeting).values_list("supplement", flat=True)):
        raise Refused("What comes before this supplement is not published yet, so its page numbers may change.")


def check_no_stopping_findings(findings):
    if stopping := [finding for finding in findings if finding.stops]:
        raise Refused(" ".join(f"{finding.place.where}: {finding.message}" for finding in stopping))


def check_before_publication(plan, packs):
    """Raise Refused unless the packs are whole, show what is on the agenda now, and give nothing away.

    Before the transaction, because a large pack takes its time to read.
    """
    contents = current_contents(plan)
    check_packs_current(packs, contents)
    check_pack_files(packs)
    try:
        check_nothing_stops(search_pack(plan, contents, packs[PackEdition.PUBLIC]))
    except FileNotFoundError:
        # Deleted in this moment by a person who built again, or lost.
        raise Refused("The file of the pack, or of a paper in it, is missing. Build the pack again.") from None


def search_pack(plan, contents, pack):
    """What is exempt on any agenda of this meeting, or in a report before one of them, and is in the public pack, its
    data or one of its papers.

    A list of ExemptFound, which the plan keeps for the clerks' pages. `contents` are those of both editions.
    """
    meeting = plan.meeting
    others = [current_contents(plan_of(meeting, n)) for n in supplements_of(meeting) if n != plan.supplement]
    whole = [issue.get(PackEdition.RESTRICTED) or issue[PackEdition.PUBLIC] for issue in (contents, *others)]
    restricted = replace(whole[0], items=tuple(chain.from_iterable(content.items for content in whole)))
    papers = [paper.pk for item in contents[PackEdition.PUBLIC].items for paper in item.papers]
    texts = texts_of_pack(pack, AgendaDocument.objects.filter(pk__in=papers).order_by("pk"))
    found = search(texts, meetings=[meeting], content=restricted)
    PackPlan.objects.filter(pk=plan.pk).update(exempt_found=[to_plain_data(one) for one in found[:MOST_FOUND]])
    return found


def texts_of_pack(pack, papers):
    """All that is published with a pack, as pairs (where, text)."""
    yield from texts_of_pdf(file_bytes(pack.file))
    yield from texts_of_data(pack.content)
    # Each paper is also served by itself, with what its file says besides its pages.
    for paper in papers:
        for place, text in texts_of_pdf(file_bytes(paper.file)):
            yield f"the paper “{paper.title}”, {place}", text


def check_pack_files(packs):
    if not all(is_whole(pack) for pack in packs.values()):
        raise Refused("The file of the pack is missing, or is not the one that was built. Build the pack again.")


def check_packs_current(packs, contents):
    if set(packs) != set(contents) or any(is_out_of_date(pack, contents) for pack in packs.values()):
        raise Refused("Something on the agenda has just been changed. Build the pack again and look at it.")


@delete_files_on_rollback()
@transaction.atomic
def publish_checked(plan, checked, *, by, now):
    meeting = locked_meeting(plan.meeting, by=by, now=now)
    check_not_cancelled(meeting)
    plan = plan_of(meeting, plan.supplement)
    contents, packs = contents_and_packs(plan)
    check_packs_current(packs, contents)
    if {pack.checksum for pack in packs.values()} != {pack.checksum for pack in checked.values()}:
        raise Refused("The pack has just been built again. Look at it, then publish it.")
    waiting = [pack for pack in packs.values() if pack.published_at is None]
    if not waiting:
        raise Refused("This is published already, and nothing has changed since.")
    publish_reports_in(meeting, contents[PackEdition.PUBLIC], by=by, now=now)
    # Once more, now that nobody can change the reports: one may have been reopened a moment ago.
    check_packs_current(packs, current_contents(plan))
    for pack in waiting:
        changes = history.first_values(pack, "file", "checksum")
        changes["content_checksum"] = ("", checksum_of_data(pack.content))
        changes |= history.set_fields(pack, published_at=now, published_by=by)
        pack.save(update_fields=["published_at", "published_by"])
        history.write("publish_pack", pack, f"published {pack.name}", by=by, now=now, changes=changes)
    PackPlan.objects.filter(pk=plan.pk).update(
        publish_on=None, planned_at=None, planned_by=None, refusal="", is_held=False
    )
    public = packs[PackEdition.PUBLIC]
    members = members_on(meeting.committee_id, timezone.localdate(now))
    notify(members, "agenda_published", str(public.pk), now=now, reply_to=by, meeting=meeting, pack=public)
    return public


def publish_reports_in(meeting, content, *, by, now):
    numbers = [item.report.pk for item in content.items if item.report]
    for report in ProgressReport.objects.filter(pk__in=numbers).at_stage(Stage.SIGNED_OFF).order_by("pk"):
        # The members hear of the agenda, and with it of the report.
        publish(report, by=by, now=now, update_date=meeting.day, announce=False)


def publish_one_plan(pk, now):
    """Publish one plan; returns how many were published: 0 where a person has done it, or taken it back, meanwhile."""
    plan = PackPlan.objects.select_related("meeting__committee", "planned_by").get(pk=pk)
    if plan.publish_on is None or plan.publish_on > now or plan.is_held:
        return 0
    contents, packs = contents_and_packs(plan)
    if {edition: pack.fingerprint for edition, pack in packs.items()} != plan.planned_packs:
        raise Refused("The pack was built again after its publication was planned.")
    if not can("administer", plan.planned_by, plan.meeting, timezone.localdate(now)):
        raise Refused(f"{plan.planned_by}, who planned it, is no longer a clerk here. Publish it yourself.")
    if plan.meeting.start <= now:
        raise Refused("The meeting began before the agenda could be published.")
    check_earlier_published(plan)
    check_no_stopping_findings(findings_for(plan, now=now, contents=contents))
    check_before_publication(plan, packs)
    publish_checked(plan, packs, by=plan.planned_by, now=now)
    return 1


@transaction.atomic
def cancel_plan(plan, error, now):
    """Leave the reason in the plan and notify the clerks; returns 1, or 0 where a person has planned otherwise."""
    stopped = PackPlan.objects.filter(pk=plan.pk, publish_on=plan.publish_on).update(
        publish_on=None, refusal=str(error)
    )
    if stopped:
        # A mail goes through many hands: the exempt text itself is on the clerk's page only.
        reason = IN_MAIL if isinstance(error, ExemptTextFound) else str(error)
        logger.warning("The planned publication %s did not happen.", plan.pk)
        sentence, changes = (
            f"gave up the planned publication of the {plan.name.lower()}",
            {"publish_on": (plan.publish_on, None)},
        )
        history.write("give_up_publication", plan.meeting, sentence, by=None, now=now, changes=changes, note=reason)
        key = f"{plan.pk}:{plan.publish_on.isoformat()}"
        notify(clerks(), "pack_not_published", key, now=now, meeting=plan.meeting, plan=plan, reason=reason)
    return stopped
