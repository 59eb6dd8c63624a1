"""Whether a PDF has tags at all."""

from pikepdf import Array, Dictionary


def has_tags(pdf):
    """Whether an open pikepdf.Pdf has tags that lead to the content of some page."""
    tree, marked = pdf.Root.get("/StructTreeRoot"), pdf.Root.get("/MarkInfo")
    if not isinstance(tree, Dictionary) or not isinstance(marked, Dictionary) or marked.get("/Marked") is not True:
        return False
    children = tree.get("/K")
    if not isinstance(children, (Dictionary, Array)) or not len(children) or "/ParentTree" not in tree:
        return False
    return any("/StructParents" in each.obj for each in pdf.pages)
