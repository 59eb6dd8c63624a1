"""Every text in a Word file: what is read, what stands beside it, what lies hidden in its parts."""

import io
import zipfile

from lxml import etree

from inquiries.documents.pack.withheld.raw_text import printable

PARAGRAPH = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"
SAFE = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)


def places_of_docx(data):
    """Pairs (where, text) of a Word file. Raises zipfile.BadZipFile where it is none."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            where = f"the Word file, its part {name}"
            yield where, name
            content = archive.read(name)
            if name.endswith((".xml", ".rels")):
                yield from _xml(content, where)
            else:
                yield where, printable(content)
        yield "the Word file, its comment", archive.comment.decode("utf-8", errors="replace")


def _xml(content, where):
    root = etree.fromstring(content, SAFE)
    if root is None:
        yield where, printable(content)
        return
    for paragraph in root.iter(PARAGRAPH):
        yield where, "".join(paragraph.itertext())
    texts = []
    for node in root.iter():
        texts += node.attrib.values()
        texts += [part for part in (node.text, node.tail) if part and part.strip()]
    yield where, "\n".join(texts)
