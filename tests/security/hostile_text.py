"""Words that try to be more than words, in every text field of every model; and how to tell that one has succeeded."""

import html5lib
from django.apps import apps
from django.db import DatabaseError, models, transaction

# Starts a formula in a spreadsheet, a header in a mail, an element and a handler in a page, a call in Typst.
STARTS = ("=", "+", "-", "@", "\t=")
MARKUP = (
    'HYPERLINK("http://x")"\'><img src=x onerror=alert(1)><x-attack onclick=alert(1) style=top:0></x-attack>'
    '</title></textarea></script><script>alert(1)</script>{{7*7}}{% now "Y" %}#eval("7*7")\\ $x$'
    "\u202egnp.exe\r\nX-Attack: 1\r\nBEGIN:VALARM"
)
SHORTER = ("\"'><x-attack onclick=alert(1)>{{7*7}}", "<x-attack>{{7*7}}", "<b>x")
WEB_ADDRESS = "https://wealdshire.example/\"'><x-attack onclick=alert(1)>"
SCRIPT_ADDRESS = "javascript:alert(document.domain)//https://wealdshire.example/"

# What is no text of people: chosen from a list, made by the application, part of an address, or never shown.
# `model.field` -> why.
NO_WORDS = {
    "inquiries.Person.password": "never shown",
    "inquiries.Committee.slug": "of an address: letters, digits and hyphens",
    "inquiries.Inquiry.slug": "of an address: letters, digits and hyphens",
    "inquiries.FormerCouncil.slug": "of an address: letters, digits and hyphens",
    "inquiries.FormerFile.path": "of a file in an archive, which the import checks",
    "inquiries.FormerFile.file": "a name of ours",
    "inquiries.FormerFile.checksum": "made by us",
    "inquiries.FormerCouncil.public_checksum": "made by us",
    "inquiries.FormerCouncil.restricted_checksum": "made by us",
    "inquiries.Recommendation.reference": "of an address; set apart, below",
    "inquiries.Recommendation.reference_key": "made from the reference",
    "inquiries.AgendaDocument.file": "a name of ours",
    "inquiries.AgendaDocument.checksum": "made by us",
    "inquiries.AgendaDocument.pages": "numbers measured by us",
    "inquiries.AgendaDocument.language": "read from the file where it is one: tests/uploads/test_measured.py",
    "inquiries.Inquiry.report_file": "a name of ours",
    "inquiries.EvidenceFile.file": "a name of ours",
    **{f"inquiries.OfficerReportPicture.{name}": "made by us" for name in ("name", "file", "checksum")},
    "inquiries.EvidenceFile.checksum": "made by us",
    "inquiries.ReportEdition.content": "kept when published: what the other fields held",
    "inquiries.ReportEdition.pdf": "a name of ours",
    "inquiries.ReportEdition.docx": "a name of ours",
    "inquiries.ReportEdition.pdf_checksum": "made by us",
    "inquiries.ReportEdition.docx_checksum": "made by us",
    "inquiries.ReportImport.checksum": "made by us",
    "inquiries.ReportImport.draft": "made of hostile text below",
    "inquiries.PeopleImport.checksum": "made by us",
    "inquiries.PeopleImport.rows": "made of hostile text below",
    "inquiries.TrackerImport.checksum": "made by us",
    "inquiries.TrackerImport.sheets": "made of hostile text below",
    "inquiries.TrackerImport.choices": "values of ours, for the hostile text below",
    "inquiries.TrackerImport.counts": "numbers",
    "inquiries.ColumnMatching.headings": "made by us",
    "inquiries.ColumnMatching.matching": "values of ours",
    "inquiries.ColumnMatching.meanings": "values of ours",
    **{
        f"inquiries.TrackerRow.{name}": "worked out by the database from the other fields"
        for name in (
            *("reference_key", "rated_precision", "inquiry_sort", "committee_sort"),
            *("lead_officer_sort", "cabinet_member_sort"),
        )
    },
    "inquiries.SignedMinutes.file": "a name of ours",
    "inquiries.SignedMinutes.checksum": "made by us",
    "inquiries.MinutesEdition.content": "kept when published: what the other fields held",
    "inquiries.MinutesEdition.reason": "kept when published: made of hostile text below",
    "inquiries.TickedFinding.key": "made by us",
    "inquiries.Draft.address": "an address of ours",
    "inquiries.Draft.data": "made of hostile text below",
    "inquiries.Seal.digest": "made by the database",
    "inquiries.Notification.key": "made by us",
    "inquiries.Notification.occasion": "a name of ours",
    "inquiries.Notification.about": "kinds and keys of records",
    "inquiries.PackPlan.planned_packs": "made by us",
    "inquiries.PackPlan.exempt_found": "what the search found in other fields",
    "inquiries.AgendaPack.file": "a name of ours",
    "inquiries.AgendaPack.checksum": "made by us",
    "inquiries.AgendaPack.fingerprint": "made by us",
    "inquiries.AgendaPack.content": "kept when built: what the other fields held",
    # Of libraries
    "auth.Permission.name": "not used",
    "auth.Permission.codename": "not used",
    "auth.Group.name": "not used",
    "contenttypes.ContentType.app_label": "made by Django",
    "contenttypes.ContentType.model": "made by Django",
    "sessions.Session.session_key": "made by Django",
    "sessions.Session.session_data": "signed by Django",
    "account.EmailAddress.email": "not used: people hold their address",
    "account.EmailConfirmation.key": "not used",
    "mfa.Authenticator.data": "encrypted by us; its one name of people is tried in tests/accounts",
    **{
        f"socialaccount.SocialApp.{name}": "not used: from the settings alone"
        for name in ("provider", "provider_id", "name", "client_id", "secret", "key", "settings")
    },
    "socialaccount.SocialAccount.provider": "a name of ours",
    "socialaccount.SocialAccount.uid": "never shown",
    "socialaccount.SocialAccount.extra_data": "kept empty",
    "socialaccount.SocialToken.token": "not used",
    "socialaccount.SocialToken.token_secret": "not used",
}
# What the database lets nobody change: rows with hostile words are added (see `conftest.hostile`).
ONLY_ADDED = {"inquiries.Entry", "inquiries.TargetDateChange"}


def text_fields():
    """Every field that can hold text people wrote, as (model, field); choices are none."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField | models.JSONField | models.FileField)
            if is_text and not field.choices and model._meta.managed:
                yield model, field


def hostile(field, number=0):
    """Hostile words for a field, as long as it takes; another first character for each number."""
    if isinstance(field, models.URLField):
        # The database takes no other scheme than those of the web.
        return WEB_ADDRESS
    if isinstance(field, models.EmailField):
        return f'"<x-attack/onclick=alert({number})>"@x.example'
    if field.name == "sections":
        return [{"heading": hostile_text(number), "text": hostile_text(number)}]
    if isinstance(field, models.JSONField):
        return [hostile_text(number)]
    words = [start_of(number) + MARKUP, *SHORTER]
    taken = next(word for word in words if not field.max_length or len(word) + 5 <= field.max_length)
    return f"{taken}{number}" if field.unique else taken


def hostile_text(number=0):
    return start_of(number) + MARKUP


def start_of(number):
    return STARTS[number % len(STARTS)]


def fill():
    """Put hostile words into every text field of every row; returns the fields that were filled, as "model.field"."""
    filled = set()
    for number, (model, field) in enumerate(text_fields()):
        name = f"{model._meta.label}.{field.name}"
        if name in NO_WORDS or model._meta.label in ONLY_ADDED:
            continue
        rows = model.objects.order_by("pk")
        if name == "inquiries.AgendaDocument.page_texts":
            # Words of an exempt paper that stand in a public one, too, would keep the pack from being published.
            rows = rows.filter(exempt_paragraph=None)
        for row in rows.values_list("pk", flat=True):
            try:
                with transaction.atomic():
                    model.objects.filter(pk=row).update(**{field.attname: hostile(field, number + row)})
            except DatabaseError:
                # Words where the database takes none: a reason for an end that has not come, a kept record.
                continue
            filled.add(name)
    return filled


ADDRESSES = ("href", "src", "action", "formaction", "xlink:href", "data", "poster")


def attacks_in(html):
    """What in a page came from hostile words, or could not have come from us: a list, empty for a good page."""
    root = html5lib.HTMLParser(namespaceHTMLElements=False).parse(html)
    found = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        attributes = {str(name).lower(): value for name, value in element.attrib.items()}
        if element.tag == "x-attack" or attributes.get("src") == "x":
            found.append(f"<{element.tag}>")
        found += [f"<{element.tag} {name}>" for name in attributes if name.startswith("on") or name == "style"]
        if element.tag == "style" or (element.tag == "script" and not attributes.get("src") and _runs(attributes)):
            found.append(f"<{element.tag}> on the page")
        for name in ADDRESSES:
            scheme = "".join(attributes.get(name, "").split()).lower().partition(":")[0]
            if scheme in ("javascript", "data", "vbscript"):
                found.append(f"<{element.tag} {name}={attributes[name]!r}>")
    return found


def _runs(attributes):
    return attributes.get("type", "") in ("", "module", "text/javascript")
