"""What everybody sees of meetings: which there are, and each with its agenda. Those who may see more of it do."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.choices import SeatRole
from inquiries.forms.public import MeetingSearch
from inquiries.models import Meeting
from inquiries.permissions import rights_over
from inquiries.views.agenda_reading import agenda_of, with_agendas

PER_PAGE = 20
SEATS = tuple(SeatRole.values)  # the chair comes first


@require_safe
def meetings(request):
    """Upcoming meetings, or those that were, of every committee or of one."""
    form = MeetingSearch(request.GET)
    found = with_agendas(form.found(timezone.now())).select_related("committee")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "public/meetings_list.html", {"form": form, "page": page, "past": form.is_past})


@require_safe
def meeting(request, pk):
    """A meeting: when and where, who sits there, its agenda with every paper once that is published."""
    meeting = get_object_or_404(Meeting.objects.select_related("committee"), pk=pk)
    today = timezone.localdate()
    rights = rights_over(request.user, meeting, today, "see_exempt", "administer")
    agenda = agenda_of(meeting, request.user, today, restricted="see_exempt" in rights)
    context = {
        "meeting": meeting,
        "agenda": agenda,
        "members": _members(meeting) if agenda.members is None else agenda.members,
        "moved": agenda.printed_start not in (None, meeting.start),
        "elsewhere": agenda.printed_venue not in (None, meeting.venue),
        "today": today,
        "is_over": meeting.day < today,
        "may_administer": "administer" in rights,
    }
    return render(request, "public/meeting.html", context)


def _members(meeting):
    """Who will sit there, as (name, role in words), the chair first."""
    seats = meeting.committee.memberships.on(meeting.day).select_related("person")
    in_order = sorted(seats, key=lambda seat: (SEATS.index(seat.role), seat.person.name.casefold()))
    return [(s.person.name, "" if s.role == SeatRole.MEMBER else s.get_role_display()) for s in in_order]
