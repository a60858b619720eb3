"""Pictures that candidates send: read, turned upright, and written anew.

Nothing of the original bytes is kept, so neither hidden data (where a photo was taken,
with which device) nor a file that is a picture and something else as well gets in.
"""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from assay.server.enrolment.errors import ImageTooLarge, ImageTooSmall, UnreadableImage

MAX_BYTES = 10_000_000  # of the file that is sent
MAX_MEGAPIXELS = 64
MIN_SIDE = 300  # pixels; below that no document can be read
_KEPT_SIDE = 2400  # pixels; enough to read small print on a document
_QUALITY = 88
_FORMATS = ("JPEG", "PNG", "WEBP")
KEPT_TYPE = "image/jpeg"


def rewrite(data: bytes) -> bytes:
    """Return a picture as an upright JPEG of at most 2400 pixels a side, without metadata.

    Args:
        data: A JPEG, PNG or WebP file; what it is, its content says, not its name.

    Raises:
        ImageTooLarge: More than 10 MB or 64 megapixels.
        ImageTooSmall: Less than 300 pixels on the shorter side.
        UnreadableImage: It is no such picture, or a damaged one.
    """
    too_large = ImageTooLarge(megabytes=MAX_BYTES // 1_000_000, megapixels=MAX_MEGAPIXELS)
    if len(data) > MAX_BYTES:
        raise too_large
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            width, height = picture.size
            # Before a pixel is unpacked: a small file can claim to be enormous.
            if width * height > MAX_MEGAPIXELS * 1_000_000:
                raise too_large
            if min(width, height) < MIN_SIDE:
                raise ImageTooSmall(width=width, height=height, least=MIN_SIDE)
            picture.draft("RGB", (_KEPT_SIDE, _KEPT_SIDE))
            return _as_jpeg(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as huge:
        raise too_large from huge
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as broken:
        raise UnreadableImage from broken


def _as_jpeg(picture: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        coloured = upright.convert("RGBA")
        paper = Image.new("RGB", upright.size, "white")
        paper.paste(coloured, mask=coloured.getchannel("A"))
    else:
        paper = upright.convert("RGB")
    paper.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
    buffer = io.BytesIO()
    paper.save(buffer, "JPEG", quality=_QUALITY, exif=b"", icc_profile=None, comment=b"")
    return buffer.getvalue()
