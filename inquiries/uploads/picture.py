"""A picture that a person sends, for the text of a report: drawn anew, so that only what is seen of it is kept.

    python -m inquiries.uploads.picture

reads one from its input in the sandbox, and answers JSON: what it drew, or {"rejected": why}.
"""

import base64
import hashlib
import io
import json
import subprocess
import sys
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from inquiries.uploads import sandbox
from inquiries.uploads.paper import Rejected
from inquiries.uploads.process_upload import checking, clean_file_name

LARGEST_FILE = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2_000  # of what is kept: enough for the width of a page in print
MEMORY, SECONDS = 1_500_000_000, 30
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
NO_PICTURE = "This is not a picture that can be used. Choose a PNG or JPEG file."
TOO_LARGE = "This picture is too large. Save it with fewer pixels and upload it again."


@dataclass(frozen=True)
class ReceivedPicture:
    data: bytes
    checksum: str  # SHA-256 of `data`
    original_name: str
    extension: str
    width: int
    height: int

    @classmethod
    def of(cls, data, original_name):
        """One that was drawn anew already: by the reader of Word files."""
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
            extension, (width, height) = "png" if opened.format == "PNG" else "jpg", opened.size
        return cls(data, hashlib.sha256(data).hexdigest(), clean_file_name(original_name), extension, width, height)


@checking()
def process_picture(upload, name):
    """The picture as it is kept, of an uploaded file that its sender calls `name`. Raises Rejected."""
    upload.seek(0)
    data = upload.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise Rejected(TOO_LARGE)
    command = [sys.executable, "-m", "inquiries.uploads.picture"]
    try:
        result = sandbox.run(command, memory=MEMORY, seconds=SECONDS, data=data)
    except subprocess.TimeoutExpired:
        raise Rejected(TOO_LARGE) from None
    if result.returncode:
        raise Rejected(TOO_LARGE)
    answer = json.loads(result.stdout)
    if "rejected" in answer:
        raise Rejected(answer["rejected"])
    drawn = base64.b64decode(answer.pop("data"))
    return ReceivedPicture(drawn, hashlib.sha256(drawn).hexdigest(), clean_file_name(name), **answer)


def draw(data):
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return {"rejected": TOO_LARGE}
            photograph = opened.format == "JPEG"
            opened.load()
            picture = ImageOps.exif_transpose(opened)
    except Image.DecompressionBombError:
        return {"rejected": TOO_LARGE}
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return {"rejected": NO_PICTURE}
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # On white, as on the page: what is under transparent places is not seen, and not kept.
    canvas = Image.new("RGBA", picture.size, "white")
    canvas.alpha_composite(picture.convert("RGBA"))
    target = io.BytesIO()
    if photograph:
        canvas.convert("RGB").save(target, "JPEG", quality=88)
    else:
        canvas.convert("RGB").save(target, "PNG", optimize=True)
    drawn = base64.b64encode(target.getvalue()).decode()
    extension = "jpg" if photograph else "png"
    return {"data": drawn, "extension": extension, "width": canvas.width, "height": canvas.height}


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    print(json.dumps(draw(sys.stdin.buffer.read())))
