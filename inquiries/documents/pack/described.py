"""What a pack says of itself: title, language, how it is to be shown, whether it claims to be accessible."""

from pikepdf import Dictionary, Name, ObjectStreamMode, String

# How the file is written: small, and the same bytes for the same content.
SAVING = {"min_version": "1.7", "deterministic_id": True, "object_stream_mode": ObjectStreamMode.generate}
UA_SPACE = "http://www.aiim.org/pdfua/ns/id/"


def describe(pdf, title, language, *, accessible):
    """Writes title, language and claim into an opened PDF. No date is written: the same pack is the same bytes."""
    pdf.Root.Lang = String(language)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.Root.PageMode = Name.UseOutlines
    pdf.docinfo["/Title"] = title
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata.register_xml_namespace(UA_SPACE, "pdfuaid")
        metadata["dc:title"] = title
        metadata["dc:language"] = {language}
        if accessible:
            metadata[f"{{{UA_SPACE}}}part"] = "1"
