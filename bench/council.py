"""A council with any number of recommendations, written straight into the tables in seconds.

Ten recommendations to an inquiry, an answer to each, one report on each inquiry. What is under way is a fifth of the
smaller council and a fiftieth of the larger; the rest is archive. The five people who are measured have the same
work in both.
"""

from django.db import connection, models
from django.utils import timezone

from bench.__main__ import PEOPLE
from inquiries.models import (
    Assessment,
    CabinetMember,
    Committee,
    Entry,
    Evidence,
    Inquiry,
    Meeting,
    Membership,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    ReportEdition,
    Response,
    Seal,
    SignOff,
    UpdateContributor,
)
from inquiries.tracker_database import refresh_tracker

CLERK, OFFICER, CABINET_MEMBER, MEMBER, LEAVER = range(1, 6)
ROWS = 10  # recommendations to an inquiry
LED_BY_LEAVER = 100
TEXT = "'We have written to every household that asked for help, and rang those who did not answer. ' || n"


def make_council(size):
    """Fill the empty tables; `size` is the number of recommendations."""
    inquiries = size // ROWS
    under_way = inquiries // (5 if inquiries <= 1000 else 50)
    committees = under_way // 20
    with connection.cursor() as cursor:
        # Nobody's actions: no triggers, no checks of foreign keys.
        cursor.execute("SET session_replication_role = replica")
    try:
        make_people(committees)
        make_inquiries(inquiries, under_way, committees)
        make_archive(inquiries, under_way, size)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")
    refresh_tracker(connection)
    with connection.cursor() as cursor:
        # As autovacuum leaves tables behind.
        cursor.execute("VACUUM ANALYZE")


def make_people(committees):
    name = "(ARRAY['Ann','Bob','Cerys','Dev','Eve','Femi','Gwen'])[1 + n % 7] || ' Surname' || lpad(n::text, 4, '0')"
    fill(
        Person,
        PEOPLE,
        name=name,
        email="'person' || n || '@bench.example'",
        job_title="'Head of Service ' || n % 90",
        is_clerk=f"n = {CLERK}",
        is_active="true",
        date_joined="now()",
    )
    fill(Committee, committees, name="'Committee ' || n", slug="'committee-' || n")
    fill(Membership, committees * 10, committee_id=f"1 + n % {committees}", person_id="n + 100", role="'member'")
    fill(Membership, 1, id="100000", committee_id="1", person_id=str(MEMBER), role="'member'")
    fill(CabinetMember, 10, person_id=f"CASE n WHEN 1 THEN {CABINET_MEMBER} ELSE n + 10 END", portfolio="'Area ' || n")
    fill(Meeting, committees * 2, committee_id=f"1 + n % {committees}", start="now() + n * interval '1 day'")


def make_inquiries(inquiries, under_way, committees):
    """Inquiry n is under way up to `under_way`: commissioned, awaiting sign-off, signed off, published in turn."""
    inquiry = f"(1 + (n - 1) / {ROWS})"
    lead = (
        f"CASE WHEN {inquiry} = 1 THEN {OFFICER} WHEN {inquiry} <= {1 + LED_BY_LEAVER // ROWS} THEN {LEAVER} "
        f"ELSE 10 + n % {PEOPLE - 10} END"
    )
    archived = f"{inquiry} > {under_way}"
    fill(
        Inquiry,
        inquiries,
        committee_id=f"1 + (n / 4) % {committees}",
        title="'Inquiry ' || n || ' into warm homes'",
        slug="'inquiry-' || n",
        completed_on=f"current_date - 200 - CASE WHEN n > {under_way} THEN n ELSE 0 END",
        completed_precision="'month'",
        received_on="current_date - 190",
        published_at="now()",
        published_by_id=str(CLERK),
    )
    fill(
        Recommendation,
        inquiries * ROWS,
        inquiry_id=inquiry,
        reference=f"(1 + (n - 1) % {ROWS})::text",
        reference_key=f"lpad((1 + (n - 1) % {ROWS})::text, 6, '0')",
        text=TEXT,
        response_id="n",
        ended_as=f"CASE WHEN {archived} THEN 'implemented' ELSE '' END",
        ended_reason=f"CASE WHEN {archived} THEN 'Done.' ELSE '' END",
        ended_on=f"CASE WHEN {archived} THEN current_date END",
        ended_at=f"CASE WHEN {archived} THEN now() END",
        ended_by_id=f"CASE WHEN {archived} THEN {CLERK} END",
    )
    fill(
        Response,
        inquiries * ROWS,
        inquiry_id=inquiry,
        decision="'accepted'",
        text=TEXT,
        responding_body="'Cabinet'",
        responded_on="current_date - 100",
        lead_officer_id=lead,
        cabinet_member_id=f"CASE WHEN {inquiry} <= 20 THEN {CABINET_MEMBER} ELSE 12 + {inquiry} % 9 END",
        original_target_date="current_date + (n % 400)::int - 200",
        target_date="current_date + (n % 400)::int - 100",
    )
    stage = f"CASE WHEN n > {under_way} THEN 5 ELSE 1 + (n - 1) % 4 END"
    facts = {"commissioned": 1, "collected": 2, "signed_off": 3, "published": 4, "assessed": 5}
    fill(
        ProgressReport,
        inquiries,
        inquiry_id="n",
        months_on="6",
        meeting_id=f"1 + n % {committees * 2}",
        updates_due_on="current_date + (n % 30)::int",
        **{f"{fact}_at": f"CASE WHEN {stage} >= {number} THEN now() END" for fact, number in facts.items()},
        **{f"{fact}_by_id": f"CASE WHEN {stage} >= {number} THEN {CLERK} END" for fact, number in facts.items()},
    )
    signer = f"CASE WHEN n <= 20 THEN {CABINET_MEMBER} ELSE 12 + n % 9 END"
    fill(SignOff, under_way, report_id="n", person_id=signer)
    submitted = f"{inquiry} > {under_way} OR ({inquiry} - 1) % 4 > 0"
    fill(
        ProgressUpdate,
        inquiries * ROWS,
        report_id=inquiry,
        response_id="n",
        text=TEXT,
        version="1",
        saved_at="now()",
        saved_by_id=lead,
        submitted_at=f"CASE WHEN {submitted} THEN now() END",
        submitted_by_id=f"CASE WHEN {submitted} THEN {lead} END",
    )


def make_archive(inquiries, under_way, size):
    """What has been published and assessed, and the history."""
    fill(
        ReportEdition,
        inquiries,
        where=f"n > {under_way} OR n % 4 = 0",
        report_id="n",
        number="1",
        after_meeting=f"n > {under_way}",
        content="jsonb_build_object('rows', (SELECT jsonb_agg(jsonb_build_object('recommendations', jsonb_build_array("
        "jsonb_build_object('reference', k::text, 'text', repeat('words ', 40))), 'officer_view', 'On track', "
        f"'update', repeat('words ', 90), 'rating', CASE WHEN n > {under_way} THEN 1 + (n + k) % 4 END)) "
        f"FROM generate_series(1, {ROWS}) k))",
        published_at="now()",
        published_by_id=str(CLERK),
    )
    fill(
        Assessment,
        size,
        where=f"n > {under_way * ROWS}",
        update_id="n",
        rating="4",
        recorded_at="now()",
        recorded_by_id=str(CLERK),
    )
    fill(UpdateContributor, size, update_id="n", person_id=f"10 + (n + 7) % {PEOPLE - 10}", position="1")
    fill(Evidence, size, update_id="n", title="'Our page'", url="'https://bench.example/' || n", position="1")
    fill(
        Entry,
        size,
        at="now()",
        by_id=str(OFFICER),
        by_name="'Bob Surname0002'",
        verb="'save_update'",
        sentence="'saved the update'",
        subject_type="'progressupdate'",
        subject_id="n",
        subject_label="'Progress update'",
        inquiry_id=f"1 + (n - 1) / {ROWS}",
    )
    fill(Seal, size, position="n", entry_id="n", digest="md5(n::text) || md5(n::text)")


def fill(model, count, *, where="true", **columns):
    """Rows n = 1 to `count` of a model; `columns` are SQL expressions. The key is n.

    Other columns are null, their default or empty.
    """
    columns = {"id": "n"} | columns if model._meta.pk.column == "id" else columns
    values = {f.column: columns.get(f.column) or empty_value(f) for f in model._meta.concrete_fields}
    names, expressions = ", ".join(f'"{name}"' for name in values), ", ".join(values.values())
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {expressions} FROM generate_series(1, {count}) n WHERE {where}"
        )
        if "id" in values:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def empty_value(field):
    if field.null:
        return "NULL"
    if isinstance(field.default, str):
        return f"'{field.default}'"
    if isinstance(field, models.BooleanField):
        return "false"
    if isinstance(field, models.DateTimeField):
        return f"'{timezone.now().isoformat()}'"
    if isinstance(field, models.DateField):
        return "current_date - 1000"
    if isinstance(field, models.JSONField):
        return "'{}'"
    return "0" if isinstance(field, models.IntegerField) else "''"
