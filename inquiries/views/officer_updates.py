"""All updates of one report that are a person's to write, on one page: each is written and submitted where it is."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.documents.content import RequestedAction
from inquiries.documents.progress_report import requested_actions
from inquiries.forms.officer import HOW_TO_WRITE, ListedUpdateForm
from inquiries.models import Draft, ProgressReport, ProgressUpdate
from inquiries.permissions import can
from inquiries.views.drafts import login_required_keeping_post
from inquiries.views.officer import passed_target_date

# Of more than these, so many that are begun or next have their form here, and the others a link to their own page.
MOST_FORMS, FORMS_OF_MORE = 12, 8
MOST_UNFOLDED = 3  # of more updates only those that are next or begun are unfolded


@dataclass
class ListedUpdate:
    """One update of the list. It `clashes` with a draft of an older version; of a brief one its own page says more."""

    update: ProgressUpdate
    address: str
    draft: Draft | None
    can_write: bool
    clashes: bool
    passed_target_date: date | None
    last_time: ProgressUpdate | None
    earlier_actions: tuple[RequestedAction, ...]
    form: ListedUpdateForm | None = None
    is_brief: bool = False
    is_unfolded: bool = False

    @property
    def is_begun(self):
        return self.draft is not None or self.update.is_returned


@require_safe
@login_required_keeping_post
def updates(request, slug, months):
    reports = ProgressReport.objects.select_related("inquiry__committee", "commissioned_by", "meeting")
    report = get_object_or_404(reports, inquiry__slug=slug, months_on=months)
    own = updates_to_write(request.user, report)
    today = timezone.localdate()
    addresses = {update.get_absolute_url(): update for update in own}
    drafts = {draft.address: draft for draft in Draft.objects.filter(person=request.user, address__in=addresses)}
    listed = [list_update(request.user, each, address, drafts, today) for address, each in addresses.items()]
    listed.sort(key=lambda each: not each.can_write)
    make_forms(listed)
    waiting = sum(each.can_write for each in listed)
    clerk = report.commissioned_by
    context = {
        "report": report,
        "listed": listed,
        "waiting": waiting,
        "due_on": min((each.update.due_on for each in listed if each.can_write and each.update.due_on), default=None),
        "forms_come_later": any(each.can_write and each.is_brief for each in listed),
        "submitted": sum(each.update.submitted_at is not None for each in listed),
        "on_behalf": not any(request.user in each.update.writers for each in listed),
        "sign_offs": report.sign_offs.select_related("person") if not waiting else (),
        "clerk": clerk if clerk.email and clerk.is_active and clerk.is_clerk else None,
        **{name: getattr(settings, name) for name in ("CONTACT_NAME", "CONTACT_TELEPHONE", "CONTACT_EMAIL")},
        "how_to_write": HOW_TO_WRITE,
        "today": today,
        "writer": request.user.signed_key,
        "crumbs": [(report.inquiry.title, report.inquiry.get_absolute_url()), (report.kind, report.get_absolute_url())],
    }
    return render(request, "officer/updates.html", context)


def updates_to_write(person, report):
    """Those of the report that this person writes; a clerk who writes none may write all on behalf. Else Http404."""
    every = report.updates.for_rows().with_recommendations().with_contributors().with_last_time(report)
    every = every.select_related("saved_by", "returned_by")
    own = list(every.written_by(person))
    if not own and person.is_clerk:
        own = list(every)
    if not own:
        raise Http404
    return own


def list_update(person, update, address, drafts, today):
    draft = drafts.get(address)
    can_write = can("write_update", person, update, today)
    is_stale = draft is not None and draft.based_on_version is not None and draft.based_on_version < update.version
    last = update.last_time
    may_read_last = last is not None and (
        last.report.published_at is not None or person.is_clerk or person == update.response.lead_officer
    )
    return ListedUpdate(
        update=update,
        address=address,
        draft=draft,
        can_write=can_write,
        clashes=can_write and is_stale,
        passed_target_date=passed_target_date(update, today) if can_write else None,
        last_time=last if may_read_last else None,
        earlier_actions=requested_actions(update, earlier=True),
    )


def make_forms(listed):
    to_write = [each for each in listed if each.can_write and not each.clashes]
    most = MOST_FORMS if len(listed) <= MOST_FORMS else FORMS_OF_MORE
    for each in sorted(to_write, key=lambda each: not each.is_begun)[:most]:
        each.form = ListedUpdateForm(each.draft.posted if each.draft else None, update=each.update)
    for each in listed:
        each.is_brief = each.form is None and len(listed) > MOST_FORMS
        each.is_unfolded = each.form is not None and (len(to_write) <= MOST_UNFOLDED or each.is_begun)
    if to_write:
        to_write[0].is_unfolded = True
