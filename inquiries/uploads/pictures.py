"""What a camera writes beside a photograph (where, when, whose) is taken out of the photographs of a PDF."""

from pikepdf import Name, Stream

START, SCAN = 0xD8, 0xDA
# Of the segments for applications, the first (JFIF), third (colour profile) and last (Adobe) say how to show it.
TELLING = {0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE}


def strip_pictures(pdf):
    """Take out of each JPEG picture of a pikepdf.Pdf what it says about itself. Returns a sentence, if any did."""
    stripped = 0
    for item in list(pdf.objects):
        if not isinstance(item, Stream) or item.get("/Filter") not in (Name.DCTDecode, Name.DCT):
            continue
        data = item.read_raw_bytes()
        plain = without_details(data)
        if len(plain) < len(data):
            item.write(plain, filter=Name.DCTDecode, decode_parms=item.get("/DecodeParms"))
            stripped += 1
    if not stripped:
        return []
    pictures = "a photograph says" if stripped == 1 else f"{stripped} photographs say"
    return [f"Taken out: what {pictures} about place, time and camera."]


def without_details(jpeg):
    """The JPEG without its descriptions and comments; as it is where it cannot be read."""
    if jpeg[:2] != bytes((0xFF, START)):
        return jpeg
    kept, place = [jpeg[:2]], 2
    while place + 4 <= len(jpeg) and jpeg[place] == 0xFF:
        marker = jpeg[place + 1]
        if marker == SCAN:
            return b"".join([*kept, jpeg[place:]])
        end = place + 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
        if marker not in TELLING:
            kept.append(jpeg[place:end])
        place = end
    return jpeg
