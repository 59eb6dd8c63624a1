"""Whether every kept file is there, byte for byte the one that was recorded."""

from dataclasses import dataclass

from inquiries.checking_history.recorded import with_recorded
from inquiries.models import AgendaDocument, AgendaPack, Inquiry, ReportEdition
from inquiries.models.files import checksum_of


@dataclass(frozen=True)
class Kept:
    """A kind of file: which model holds it, in which field, and where its checksum is, beside it and in the history."""

    model: type
    file: str
    checksum: str
    words: str

    def findings(self):
        """What is wrong with the files of this kind, in sentences."""
        records = self.model.objects.exclude(**{self.file: ""})
        for record, recorded in with_recorded(records, [self.checksum]):
            file, known = getattr(record, self.file), recorded.get(self.checksum)
            beside = getattr(record, self.checksum, known)
            name, now = f"The {self.words} of “{record}” ({file.name})", checksum_of(file)
            if not now:
                yield f"{name} is missing."
            elif known is None and beside is None:
                yield f"{name} is not in the history: nothing says what it was."
            elif now != beside or known not in (None, now):
                yield f"{name} is not the one that was kept."


KINDS = (
    Kept(ReportEdition, "pdf", "pdf_checksum", "PDF"),
    Kept(ReportEdition, "docx", "docx_checksum", "Word file"),
    Kept(AgendaPack, "file", "checksum", "file"),
    Kept(AgendaDocument, "file", "checksum", "file"),
    Kept(Inquiry, "report_file", "report_file_checksum", "report"),
)


def changed_files():
    """Files that are missing or not the ones that were kept, in sentences. Each is read once, a piece at a time."""
    for kind in KINDS:
        yield from kind.findings()
