"""How the database keeps the rows of the tracker true: triggers on everything from which they are worked out.

Each statement that changes such a record, whoever sends it, lists the inquiries concerned; their rows are worked out
once more when the transaction commits. `tests/models/test_tracker.py` works them out in Python and compares.
"""

# ruff: noqa: S608 (every word of the statements is ours)

from inquiries.choices import ACCEPTED_DECISIONS, OfficerView, TrackerState
from inquiries.history_database import SEALS, Trigger, install, remove
from inquiries.rules import REPORT_MONTHS

# The inquiries whose rows a transaction has still to work out.
STALE = "inquiries_trackerstale"


def listed(values):
    return ", ".join(f"'{value}'" for value in values)


# The twin of `rules.next_report_months`.
NEXT_REPORT_MONTHS = """
CREATE OR REPLACE FUNCTION inquiries_next_report_months(last integer, report_months integer[]) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(later, top + ((last - top) / (top - before) + 1) * (top - before))
    FROM (
        SELECT min(m) FILTER (WHERE m > last) AS later, max(m) AS top,
            coalesce((array_agg(DISTINCT m ORDER BY m DESC))[2], 0) AS before
        FROM unnest(report_months) AS m
    ) known
$$
"""

# Rows are written only where they differ, so that a statement that changes nothing costs little.
COLUMNS = (
    "id", "recommendation_id", "published", "inquiry_id", "committee_id", "lead_officer_id", "cabinet_member_id",
    "update_id", "decision", "state", "rating", "rated_on", "rated_precision", "officer_view", "original_target_date",
    "target_date", "is_under_way", "months", "months_due_on", "due_on", "reference_key", "inquiry_sort",
    "committee_sort", "lead_officer_sort", "cabinet_member_sort",
)  # fmt: skip
VIEWS = " ".join(f"WHEN '{view.label}' THEN '{view.value}'" for view in OfficerView)
ROWS = f"""
WITH settings AS (
    SELECT coalesce(
        (SELECT report_months::integer[] FROM inquiries_councilsettings LIMIT 1), ARRAY{list(REPORT_MONTHS)}
    ) AS report_months
),
-- What the latest edition of each report says.
editions AS MATERIALIZED (
    SELECT DISTINCT ON (e.report_id) p.inquiry_id, p.months_on, e.after_meeting, e.content,
        coalesce((e.content ->> 'update_date')::date, (e.published_at AT TIME ZONE 'Europe/London')::date) AS day,
        coalesce(e.content ->> 'update_precision', 'day') AS day_precision
    FROM inquiries_reportedition e JOIN inquiries_progressreport p ON p.id = e.report_id
    WHERE p.inquiry_id = ANY (inquiries)
    ORDER BY e.report_id, e.number DESC
),
said AS MATERIALIZED (
    SELECT inquiry_id, months_on, after_meeting, day, day_precision, numbered ->> 'reference' AS reference,
        (line ->> 'rating')::smallint AS rating,
        CASE line ->> 'officer_view' {VIEWS} ELSE '' END AS view
    FROM editions, jsonb_array_elements(content -> 'rows') line,
        jsonb_array_elements(line -> 'recommendations') numbered
),
facts AS (
    SELECT r.id AS recommendation_id, r.reference, r.reference_key, r.ended_as, i.id AS inquiry_id, i.committee_id,
        i.published_at IS NOT NULL AS is_public, s.id AS response_id, coalesce(s.decision, '') AS decision,
        s.lead_officer_id, s.cabinet_member_id, s.original_target_date, s.target_date,
        r.ended_as = '' AND coalesce(s.decision, '') IN ({listed(sorted(ACCEPTED_DECISIONS))}) AS is_promised,
        greatest(i.received_on, i.notice_on) AS asked_on, i.received_on IS NOT NULL AS was_received, i.is_health,
        (SELECT min(responded_on) FROM inquiries_response WHERE inquiry_id = i.id) AS responded_on,
        -- Without accents a text can be longer: "½" is " 1/2" then.
        left(lower(unaccent(i.title)), 300) AS inquiry_sort, left(lower(unaccent(c.name)), 200) AS committee_sort,
        left(lower(unaccent(o.name)), 200) AS lead_officer_sort,
        left(lower(unaccent(m.name)), 200) AS cabinet_member_sort
    FROM inquiries_recommendation r
    JOIN inquiries_inquiry i ON i.id = r.inquiry_id
    JOIN inquiries_committee c ON c.id = i.committee_id
    LEFT JOIN inquiries_response s ON s.id = r.response_id
    LEFT JOIN inquiries_person o ON o.id = s.lead_officer_id
    LEFT JOIN inquiries_person m ON m.id = s.cabinet_member_id
    WHERE r.inquiry_id = ANY (inquiries)
),
working AS (
    SELECT f.*, false AS published, round.update_id, viewed.officer_view, round.months_on AS round_months,
        (SELECT max(months_on) FROM inquiries_progressreport WHERE inquiry_id = f.inquiry_id) AS last_months,
        round.state AS round_state,
        CASE WHEN round.state IN ('not_started', 'draft', 'returned') THEN round.updates_due_on
            WHEN round.state IN ('submitted', 'not_received', 'awaiting_sign_off') THEN round.sign_off_due_on
            ELSE round.update_date END AS round_due_on
    FROM facts f
    LEFT JOIN LATERAL (
        SELECT u.id AS update_id, p.months_on, p.sign_off_due_on, p.update_date,
            -- As rules.update_due has it.
            CASE WHEN p.updates_due_on IS NOT NULL THEN greatest(
                CASE WHEN u.extended_until IS NULL THEN p.updates_due_on
                ELSE least(greatest(p.updates_due_on, u.extended_until), p.sign_off_due_on) END, u.return_due_on)
                END AS updates_due_on,
            CASE WHEN p.published_at IS NOT NULL THEN 'published' WHEN p.signed_off_at IS NOT NULL THEN 'signed_off'
                WHEN p.collected_at IS NOT NULL THEN 'awaiting_sign_off'
                WHEN u.submitted_at IS NOT NULL THEN 'submitted' WHEN u.closed_at IS NOT NULL THEN 'not_received'
                WHEN u.returned_at IS NOT NULL THEN 'returned' WHEN u.saved_at IS NOT NULL THEN 'draft'
                ELSE 'not_started' END AS state
        FROM inquiries_progressupdate u JOIN inquiries_progressreport p ON p.id = u.report_id
        WHERE u.response_id = f.response_id AND p.assessed_at IS NULL AND f.is_promised
        ORDER BY p.months_on DESC LIMIT 1
    ) round ON true
    LEFT JOIN LATERAL (
        SELECT u.officer_view FROM inquiries_progressupdate u JOIN inquiries_progressreport p ON p.id = u.report_id
        WHERE u.response_id = f.response_id AND u.closed_at IS NULL AND u.officer_view <> ''
        ORDER BY p.months_on DESC LIMIT 1
    ) viewed ON true
),
public AS (
    SELECT f.*, true AS published, NULL::bigint AS update_id, viewed.view AS officer_view,
        round.months_on AS round_months,
        (SELECT max(months_on) FROM editions WHERE inquiry_id = f.inquiry_id) AS last_months,
        'published' AS round_state, round.day AS round_due_on
    FROM facts f
    LEFT JOIN LATERAL (
        SELECT months_on, after_meeting, day FROM said WHERE inquiry_id = f.inquiry_id AND reference = f.reference
        ORDER BY months_on DESC LIMIT 1
    ) latest ON true
    LEFT JOIN LATERAL (SELECT latest.* WHERE NOT latest.after_meeting AND f.is_promised) round ON true
    LEFT JOIN LATERAL (
        SELECT view FROM said WHERE inquiry_id = f.inquiry_id AND reference = f.reference AND view <> ''
        ORDER BY months_on DESC LIMIT 1
    ) viewed ON true
    WHERE f.is_public
),
together AS (SELECT * FROM working UNION ALL SELECT * FROM public),
dated AS (
    SELECT t.*, round_months IS NOT NULL AS is_under_way,
        CASE WHEN ended_as <> '' THEN ended_as WHEN response_id IS NULL THEN '{TrackerState.RESPONSE_AWAITED}'
            WHEN NOT is_promised THEN '{TrackerState.NOT_REPORTED_ON}'
            WHEN round_months IS NULL THEN '{TrackerState.BETWEEN_REPORTS}' ELSE round_state END AS state,
        CASE WHEN NOT is_promised OR round_months IS NOT NULL THEN round_months WHEN responded_on IS NOT NULL
            THEN inquiries_next_report_months(coalesce(last_months, 0), report_months) END AS months
    FROM together t, settings
),
due AS (
    -- As rules.add_months and rules.response_due work them out.
    SELECT d.*,
        CASE WHEN is_under_way THEN round_due_on ELSE (responded_on + make_interval(months => months))::date END
            AS months_due_on,
        CASE WHEN state <> '{TrackerState.RESPONSE_AWAITED}' OR NOT was_received THEN NULL
            WHEN is_health THEN asked_on + 28
            WHEN extract(day FROM asked_on + interval '2 months') = extract(day FROM asked_on)
            THEN (asked_on + interval '2 months')::date - 1
            ELSE (asked_on + interval '2 months')::date END AS response_due_on
    FROM dated d
)
SELECT d.recommendation_id * 2 + d.published::integer AS id, d.recommendation_id, d.published, d.inquiry_id,
    d.committee_id, d.lead_officer_id, d.cabinet_member_id, d.update_id, d.decision, d.state, rated.rating,
    rated.day AS rated_on, coalesce(rated.day_precision, '') AS rated_precision,
    coalesce(d.officer_view, '') AS officer_view, d.original_target_date, d.target_date, d.is_under_way, d.months,
    d.months_due_on,
    CASE WHEN d.is_promised THEN least(d.target_date, d.months_due_on) ELSE d.response_due_on END AS due_on,
    d.reference_key, d.inquiry_sort, d.committee_sort, d.lead_officer_sort, d.cabinet_member_sort
FROM due d
LEFT JOIN LATERAL (
    SELECT rating, day, day_precision FROM said
    WHERE inquiry_id = d.inquiry_id AND reference = d.reference AND after_meeting AND rating IS NOT NULL
    ORDER BY months_on DESC LIMIT 1
) rated ON true
"""

# A few inquiries at a time: for each recommendation what was said of all of them is looked through.
REFRESH = f"""
CREATE OR REPLACE FUNCTION inquiries_refresh_tracker(concerned bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET plan_cache_mode = force_generic_plan {{pinned}} AS $$
DECLARE inquiries bigint[];
BEGIN
    IF coalesce(cardinality(concerned), 0) = 0 THEN RETURN; END IF;
    FOR inquiries IN
        SELECT array_agg(id)
        FROM (SELECT id, row_number() OVER (ORDER BY id) / 20 AS part FROM unnest(concerned) id) parts
        GROUP BY part
    LOOP
        WITH fresh AS MATERIALIZED ({ROWS}),
        past AS (
            DELETE FROM inquiries_trackerrow t
            WHERE inquiry_id = ANY (inquiries) AND NOT EXISTS (SELECT 1 FROM fresh WHERE fresh.id = t.id)
        )
        INSERT INTO inquiries_trackerrow AS t ({", ".join(COLUMNS)}) SELECT {", ".join(COLUMNS)} FROM fresh
        ON CONFLICT (id) DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])}
        WHERE t.* IS DISTINCT FROM excluded.*;
    END LOOP;
END
$$
"""

# (what of a record matters, as SQL; the inquiries concerned by the records that have `changed`)
OF_REPORT = "SELECT p.inquiry_id FROM inquiries_progressreport p JOIN changed ON p.id = changed.report_id"
SOURCES = {
    "recommendation": ("inquiry_id reference reference_key response_id ended_as", "SELECT inquiry_id FROM changed"),
    "response": (
        "inquiry_id decision responded_on lead_officer_id cabinet_member_id original_target_date target_date",
        "SELECT inquiry_id FROM changed",
    ),
    "progressreport": (
        "inquiry_id months_on update_date updates_due_on sign_off_due_on collected_at signed_off_at published_at "
        "assessed_at",
        "SELECT inquiry_id FROM changed",
    ),
    "progressupdate": (
        "report_id response_id officer_view extended_until return_due_on has:saved_at submitted_at closed_at "
        "returned_at",
        OF_REPORT,
    ),
    "reportedition": ("report_id number after_meeting content published_at", OF_REPORT),
    "inquiry": ("committee_id title received_on notice_on is_health has:published_at", "SELECT id FROM changed"),
    "committee": ("name", "SELECT i.id FROM inquiries_inquiry i JOIN changed ON i.committee_id = changed.id"),
    "person": (
        "name",
        "SELECT inquiry_id FROM inquiries_response WHERE lead_officer_id IN (SELECT id FROM changed) "
        "UNION SELECT inquiry_id FROM inquiries_response WHERE cabinet_member_id IN (SELECT id FROM changed)",
    ),
    "councilsettings": ("report_months", "SELECT i.id FROM inquiries_inquiry i WHERE EXISTS (SELECT 1 FROM changed)"),
}


def trigger_of(table, event):
    watched, concerned = SOURCES[table]
    new, old = "NEW TABLE AS new_rows", "OLD TABLE AS old_rows"
    if event == "UPDATE":
        differs = " OR ".join(
            f"(n.{name[4:]} IS NULL) <> (o.{name[4:]} IS NULL)"
            if name.startswith("has:")
            else f"n.{name} IS DISTINCT FROM o.{name}"
            for name in watched.split()
        )
        both = f"FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE {differs}"
        changed = f"SELECT n.* {both} UNION ALL SELECT o.* {both}"
    else:
        changed = f"SELECT * FROM {'new' if event == 'INSERT' else 'old'}_rows"
    tables = {"INSERT": new, "DELETE": old, "UPDATE": f"{old} {new}"}[event]
    return Trigger(
        name=f"inquiries_{table}_tracked_{event.lower()}",
        table=f"inquiries_{table}",
        timing=f"AFTER {event}",
        referencing=f"REFERENCING {tables} ",
        body=f" BEGIN WITH changed AS ({changed}) INSERT INTO {STALE} (inquiry_id) "
        f"SELECT DISTINCT inquiry_id FROM ({concerned}) concerned(inquiry_id); RETURN NULL; END ",
        per="STATEMENT",
    )


# As the seals of history, and under the same lock, after which nothing is waited for: in the first round of deferred
# triggers, among the checks of foreign keys, inquiries are noted, in the second, with the lock, their rows are worked
# out. What other transactions have committed is then seen, and no two wait for each other.
REFRESHING = (
    Trigger(
        name=f"{STALE}_noted",
        table=STALE,
        timing="AFTER INSERT",
        body=f" BEGIN UPDATE {STALE} SET is_noted = true WHERE inquiry_id = NEW.inquiry_id AND NOT is_noted; "
        "RETURN NULL; END ",
        is_deferred=True,
    ),
    Trigger(
        name=f"{STALE}_refreshed",
        table=STALE,
        timing="AFTER UPDATE",
        body=" DECLARE concerned bigint[]; BEGIN "
        f"PERFORM pg_advisory_xact_lock('{SEALS}'::regclass::oid::bigint); "
        f"WITH noted AS (DELETE FROM {STALE} RETURNING inquiry_id) "
        "SELECT array_agg(DISTINCT inquiry_id) INTO concerned FROM noted; "
        "PERFORM inquiries_refresh_tracker(concerned); RETURN NULL; END ",
        is_deferred=True,
    ),
)
# Nothing is worked out from an inquiry, a committee or a person that is new, or that is deleted: no record names it.
UPDATED_ONLY = ("inquiry", "committee", "person")
TRIGGERS = (
    *(
        trigger_of(table, event)
        for table in SOURCES
        for event in (("UPDATE",) if table in UPDATED_ONLY else ("INSERT", "UPDATE", "DELETE"))
    ),
    *REFRESHING,
)


def install_tracker(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        pinned = f"SET search_path = pg_catalog, {cursor.fetchone()[0]}, pg_temp"
        cursor.execute(
            f"CREATE UNLOGGED TABLE IF NOT EXISTS {STALE} "
            "(inquiry_id bigint NOT NULL, is_noted boolean NOT NULL DEFAULT false)"
        )
        cursor.execute(NEXT_REPORT_MONTHS)
        cursor.execute(REFRESH.replace("{pinned}", pinned))
        cursor.execute("REVOKE ALL ON FUNCTION inquiries_refresh_tracker FROM PUBLIC")
    install(connection, TRIGGERS)
    refresh_tracker(connection)


def refresh_tracker(connection):
    """Work out every row: after records were written past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inquiries_refresh_tracker(ARRAY(SELECT id FROM inquiries_inquiry))")


def remove_tracker(connection):
    remove(connection, TRIGGERS)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {STALE}")
        cursor.execute("DROP FUNCTION inquiries_refresh_tracker")
        cursor.execute("DROP FUNCTION inquiries_next_report_months")
