"""A council with any number of recommendations, written straight into the tables (INSERT ... SELECT).

Of the inquiries a few are the same in every council: four with 40 recommendations, one at each stage, and those that
the measured writes take through their year. What others have under way grows slower than the council; the rest is
archive: two reports each with their editions and ratings, a tenth of it between two reports, some without a response.
People, meetings, packs, officer reports, minutes, actions, corrections, work programmes, history, notifications and
drafts are there in proportion. The people who are measured have the same work in each.
"""

from datetime import date

from django.db import connection, models
from django.utils import timezone

from inquiries.documents.content import ReportContent
from inquiries.documents.minutes import Attendee, MinutesContent
from inquiries.documents.pack_content import Item, PackContent, Paper, ReportPaper
from inquiries.models import (
    ActionPoint,
    AgendaDocument,
    AgendaItem,
    AgendaPack,
    Assessment,
    AssessmentCorrection,
    Attendance,
    CabinetMember,
    Committee,
    Draft,
    Entry,
    Evidence,
    Indication,
    Inquiry,
    ItemOutcome,
    Meeting,
    Membership,
    Minutes,
    MinutesEdition,
    MoreTimeRequest,
    Notification,
    OfficerReport,
    OfficerReportContributor,
    OfficerReportSignature,
    PackEntry,
    PackPaper,
    Person,
    ProgrammeEntry,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    ReportEdition,
    Response,
    Seal,
    ShownRow,
    SignedMinutes,
    SignOff,
    StandingItem,
    TargetDateChange,
    TickedFinding,
    UpdateContributor,
)
from inquiries.serialization import to_plain_data
from inquiries.tracker_database import refresh_tracker

CLERK, OFFICER, CABINET_MEMBER, MEMBER, CHAIR, LEAVER = range(1, 7)
FIRST_WRITER, WRITERS = 20, 40  # those who write updates while the load is measured
FIRST_OFFICER = 100
LONG, ROWS = 40, 10  # recommendations of an inquiry
# Inquiries by number: 40 rows each, from collecting to assessed; then those for the writes.
COLLECTING, AWAITING, PUBLISHED, ASSESSED = range(1, 5)
FIRST_STORY, STORIES = 5, 16
UNDER_WAY = {1_000: 24, 10_000: 80, 100_000: 240}
PEOPLE = {1_000: 250, 10_000: 1_000, 100_000: 5_000}
COMMITTEES = {1_000: 3, 10_000: 6, 100_000: 10}
LED_BY_LEAVER = 10  # inquiries
ITEMS = 8  # of an agenda
# Past meetings whose minutes are written by the measured writes, and the item of those reports that are signed by them.
FIRST_WITHOUT_MINUTES, LAST_WITHOUT_MINUTES = 31, 38
REPORT_ITEM = 5
SIGNED_IN_STORIES = 1_000_000  # the keys of these reports begin here
# Words of the record: each of these in one of forty texts.
PLACES = (
    "household school library depot village station surgery market harbour theatre nursery orchard allotment bridge "
    "chapel cinema college crossing dairy estate factory farm ferry forge garage gallery garden gymnasium hall "
    "hospital hostel hotel island junction kiosk lodge meadow mill"
)
WORD = "(ARRAY[" + ", ".join(f"'{word}'" for word in PLACES.split()) + f"])[1 + ({{}}) % {len(PLACES.split())}]"


def text(n="n", times=1):
    """SQL for a text that is another for each number."""
    first, second = WORD.format(n), WORD.format(f"{n} / 40")
    once = f"'We have written to every ' || {first} || ' that asked for help, and to each ' || {second}"
    return f"repeat({once} || ' which did not answer within a month. ' || {n} || ' ', {times})"


def inquiry_count(size):
    return 4 + (size - 4 * LONG) // ROWS


def make_council(size):
    """Fill the empty tables; `size` is the number of recommendations."""
    with connection.cursor() as cursor:
        # Nobody's actions: no triggers, no checks of foreign keys.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
    try:
        make_plan(size)
        make_people(size)
        make_meetings(size)
        make_inquiries()
        make_reports()
        make_agendas()
        make_officer_reports()
        make_minutes()
        make_programmes(size)
        make_records(size)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("SET synchronous_commit = DEFAULT")
    refresh_tracker(connection)
    with connection.cursor() as cursor:
        # As autovacuum leaves tables behind.
        cursor.execute("VACUUM ANALYZE")


def make_plan(size):
    """The table `plan`: each inquiry with its kind, its committee and how many recommendations it has.

    Kinds: stage 1 to 5 for the report under way (5: assessed), 0 for no report yet, -1 for no response yet.
    """
    under_way = UNDER_WAY[size]
    first, last = FIRST_STORY + STORIES, FIRST_STORY + STORIES + under_way
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE TEMPORARY TABLE plan AS
            SELECT n, CASE WHEN n <= 4 THEN {LONG} ELSE {ROWS} END AS rows,
                CASE WHEN n = 1 THEN 1 WHEN n = 2 THEN 2 WHEN n = 3 THEN 4 WHEN n = 4 THEN 5
                    WHEN n < {first} THEN 0 WHEN n < {last} THEN 1 + n % 4
                    WHEN n % 50 = 0 THEN -1 ELSE 5 END AS kind,
                n >= {last} AND n % 10 <> 1 AS is_ended,
                n >= {last} AS is_archived,
                CASE WHEN n < {first} THEN 1 ELSE 1 + (n / 4) % {COMMITTEES[size]} END AS committee
            FROM generate_series(1, {inquiry_count(size)}) n;
            CREATE TEMPORARY TABLE numbered AS
            SELECT row_number() OVER (ORDER BY plan.n, k) AS n, plan.n AS inquiry, k, kind, is_ended, is_archived,
                CASE WHEN plan.n < {first} THEN {OFFICER}
                    WHEN plan.n < {first + LED_BY_LEAVER} AND kind > 1 THEN {LEAVER}
                    WHEN kind = 1 AND NOT is_archived THEN {FIRST_WRITER} + (plan.n * {ROWS} + k) % {WRITERS}
                    ELSE {FIRST_OFFICER} + (plan.n * 7 + k) % {PEOPLE[size] - FIRST_OFFICER} END AS lead,
                CASE WHEN plan.n < {first} THEN {CABINET_MEMBER} ELSE 10 + plan.n % 9 END AS signer
            FROM plan, generate_series(1, plan.rows) k;
            CREATE TEMPORARY TABLE rounds AS
            SELECT row_number() OVER (ORDER BY plan.n, months) AS n, plan.n AS inquiry, months, committee,
                is_archived, CASE WHEN is_archived OR plan.kind = 5 THEN 5 WHEN months = 6 AND plan.n % 2 = 0
                AND plan.n > 4 THEN 5 ELSE plan.kind END AS stage,
                CASE WHEN plan.n < {first} THEN {CABINET_MEMBER} ELSE 10 + plan.n % 9 END AS signer
            FROM plan, unnest(ARRAY[6, 12]) months
            WHERE kind > 0 AND (is_archived OR months = 6 OR (plan.n % 2 = 0 AND plan.n > 4));
            CREATE INDEX ON numbered (inquiry);
            CREATE INDEX ON rounds (n);
            ANALYZE plan; ANALYZE numbered; ANALYZE rounds;
            """
        )


def make_people(size):
    name = "(ARRAY['Ann','Bob','Cerys','Dev','Eve','Femi','Gwen'])[1 + n % 7] || ' Surname' || lpad(n::text, 4, '0')"
    committees = COMMITTEES[size]
    fill(
        Person,
        PEOPLE[size],
        name=name,
        email="'person' || n || '@bench.example'",
        job_title="'Head of Service ' || n % 90",
        is_clerk=f"n = {CLERK}",
        is_active="n < 100 OR n % 3 > 0",
        left_at="CASE WHEN n >= 100 AND n % 3 = 0 THEN now() END",
        left_by_id=f"CASE WHEN n >= 100 AND n % 3 = 0 THEN {CLERK} END",
        news_emails="'at_once'",
    )
    fill(Committee, committees, name="'Committee ' || n", slug="'committee-' || n")
    fill(Membership, committees * 9, committee_id=f"1 + n % {committees}", person_id="n + 60", role="'member'")
    # Earlier members.
    fill(
        Membership,
        size // 200,
        id="1000 + n",
        committee_id=f"1 + n % {committees}",
        person_id=f"{FIRST_OFFICER} + n % {PEOPLE[size] - FIRST_OFFICER}",
        role="'member'",
        from_date="current_date - 3000",
        until_date="current_date - 1500",
    )
    fill(Membership, 1, id="100000", committee_id="1", person_id=str(MEMBER), role="'member'")
    fill(Membership, 1, id="100001", committee_id="1", person_id=str(CHAIR), role="'chair'")
    fill(CabinetMember, 10, person_id=f"CASE n WHEN 1 THEN {CABINET_MEMBER} ELSE n + 8 END", portfolio="'Area ' || n")


def make_meetings(size):
    """Meeting 1 is to come; most are past."""
    count = max(40, size // 40)
    fill(
        Meeting,
        count,
        committee_id=f"CASE WHEN n <= 2 THEN 1 ELSE 1 + n % {COMMITTEES[size]} END",
        venue="'Mezzanine Room 2'",
        start="date_trunc('day', now()) + interval '14 hours' + CASE WHEN n = 1 THEN 45 WHEN n = 2 THEN -2 "
        f"WHEN n <= {2 + COMMITTEES[size] * 2} THEN 20 + n * 7 ELSE -(n::int) END * interval '1 day'",
    )


def make_inquiries():
    fill(
        Inquiry,
        source="plan",
        id="n",
        committee_id="committee",
        title="'Inquiry ' || n || ' into warm homes'",
        slug="'inquiry-' || n",
        summary="'What the council does for people in cold homes.'",
        completed_on="current_date - 400 - CASE WHEN is_archived THEN n ELSE 0 END::int",
        completed_precision="'month'",
        received_on="CASE WHEN kind = -1 THEN current_date - 70 - (n % 60)::int ELSE current_date - 390 END",
        published_at="now() - interval '390 days'",
        published_by_id=str(CLERK),
    )
    fill(
        Recommendation,
        source="numbered",
        id="n",
        inquiry_id="inquiry",
        reference="k::text",
        reference_key="lpad(k::text, 6, '0')",
        text=text(),
        wording="1",
        response_id="CASE WHEN kind <> -1 THEN n END",
        ended_as="CASE WHEN is_ended AND kind = 5 THEN 'implemented' ELSE '' END",
        ended_reason="CASE WHEN is_ended AND kind = 5 THEN 'Done.' ELSE '' END",
        ended_on="CASE WHEN is_ended AND kind = 5 THEN current_date END",
        ended_precision="'day'",
        ended_at="CASE WHEN is_ended AND kind = 5 THEN now() END",
        ended_by_id=f"CASE WHEN is_ended AND kind = 5 THEN {CLERK} END",
    )
    fill(
        Response,
        source="numbered",
        where="kind <> -1",
        id="n",
        inquiry_id="inquiry",
        decision="'accepted'",
        text=text(),
        responding_body="'Cabinet'",
        responded_on="current_date - 200",
        lead_officer_id="lead",
        cabinet_member_id="signer",
        original_target_date="current_date + (n % 400)::int - 200",
        target_date="current_date + (n % 400)::int - 100",
    )
    fill(
        TargetDateChange,
        source="numbered",
        where="kind <> -1 AND n % 5 = 0",
        response_id="n",
        old_date="current_date",
        new_date="current_date + 100",
        reason="'The contractor was late.'",
        changed_by_id=str(CLERK),
    )


def make_reports():
    facts = {"commissioned": 1, "collected": 2, "signed_off": 3, "published": 4, "assessed": 5}
    fill(
        ProgressReport,
        source="rounds JOIN LATERAL (SELECT count(*) AS meetings FROM inquiries_meeting) m ON true",
        id="n",
        inquiry_id="inquiry",
        months_on="months",
        meeting_id=f"CASE inquiry WHEN {COLLECTING} THEN 1 WHEN {AWAITING} THEN 1 WHEN {PUBLISHED} THEN 2 "
        # What is not assessed keeps no minutes from being published.
        f"ELSE 3 + n % (meetings - 2) - CASE WHEN stage < 5 AND 3 + n % (meetings - 2) BETWEEN {FIRST_WITHOUT_MINUTES} "
        f"AND {LAST_WITHOUT_MINUTES} THEN {LAST_WITHOUT_MINUTES - FIRST_WITHOUT_MINUTES + 1} ELSE 0 END END",
        update_date="CASE WHEN is_archived THEN current_date - (inquiry % 3000)::int ELSE current_date + 45 END",
        update_precision="'day'",
        updates_due_on="current_date + CASE WHEN is_archived THEN -300 ELSE (inquiry % 30)::int END",
        sign_off_due_on="current_date + CASE WHEN is_archived THEN -290 ELSE 35 END",
        **{f"{fact}_at": f"CASE WHEN stage >= {number} THEN now() END" for fact, number in facts.items()},
        **{f"{fact}_by_id": f"CASE WHEN stage >= {number} THEN {CLERK} END" for fact, number in facts.items()},
    )
    fill(
        SignOff,
        source="rounds",
        report_id="n",
        person_id="signer",
        signed_at="CASE WHEN stage >= 3 THEN now() END",
        signed_by_id="CASE WHEN stage >= 3 THEN signer END",
    )
    updates = (
        "(SELECT row_number() OVER (ORDER BY r.n, b.k) AS n, r.n AS report, b.n AS response, b.k, lead, r.stage, "
        "r.is_archived, r.inquiry FROM rounds r JOIN numbered b ON b.inquiry = r.inquiry) written"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE written AS SELECT * FROM {updates}")
        cursor.execute("CREATE INDEX ON written (report); ANALYZE written")
    submitted = "stage > 1 OR (inquiry = 1 AND k > 20)"
    fill(
        ProgressUpdate,
        source="written",
        id="n",
        report_id="report",
        response_id="response",
        text=f"CASE WHEN stage = 1 AND inquiry > 1 AND k % 4 = 3 THEN '' ELSE {text(times=5)} END",
        officer_view="'on_track'",
        version="1",
        saved_at="now()",
        saved_by_id="lead",
        submitted_at=f"CASE WHEN {submitted} THEN now() END",
        submitted_by_id=f"CASE WHEN {submitted} THEN lead END",
    )
    people = "(SELECT count(*) FROM inquiries_person)"
    fill(
        UpdateContributor,
        source="written",
        where="k % 2 = 0",
        id="n",
        update_id="n",
        person_id=f"{FIRST_OFFICER} + (n * 3 + 7) % ({people} - {FIRST_OFFICER})",
        position="1",
    )
    fill(
        Evidence,
        source="written",
        id="n",
        update_id="n",
        title="'Our page'",
        url="'https://bench.example/' || n",
        position="1",
    )
    fill(
        Assessment,
        source="written",
        where="stage = 5 OR (stage = 4 AND k % 2 = 0)",
        id="n",
        update_id="n",
        rating="1 + n % 4",
        comment="'We thank the officers.'",
        recorded_at="now()",
        recorded_by_id=str(CLERK),
    )
    fill(
        Indication,
        source="written, generate_series(1, 3) member",
        where="stage = 5 OR (stage = 4 AND inquiry % 2 = 1)",
        update_id="written.n",
        rating="1 + (written.n + member) % 4",
        note="'I would like to ask about the second part.'",
        recorded_at="now()",
        recorded_by_id="60 + member",
    )
    fill(
        MoreTimeRequest,
        source="written",
        where="stage = 1 AND k % 10 = 4",
        update_id="n",
        wanted_until="current_date + 30",
        reason="'The survey is late.'",
        asked_by_id="lead",
    )
    make_concerns()
    rows = (
        "(SELECT jsonb_agg(jsonb_build_object('recommendations', jsonb_build_array(jsonb_build_object("
        "'reference', w.k::text, 'text', 'We have written to every household that asked for help.')), "
        f"'officer_view', 'On track', 'decision', 'accepted', 'response', {text('w.n')}, "
        f"'update', {text('w.n', 5)}, "
        "'rating', CASE after WHEN 1 THEN 1 + (w.n + w.k) % 4 END) ORDER BY w.k) FROM written w WHERE w.report = r.n)"
    )
    head = to_plain_data(
        ReportContent(
            committee="Committee 1",
            inquiry="Inquiry into warm homes",
            months_on=6,
            completion="April 2026",
            update_date=None,
            lead_officers=(("Ann Surname0007", ("1", "2")),),
            cabinet_members=("Cllr Bob Surname0003",),
            rows=(),
        )
    )
    fill(
        ReportEdition,
        source="rounds r, generate_series(0, 1) after",
        where="stage > 3 + after",
        id="r.n * 2 + after",
        report_id="r.n",
        number="1 + after",
        after_meeting="after = 1",
        content=f"{literal(head)}::jsonb || jsonb_build_object('months_on', r.months, 'rows', {rows})",
        pdf="'report-editions/' || r.n || '.pdf'",
        docx="'report-editions/' || r.n || '.docx'",
        published_at="now()",
        published_by_id=str(CLERK),
        published_precision="'day'",
    )


def make_concerns():
    """Actions, corrections, and the row that the screen shows."""
    fill(
        ActionPoint,
        source="written",
        where="(stage = 5 OR (stage = 4 AND k % 4 = 0)) AND n % 8 = 0",
        id="n",
        update_id="n",
        text="'Say by when the ' || n || ' homes are warm.'",
        owner_id="lead",
        due_on="current_date + (n % 200)::int - 100",
        set_by_id=str(CHAIR),
        done_at="CASE WHEN is_archived AND n % 3 > 0 THEN now() END",
        done_by_id="CASE WHEN is_archived AND n % 3 > 0 THEN lead END",
        done_note="CASE WHEN is_archived AND n % 3 > 0 THEN 'By the winter.' ELSE '' END",
    )
    fill(
        AssessmentCorrection,
        source="written",
        where="stage = 5 AND n % 25 = 0",
        assessment_id="n",
        rating_before="1 + (n + 1) % 4",
        comment_before="'We thank them.'",
        reason="'The rating was mistyped.'",
        corrected_at="now()",
        corrected_by_id=str(CLERK),
    )
    fill(
        ShownRow,
        source="written",
        where=f"inquiry = {PUBLISHED} AND k = 1",
        id="1",
        meeting_id="2",
        update_id="n",
        shown_by_id=str(CHAIR),
    )


def make_agendas():
    """Items, papers and packs of each meeting; item 4 is a report where one goes to the meeting."""
    one_report = (
        "(SELECT DISTINCT ON (meeting_id) meeting_id, id AS report "
        "FROM inquiries_progressreport ORDER BY meeting_id, id)"
    )
    items = (
        f"(SELECT (m.id - 1) * {ITEMS} + k AS n, m.id AS meeting, k, r.report FROM inquiries_meeting m "
        f"CROSS JOIN generate_series(1, {ITEMS}) k "
        f"LEFT JOIN {one_report} r ON r.meeting_id = m.id AND k = 4) items"
    )
    fill(
        AgendaItem,
        source=items,
        id="n",
        meeting_id="meeting",
        number="k",
        title="'Bus services, part ' || k",
        kind="CASE WHEN k = 1 THEN 'nothing' WHEN report IS NOT NULL THEN 'report' ELSE 'papers' END",
        report_id="report",
    )
    pages = "jsonb_build_array(jsonb_build_object('width', 595, 'height', 842, 'rotation', 0))"
    fill(
        AgendaDocument,
        source=items,
        where="k > 1 AND report IS NULL",
        id="n",
        item_id="n",
        title="'Paper ' || n",
        file="'agenda-documents/' || n || '.pdf'",
        checksum="md5(n::text) || md5(n::text)",
        page_count="12",
        pages=pages,
        # What is exempt is said nowhere else.
        page_texts="jsonb_build_array(CASE WHEN k = 8 THEN 'The tender of Quorvane Limited was ' || n || ' pounds' "
        f"ELSE {text(times=5)} END)",
        tagging="'valid'",
        language="'en-GB'",
        exempt_paragraph="CASE WHEN k = 8 THEN 3 END",
        position="1",
        uploaded_by_id=str(CLERK),
    )
    content = PackContent(
        council="The Council",
        committee="Committee 1",
        start="2026-01-20T14:00:00+00:00",
        venue="Mezzanine Room 2",
        members=(("Ann Surname0061", ""), ("Bob Surname0062", "")),
        edition="public",
        supplement=0,
        items=(),
        publish_by=date(2026, 1, 12),
    )
    paper = to_plain_data(Item(pk=0, number=0, title="", papers=(Paper(0, "A paper", "0" * 64, 12, "valid"),)))
    shown = (
        f"(SELECT jsonb_agg({literal(paper)}::jsonb || jsonb_build_object('pk', i.id, 'number', i.number, 'title', "
        "i.title, 'papers', CASE WHEN d.id IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object("
        "'pk', d.id, 'title', d.title, 'checksum', d.checksum, 'page_count', 12, 'tagging', 'valid')) END, "
        "'report', CASE WHEN e.id IS NULL THEN NULL ELSE jsonb_build_object('pk', i.report_id, 'slug', "
        "'inquiry-1', 'months_on', 6, 'content', e.content) END) ORDER BY i.number) "
        "FROM inquiries_agendaitem i "
        "LEFT JOIN inquiries_agendadocument d ON d.item_id = i.id AND (d.exempt_paragraph IS NULL OR part = 1) "
        "LEFT JOIN inquiries_reportedition e ON e.report_id = i.report_id AND e.number = 1 "
        "WHERE i.meeting_id = m.id)"
    )
    plain = to_plain_data(content)
    assert ReportPaper  # the shape of 'report' above
    fill(
        AgendaPack,
        source="inquiries_meeting m, generate_series(0, 1) part",
        where="m.start < now() + interval '30 days'",
        id="m.id * 2 + part",
        meeting_id="m.id",
        edition="CASE part WHEN 0 THEN 'public' ELSE 'restricted' END",
        number="1",
        file="'agenda-packs/' || m.id || '-' || part || '.pdf'",
        checksum="repeat('0', 64)",
        fingerprint="repeat('0', 64)",
        content=f"{literal(plain)}::jsonb || jsonb_build_object('items', {shown}, 'edition', "
        "CASE part WHEN 0 THEN 'public' ELSE 'restricted' END)",
        first_page="1",
        last_page="100",
        last_exempt_page="CASE part WHEN 1 THEN 12 ELSE 0 END",
        built_by_id=str(CLERK),
        published_at="m.start - interval '8 days'",
        published_by_id=str(CLERK),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inquiries_agendapack SET published_at = NULL, published_by_id = NULL WHERE published_at > now()"
        )
    in_pack = "inquiries_agendapack p JOIN inquiries_agendaitem i ON i.meeting_id = p.meeting_id"
    fill(
        PackEntry,
        source=in_pack,
        where="i.number > 1",
        pack_id="p.id",
        item_id="i.id",
        first_page="1 + i.number * 12",
        last_page="12 + i.number * 12",
    )
    fill(
        PackPaper,
        source=f"{in_pack} JOIN inquiries_agendadocument d ON d.item_id = i.id",
        where="d.exempt_paragraph IS NULL OR p.edition = 'restricted'",
        pack_id="p.id",
        document_id="d.id",
        first_page="1 + i.number * 12",
    )


def make_officer_reports():
    """One of each meeting: signed where it is past. Meeting 1 has a draft and one to sign, meeting 3 those that the
    measured writes sign."""
    sections = (
        "jsonb_build_array("
        + ", ".join(
            f"jsonb_build_object('heading', '{heading}', 'text', {text('m.id', 3)})"
            for heading in ("Summary", "Recommendations", "Background", "Financial implications", "Legal implications")
        )
        + ")"
    )
    common = {
        "title": "'Bus services, part ' || m.id",
        "sections": sections,
        "contact_name": "'Ann Surname0002'",
        "contact_email": "'person2@bench.example'",
        "version": "1",
        "commissioned_by_id": str(CLERK),
        "saved_at": "now()",
        "saved_by_id": str(OFFICER),
    }
    signed = "m.start < now()"
    people = "(SELECT count(*) FROM inquiries_person)"
    fill(
        OfficerReport,
        source="inquiries_meeting m",
        **common,
        id="m.id",
        item_id=f"(m.id - 1) * {ITEMS} + {REPORT_ITEM}",
        author_id=f"CASE m.id WHEN 1 THEN {OFFICER} ELSE {FIRST_OFFICER} + m.id % ({people} - {FIRST_OFFICER}) END",
        document_id=f"CASE WHEN {signed} THEN (m.id - 1) * {ITEMS} + {REPORT_ITEM} END",
        submitted_at=f"CASE WHEN {signed} THEN m.start - interval '20 days' END",
        submitted_by_id=f"CASE WHEN {signed} THEN {CLERK} END",
        signed_off_at=f"CASE WHEN {signed} THEN m.start - interval '15 days' END",
        signed_off_by_id=f"CASE WHEN {signed} THEN {CABINET_MEMBER} END",
    )
    fill(
        OfficerReport,
        source=f"inquiries_meeting m, generate_series(0, {STORIES}) story",
        where="m.id = CASE story WHEN 0 THEN 1 ELSE 3 END",
        **common,
        id=f"{SIGNED_IN_STORIES} + story",
        item_id=f"(m.id - 1) * {ITEMS} + {REPORT_ITEM} + 1",
        author_id=str(OFFICER),
        submitted_at="now()",
        submitted_by_id=str(OFFICER),
    )
    fill(
        OfficerReportContributor,
        source="inquiries_officerreport r",
        report_id="r.id",
        person_id=f"{FIRST_OFFICER} + (r.id * 3 + 7) % ({people} - {FIRST_OFFICER})",
        position="1",
    )
    fill(
        OfficerReportSignature,
        source="inquiries_officerreport r",
        report_id="r.id",
        role="'cabinet_member'",
        person_id=f"CASE WHEN r.item_id < 4 * {ITEMS} THEN {CABINET_MEMBER} ELSE 10 + r.id % 9 END",
        signed_at="r.signed_off_at",
        signed_by_id="r.signed_off_by_id",
        signed_checksum="CASE WHEN r.signed_off_at IS NULL THEN '' ELSE repeat('0', 64) END",
    )
    fill(
        MoreTimeRequest,
        1,
        id="1 + (SELECT count(*) FROM inquiries_moretimerequest)",
        officer_report_id="1",
        wanted_until="current_date + 30",
        reason="'The survey is late.'",
        asked_by_id=str(OFFICER),
    )


def make_minutes():
    """Of past meetings: attendance, outcomes, what was published and signed of them, findings ticked off."""
    held = f"m.start < now() AND m.id NOT BETWEEN {FIRST_WITHOUT_MINUTES} AND {LAST_WITHOUT_MINUTES}"
    fill(
        Minutes,
        source="inquiries_meeting m",
        where=held,
        id="m.id",
        meeting_id="m.id",
        started="'14:05'",
        ended="'16:10'",
        attendance_at="m.start + interval '1 day'",
        attendance_by_id=str(CLERK),
    )
    fill(
        Attendance,
        source="inquiries_meeting m JOIN inquiries_membership s ON s.committee_id = m.committee_id",
        where=f"s.until_date IS NULL AND {held}",
        meeting_id="m.id",
        person_id="s.person_id",
        present_as="'member'",
        presence="CASE (s.id + m.id) % 6 WHEN 0 THEN 'apologies' ELSE 'present' END",
        position="s.id % 100",
    )
    fill(
        ItemOutcome,
        source="inquiries_agendaitem i JOIN inquiries_meeting m ON m.id = i.meeting_id",
        where=held,
        item_id="i.id",
        text=f"'RESOLVED: that the report be noted. ' || {text('i.id')}",
        # What is exempt is said nowhere else.
        exempt_text="CASE i.number WHEN 8 THEN 'The tender of Quorvane Limited was accepted.' ELSE '' END",
        exempt_paragraph="CASE i.number WHEN 8 THEN 3 END",
        recorded_at="m.start + interval '1 day'",
        recorded_by_id=str(CLERK),
    )
    head = to_plain_data(
        MinutesContent(
            council="The Council",
            committee="Committee 1",
            day=date(2026, 1, 20),
            start="14:00",
            venue="Mezzanine Room 2",
            started="14:05",
            ended="16:10",
            is_attendance_recorded=True,
            present=(Attendee("Ann Surname0061", "Chair"), Attendee("Bob Surname0062", "Member")),
        )
    )
    minutes = (
        "(SELECT jsonb_agg(jsonb_build_object('item_id', i.id, 'number', i.number, 'title', i.title, 'outcome', o.text)"
        " ORDER BY i.number) FROM inquiries_agendaitem i JOIN inquiries_itemoutcome o ON o.item_id = i.id "
        "WHERE i.meeting_id = m.id)"
    )
    fill(
        MinutesEdition,
        source="inquiries_meeting m",
        where=held,
        id="m.id",
        meeting_id="m.id",
        number="1",
        content=f"{literal(head)}::jsonb || jsonb_build_object('minutes', {minutes})",
        published_at="m.start + interval '2 days'",
        published_by_id=str(CLERK),
    )
    fill(
        SignedMinutes,
        source="inquiries_meeting m",
        where=held,
        id="m.id",
        meeting_id="m.id",
        file="'signed-minutes/' || m.id || '.pdf'",
        checksum="repeat('0', 64)",
        page_count="6",
        uploaded_by_id=str(CLERK),
    )
    fill(
        TickedFinding,
        source="inquiries_meeting m, generate_series(1, 3) finding",
        where="m.start < now()",
        meeting_id="m.id",
        key="md5(m.id || ' ' || finding) || md5(finding::text)",
        message="'Paper ' || finding || ' has no heading.'",
        reason="'It is a map.'",
        ticked_by_id=str(CLERK),
    )


def make_programmes(size):
    """Standing items, and entries: a few for what is to come, the others finished at past meetings."""
    committees = COMMITTEES[size]
    fill(
        StandingItem,
        committees * 6,
        committee_id=f"1 + n % {committees}",
        title="(ARRAY['Apologies for absence','Declarations of interest','Minutes of the last meeting',"
        f"'Public questions','Work programme','Date of the next meeting'])[1 + (n - 1) / {committees}]",
        position=f"1 + (n - 1) / {committees}",
    )
    fill(
        ProgrammeEntry,
        committees * 12,
        committee_id=f"1 + n % {committees}",
        title="'Bus services in the winter, part ' || n",
        purpose="'To hear what has changed.'",
        contact="'Ann Surname0002'",
        kind="'other'",
        meeting_id=f"CASE WHEN n % {committees} = 0 AND n % 2 = 0 THEN 1 END",
        month=f"CASE WHEN n % {committees} <> 0 THEN date_trunc('month', now() + interval '1 month' * (n % 9)) END",
    )
    fill(
        ProgrammeEntry,
        source=f"inquiries_agendaitem i JOIN inquiries_meeting m ON m.id = i.meeting_id, "
        f"(SELECT {committees * 12} AS open) f",
        where="m.start < now() AND i.number IN (3, 6)",
        id="f.open + i.id",
        committee_id="m.committee_id",
        title="i.title",
        purpose="'To hear what has changed.'",
        kind="'other'",
        meeting_id="m.id",
        item_id="i.id",
        finished_at="m.start",
        finished_by_id=str(CLERK),
    )


def make_records(size):
    """History, notifications and drafts."""
    verbs = "(ARRAY['save_update','submit_update','record_sign_off','assess'])"
    fill(
        Entry,
        source="written, generate_series(0, 2) step",
        id="(written.n - 1) * 3 + step + 1",
        at="now() - interval '1 day' * (1 + (written.n % 4000)) + interval '1 minute' * step",
        by_id="lead",
        by_name="'Bob Surname' || lpad(lead::text, 4, '0')",
        verb=f"{verbs}[1 + step]",
        sentence=f"{verbs}[1 + step]",
        subject_type="'progressupdate'",
        subject_id="written.n",
        subject_label="'Progress update on ' || written.k",
        inquiry_id="inquiry",
        changes="jsonb_build_object('text', jsonb_build_array('', 'We have written to every household.'))",
        states="jsonb_build_object('progressupdate/' || written.n, jsonb_build_object('text', 'sha256', 'version', 1))",
    )
    fill(
        Entry,
        source="inquiries_recommendation r",
        id="3 * (SELECT count(*) FROM written) + r.id",
        at="now() - interval '1 day' * (1 + r.id % 4000)",
        by_id=str(CLERK),
        by_name="'Ann Surname0001'",
        verb="'add_recommendation'",
        sentence="'added the recommendation'",
        subject_type="'recommendation'",
        subject_id="r.id",
        subject_label="'Recommendation ' || r.reference",
        inquiry_id="r.inquiry_id",
    )
    fill(
        Seal, source="inquiries_entry e", position="e.id", entry_id="e.id", digest="md5(e.id::text) || md5(e.id::text)"
    )
    fill(
        Notification,
        source="written",
        id="n",
        recipient_id="lead",
        occasion="'updates_commissioned'",
        key="'bench/' || n",
        subject="'Please write the update on ' || k",
        body="'Please write your update. ' || n",
        concerns="ARRAY['update:' || n, 'report:' || report]",
        goes_out_on="current_date - (n % 3000)::int",
        queued_on="now() - interval '1 day' * (1 + n % 3000)",
        sent_on="now() - interval '1 day' * (1 + n % 3000)",
    )
    fill(
        Draft,
        size // 20,
        person_id="20 + n % 80",
        address="'/inquiries/inquiry-' || n || '/progress/6/updates/1/'",
        data="jsonb_build_object('text', jsonb_build_array('We have'))",
        updated_at="now() - interval '1 hour' * (n % 90)",
    )


def literal(data):
    """Plain data as SQL text."""
    import json  # noqa: PLC0415

    return "'" + json.dumps(data).replace("'", "''") + "'"


def fill(model, count=None, *, source=None, where="true", **columns):
    """Rows of a model from `source`, or n = 1 to `count`; `columns` are SQL expressions. The key is n by default.

    Other columns are null, their default or empty.
    """
    source = source or f"generate_series(1, {count}) n"
    key = model._meta.pk.column
    if key == "id" and "id" not in columns:
        columns["id"] = "n" if count else "row_number() OVER ()"
    values = {f.column: columns.pop(f.column, None) or empty_value(f) for f in model._meta.concrete_fields}
    if columns:
        raise ValueError(f"{model.__name__} has no {', '.join(columns)}.")
    names, expressions = ", ".join(f'"{name}"' for name in values), ", ".join(values.values())
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {expressions} FROM {source} WHERE {where}")
        if key == "id":
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
        return "'[]'" if field.default is list else "'{}'"
    if isinstance(field, models.IntegerField):
        return str(field.default) if isinstance(field.default, int) else "0"
    return "'{}'" if field.get_internal_type() == "ArrayField" else "''"
