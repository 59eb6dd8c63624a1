"""All that can be read in a Word file, its properties and hidden parts too: what a leak could be found in."""

import io
import zipfile

from inquiries.documents.exempt_search import readable_text
from inquiries.uploads.word import W, parse_xml


def texts_of_docx(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            where, content = f"the Word file, its part {name}", archive.read(name)
            yield where, name
            yield where, xml_text(content) if name.endswith((".xml", ".rels")) else readable_text(content)
        yield "the Word file, its comment", readable_text(archive.comment)


def xml_text(content):
    root = parse_xml(content)
    # A word may be cut into runs: what is in a paragraph belongs together.
    texts = ["".join(paragraph.itertext()) for paragraph in root.iter(f"{W}p")]
    for element in root.iter():
        texts += [*element.attrib.values(), element.text or "", element.tail or ""]
    return "\n".join(texts)
