"""What former councils had published, under the paths that it has in their archives; more of it for clerks."""

from pathlib import PurePosixPath

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from inquiries.actions.former_councils import FACTS, read_page_data
from inquiries.documents.archive_content import PAGES, ArchiveFacts
from inquiries.models import FormerCouncil, FormerFile
from inquiries.models.former_councils import RESTRICTED
from inquiries.permissions import can
from inquiries.views.downloads import CONTENT_TYPES, LONGEST_NAME, missing_file_page, stored_file_response

PER_PAGE = 50


@require_safe
def former_council(request, slug):
    return data_page(request, get_object_or_404(FormerCouncil, slug=slug), FACTS, ArchiveFacts, "archive/index.html")


@require_safe
def restricted_files(request, slug):
    """The restricted part, for clerks: its files by name."""
    council = get_object_or_404(FormerCouncil, slug=slug)
    files = FormerFile.objects.visible_to(request.user).filter(council=council, is_restricted=True)
    if not files.exists():
        raise Http404
    page = Paginator(files.select_related("council").listed(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "public/former_files.html", {"council": council, "page": page})


@require_safe
def former_page(request, slug, path):
    """A page of the archive in our own dress, or a file of it as it is."""
    council = get_object_or_404(FormerCouncil, slug=slug)
    kind, _, name = path.partition("/")
    if kind in PAGES and name.endswith(".html"):
        return data_page(
            request, council, f"data/{path.removesuffix('.html')}.json", PAGES[kind], f"archive/{kind}.html"
        )
    is_restricted = kind == RESTRICTED
    visible = FormerFile.objects.visible_to(request.user).select_related("council")
    path = path.removeprefix(f"{RESTRICTED}/") if is_restricted else path
    kept = get_object_or_404(visible, council=council, is_restricted=is_restricted, path=path)
    # Pages of another council are files here, never pages: what they hold must not run or ask for anything.
    ending = PurePosixPath(path).suffix.removeprefix(".")
    form = ending if ending in CONTENT_TYPES else "other"
    file_name = f"{slugify(PurePosixPath(path).stem)[:LONGEST_NAME].strip('-') or 'file'}.{slugify(ending) or 'bin'}"
    return stored_file_response(request, council, kept.file, kept.checksum, file_name, form, private=is_restricted)


def data_page(request, council, path, kind, template):
    kept = get_object_or_404(council.files.public(), path=path)
    try:
        with kept.file.open("rb") as file:
            content = read_page_data(file.read(), kind, path)
    except FileNotFoundError:
        return missing_file_page(request, council, "The page is not where it was stored.")
    context = {
        "council": council,
        "content": content,
        "body": template,
        "is_front_page": kind is ArchiveFacts,
        "has_restricted": bool(council.restricted_checksum)
        and can("administer", request.user, None, timezone.localdate()),
    }
    return render(request, "public/former_council.html", context)
