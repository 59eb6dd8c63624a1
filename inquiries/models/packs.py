"""The agenda packs of a meeting: how each is to be built and published, each build, and the contents by page.

The main agenda is supplement 0. Each is built in a public edition and, where something is exempt, a restricted one.
The restricted edition is the public one, page for page, followed by Part 2: what is withheld, on pages E1, E2 ...
"""

from django.db import connection, models
from django.db.models import CheckConstraint, F, Q
from django.urls import reverse

from inquiries.choices import PackEdition
from inquiries.models.fields import LineField, both_or_neither, not_empty, once, one_of, timestamp_and_user
from inquiries.models.meetings import AgendaDocument, AgendaItem, Meeting, exempt_readers

# A process of the server, and when it began: numbers of processes come again.
NAME = "pid || ' ' || extract(epoch FROM backend_start)"


BROKEN_OFF = "The service was stopped meanwhile. Build the pack again."


def this_connection():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NAME} FROM pg_stat_activity WHERE pid = pg_backend_pid()")  # noqa: S608
        return cursor.fetchone()[0]


def is_open(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM pg_stat_activity WHERE {NAME} = %s", [name])  # noqa: S608
        return cursor.fetchone() is not None


def issue_name(supplement):
    return f"Supplement {supplement}" if supplement else "Agenda"


class PackPlan(models.Model):
    """How one pack of a meeting (the main agenda, or one supplement) is to be built and when it is to be published.

    Also where its building has got to: who starts one claims the row, so that two never build at once. The claim ends
    with the connection to the database, so that of a process that is killed nothing is left to wait for.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="pack_plans")
    supplement = models.PositiveSmallIntegerField(default=0)
    duplex = models.BooleanField(
        "for printing on both sides",
        default=True,
        help_text="Each paper starts on a right-hand page, with blank pages where needed.",
    )
    urgency_reason = models.TextField(
        blank=True, help_text="Why it is published late: Local Government Act 1972, section 100B(4)."
    )
    publish_on = models.DateTimeField(null=True, blank=True)
    planned_at, planned_by = timestamp_and_user()
    planned_packs = models.JSONField(default=dict, help_text="The fingerprints that were looked at, by edition.")
    is_held = models.BooleanField(
        default=False, help_text="It was planned in a backup that was restored: it is published when a clerk says so."
    )
    refusal = models.TextField(blank=True, help_text="Why the planned publication did not happen.")
    claimed_by = models.CharField(
        max_length=100, blank=True, editable=False, help_text="The connection to the database of who builds it."
    )
    started_at, started_by = timestamp_and_user()
    step = models.CharField(max_length=200, blank=True, help_text="What is being done, in words.")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True, help_text="Why the last build failed.")
    exempt_found = models.JSONField(
        default=list, help_text="Exempt text that the last search found in the public pack."
    )

    class Meta:
        ordering = ["meeting", "supplement"]
        constraints = [
            once(["meeting", "supplement"], "pack_plan_once_per_supplement", "This supplement already exists."),
            both_or_neither("planned", "pack_plan_planned_at_and_by"),
            both_or_neither("started", "pack_plan_started_at_and_by"),
            CheckConstraint(
                name="pack_plan_to_publish_was_planned",
                condition=Q(publish_on__isnull=True) | Q(planned_at__isnull=False),
                violation_error_message="A person must have planned the publication.",
            ),
            CheckConstraint(
                name="pack_plan_held_is_planned",
                condition=Q(is_held=False) | Q(publish_on__isnull=False),
                violation_error_message="Only a planned publication can be held.",
            ),
        ]

    def __str__(self):
        return f"{self.meeting}: {self.name.lower()}"

    @property
    def name(self):
        return issue_name(self.supplement)

    @property
    def is_being_built(self):
        return bool(self.claimed_by) and is_open(self.claimed_by)

    @property
    def last_failure(self):
        return BROKEN_OFF if self.claimed_by and not self.is_being_built else self.failure


class AgendaPackQuerySet(models.QuerySet):
    def published(self):
        return self.filter(published_at__isnull=False, withdrawn_at__isnull=True)

    def public(self):
        return self.published().filter(edition=PackEdition.PUBLIC)

    def visible_to(self, person, today):
        """Packs that `person` (anonymous too) may read: the public ones, published restricted ones where they read
        what is exempt; clerks all."""
        if not person.is_authenticated:
            return self.public()
        if person.is_clerk:
            return self.all()
        restricted = Q(edition=PackEdition.RESTRICTED) & exempt_readers(person, today, "meeting__committee")
        return self.published().filter(Q(edition=PackEdition.PUBLIC) | restricted)


class AgendaPack(models.Model):
    """One built pack of a meeting. Published, it is kept as it was printed: the database refuses to change it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="packs")
    edition = models.CharField(max_length=10, choices=PackEdition.choices)
    supplement = models.PositiveSmallIntegerField(default=0, help_text="0 is the main agenda.")
    number = models.PositiveSmallIntegerField("edition number", default=1)
    file = models.FileField(upload_to="agenda-packs/")
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    screen_end = models.BinaryField(
        null=True,
        editable=False,
        help_text="What is added to the file for the screen, without blank sides; null where it has none.",
    )
    screen_pages = models.PositiveIntegerField(default=0, editable=False, help_text="Of the file for the screen.")
    screen_checksum = models.CharField(max_length=64, blank=True, editable=False, help_text="SHA-256 of both together.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the words and papers it was built from.")
    content = models.JSONField(help_text="documents.pack_content.PackContent as data.")
    first_page = models.PositiveIntegerField(default=1)
    last_page = models.PositiveIntegerField(default=1)
    last_exempt_page = models.PositiveIntegerField(default=0, help_text="Of Part 2; 0 where there is none so far.")
    is_accessible = models.BooleanField(default=False, help_text="The whole pack passes the checks for PDF/UA-1.")
    built_at, built_by = timestamp_and_user(required=True)
    published_at, published_by = timestamp_and_user()
    withdrawn_at, withdrawn_by = timestamp_and_user()
    withdrawn_reason = models.TextField(blank=True, editable=False)

    objects = AgendaPackQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "supplement", "edition", "number"]
        indexes = [models.Index(fields=["-published_at"], name="agenda_pack_latest_first")]
        constraints = [
            one_of(PackEdition, "edition", "agenda_pack_edition_is_known"),
            once(
                ["meeting", "edition", "supplement", "number"],
                "agenda_pack_number_once",
                "This build of the pack exists already.",
            ),
            CheckConstraint(
                name="agenda_pack_ends_after_it_starts",
                condition=Q(first_page__gte=1, last_page__gte=F("first_page")),
                violation_error_message="The last page is before the first.",
            ),
            both_or_neither("published", "agenda_pack_published_at_and_by"),
            both_or_neither("withdrawn", "agenda_pack_withdrawn_at_and_by"),
            CheckConstraint(
                name="agenda_pack_withdrawn_has_a_reason",
                condition=Q(withdrawn_at__isnull=True) | (Q(published_at__isnull=False) & ~Q(withdrawn_reason="")),
                violation_error_message="Say why the pack is withdrawn.",
            ),
        ]

    def __str__(self):
        return f"{self.meeting}: {self.name}"

    def get_absolute_url(self):
        return reverse("public:pack", args=[self.meeting_id, self.pk, "pdf"])

    @property
    def screen_url(self):
        """The address of the file without blank sides; "" where it has none."""
        return reverse("public:pack_for_screen", args=[self.meeting_id, self.pk]) if self.screen_pages else ""

    @property
    def name(self):
        name = "Agenda pack" if not self.supplement else issue_name(self.supplement)
        again = f", edition {self.number}" if self.number > 1 else ""
        return f"{name}, {self.get_edition_display().lower()}{again}"

    @property
    def is_published(self):
        """Twin of `AgendaPackQuerySet.published`."""
        return self.published_at is not None and self.withdrawn_at is None


class PackEntry(models.Model):
    """The pages of an item in a pack; `exempt` counts the pages E1, E2 ... of Part 2."""

    pack = models.ForeignKey(AgendaPack, on_delete=models.CASCADE, related_name="entries")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="pack_entries")
    exempt = models.BooleanField(default=False)
    first_page = models.PositiveIntegerField()
    last_page = models.PositiveIntegerField()

    class Meta:
        ordering = ["pack", "exempt", "first_page"]
        verbose_name_plural = "pack entries"
        constraints = [
            once(["pack", "item", "exempt"], "pack_entry_once_in_pack", "This item is already in the pack."),
            CheckConstraint(
                name="pack_entry_ends_after_it_starts",
                condition=Q(first_page__gte=1, last_page__gte=F("first_page")),
                violation_error_message="The last page is before the first.",
            ),
        ]

    def __str__(self):
        return f"{self.item}: {self.range}"

    @property
    def range(self):
        series = "E" if self.exempt else ""
        return f"{series}{self.first_page} - {series}{self.last_page}"


class PackPaper(models.Model):
    """An uploaded paper in a pack: so it is known what has been published."""

    pack = models.ForeignKey(AgendaPack, on_delete=models.CASCADE, related_name="papers")
    document = models.ForeignKey(AgendaDocument, on_delete=models.PROTECT, related_name="pack_papers")
    first_page = models.PositiveIntegerField()

    class Meta:
        ordering = ["pack", "first_page"]
        constraints = [
            once(["pack", "document"], "pack_paper_once_in_pack", "This paper is already in the pack."),
        ]

    def __str__(self):
        return f"{self.document}: from {self.first_page}"


class TickedFinding(models.Model):
    """A finding of the check before publishing that a clerk has looked at: it is as it should be.

    Its key changes with the paper or text that it is about; then it is found again.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="ticked_findings")
    key = models.CharField(max_length=64, help_text="preflight.checks.Finding.key")
    message = models.TextField()
    reason = LineField(max_length=300)
    ticked_at, ticked_by = timestamp_and_user(required=True)

    class Meta:
        ordering = ["meeting", "pk"]
        constraints = [
            once(["meeting", "key"], "ticked_finding_once", "This has been ticked off already."),
            not_empty("reason", "ticked_finding_has_a_reason", "Say why it is as it should be."),
        ]

    def __str__(self):
        return self.message


class Clearance(models.Model):
    """Exempt text that a clerk says may be read by everybody all the same: a name known anyway, say."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="clearances")
    text = models.TextField()
    reason = models.TextField()
    cleared_at, cleared_by = timestamp_and_user(required=True)

    class Meta:
        ordering = ["meeting", "pk"]
        constraints = [
            CheckConstraint(
                name="clearance_has_text_and_a_reason",
                condition=~Q(text="") & ~Q(reason=""),
                violation_error_message="Say why this text may be published.",
            ),
        ]

    def __str__(self):
        return self.text
