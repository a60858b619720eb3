"""Pictures of documents: what is taken, what is kept of them, and that nobody can read it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from assay.server.enrolment import images, sealing
from assay.server.enrolment.errors import ImageTooLarge, ImageTooSmall, UnreadableImage

GPS = 0x8825
ORIENTATION = 0x0112


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_takes_pictures_by_their_content_and_keeps_jpegs(picture, kind):
    kept = opened(images.rewrite(picture(kind)))

    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (640, 480))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"GIF89a" + bytes(100),
        b"\xff\xd8\xff" + bytes(100),
        b"II*\x00" + bytes(100),
    ],
    ids=["nothing", "svg", "pdf", "gif", "broken jpeg", "tiff"],
)
def test_it_takes_nothing_else(data):
    with pytest.raises(UnreadableImage):
        images.rewrite(data)


def test_it_refuses_a_picture_that_ends_too_soon(picture):
    with pytest.raises(UnreadableImage):
        images.rewrite(picture()[:5000])


def test_it_refuses_more_bytes_than_ten_million(picture):
    with pytest.raises(ImageTooLarge, match="10 MB"):
        images.rewrite(picture() + bytes(images.MAX_BYTES))


def test_it_unpacks_no_enormous_picture(picture):
    buffer = io.BytesIO()
    Image.new("1", (9000, 9000)).save(buffer, "PNG")

    with pytest.raises(ImageTooLarge, match="64 megapixels"):
        images.rewrite(buffer.getvalue())


def test_it_refuses_a_picture_on_which_nothing_can_be_read(picture):
    with pytest.raises(ImageTooSmall, match="299"):
        images.rewrite(picture(size=(640, 299)))


def test_a_large_picture_is_made_smaller(picture):
    assert opened(images.rewrite(picture(size=(4000, 2000)))).size == (2400, 1200)


def test_what_is_transparent_becomes_white():
    buffer = io.BytesIO()
    Image.new("RGBA", (400, 400), (0, 0, 0, 0)).save(buffer, "PNG")

    assert opened(images.rewrite(buffer.getvalue())).getpixel((200, 200)) == (255, 255, 255)


def test_where_and_how_it_was_taken_is_thrown_away(picture):
    exif = Image.Exif()
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 0.0)}
    exif[0x010F] = "Example Phones Inc."
    data = picture(exif=exif, comment=b"my secret")

    kept = images.rewrite(data)

    assert b"Example Phones" in data
    assert b"Example Phones" not in kept
    assert b"my secret" not in kept
    assert dict(opened(kept).getexif()) == {}


def test_a_picture_taken_with_a_turned_phone_is_turned_upright(picture):
    exif = Image.Exif()
    exif[ORIENTATION] = 6

    assert opened(images.rewrite(picture(exif=exif))).size == (480, 640)


def test_bytes_after_the_picture_are_gone(picture):
    assert b"<?php" not in images.rewrite(picture() + b"<?php evil() ?>")


def test_what_is_sealed_can_be_opened_again():
    assert sealing.unseal(sealing.seal(b"a face", "here"), "here") == b"a face"


def test_what_is_sealed_shows_nothing():
    sealed = sealing.seal(b"a face" * 1000, "here")

    assert b"face" not in sealed
    assert sealed != sealing.seal(b"a face" * 1000, "here")


def test_it_opens_at_no_other_place():
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealing.seal(b"a face", "here"), "there")


def test_it_opens_with_no_other_secret(settings):
    sealed = sealing.seal(b"a face", "here")
    settings.IDENTITY_SECRET = "another deployment's"

    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealed, "here")


def test_a_changed_bit_is_found():
    sealed = bytearray(sealing.seal(b"a face", "here"))
    sealed[20] ^= 1

    with pytest.raises(sealing.SealBroken):
        sealing.unseal(bytes(sealed), "here")


def test_the_key_is_a_secret_file_of_the_deployment(settings):
    path = settings.DATA / "secrets" / "identity"

    assert path.read_text(encoding="ascii") == settings.IDENTITY_SECRET
    assert path.stat().st_mode & 0o077 == 0
