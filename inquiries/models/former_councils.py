"""What councils before this one have left: their archives, kept apart from our own records and as they were."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from inquiries.models.fields import LineField, contains, not_empty, once
from inquiries.text import search_words

PUBLIC, RESTRICTED = "public", "restricted"


class FormerCouncil(models.Model):
    """A council whose archive has been imported. Nobody of it becomes a person here."""

    name = LineField(max_length=200, unique=True)
    slug = models.SlugField(max_length=100, unique=True, help_text="The name in web addresses.")
    archived_on = models.DateTimeField(help_text="When it made the archive.")
    imported_on = models.DateTimeField()
    public_checksum = models.CharField(max_length=64, help_text="SHA-256 of SHA256SUMS of the public part.")
    restricted_checksum = models.CharField(
        max_length=64, blank=True, help_text="The same of what is not public; empty where that has not been imported."
    )

    class Meta:
        ordering = ["name"]
        constraints = [not_empty("name", "former_council_has_a_name", "A council needs a name.")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("public:former_council", args=[self.slug])


class FormerFileQuerySet(models.QuerySet):
    def public(self):
        return self.filter(is_restricted=False)

    def visible_to(self, person):
        """What the former council had published; clerks all."""
        return self.all() if person.is_authenticated and person.is_clerk else self.public()

    def inquiries_titled(self, text):
        """The data of published inquiries whose title holds every word of the text."""
        found = self.public().exclude(title="")
        for word in search_words(text):
            found = found.filter(contains("title", word))
        return found.select_related("council").order_by("council__name", "title", "pk")

    def listed(self):
        """In the order of SHA256SUMS."""
        return self.order_by("position")


class FormerFile(models.Model):
    """One file of an archive, byte for byte, under the path that it has there."""

    council = models.ForeignKey(FormerCouncil, on_delete=models.PROTECT, related_name="files")
    is_restricted = models.BooleanField(default=False)
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=400)
    file = models.FileField(upload_to="former-councils/")
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    size = models.PositiveBigIntegerField()
    title = LineField(max_length=300, blank=True, help_text="Of a published inquiry, where these are its data.")

    objects = FormerFileQuerySet.as_manager()

    class Meta:
        ordering = ["council", "is_restricted", "position"]
        indexes = [models.Index(fields=["council"], condition=~Q(title=""), name="former_file_of_an_inquiry")]
        constraints = [
            once(["council", "is_restricted", "path"], "former_file_once", "This file is already in the archive."),
            once(["council", "is_restricted", "position"], "former_file_position_once", "Another file is here."),
        ]

    def __str__(self):
        return f"{self.council}: {self.path}"

    def get_absolute_url(self):
        path = f"{RESTRICTED}/{self.path}" if self.is_restricted else self.path
        return reverse("public:former_page", args=[self.council.slug, path])

    @property
    def page(self):
        """The address of the page whose data these are."""
        path = self.path.removeprefix("data/").removesuffix(".json")
        return reverse("public:former_page", args=[self.council.slug, f"{path}.html"])
