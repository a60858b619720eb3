"""Files of data sets: from a mirror, from the cache, by hand, and over HTTP."""

from __future__ import annotations

import hashlib
import http.server
import io
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest
import yaml

from assay.items import load_bank, network
from assay.items.downloads import fetch, tree_digest
from assay.items.errors import DataMissing, DataTampered, DataUndeclared
from assay.messages import Words

CONTENT = b"ham\tHello\nspam\tBuy\n" * 5000
OTHER = b"ham\tHello\r\nspam\tBuy\r\n" * 5000
NOWHERE = "http://127.0.0.1:9/spam.txt"  # nothing listens there


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


def tarred(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.files`; breaks off after `server.breaks_after` bytes, once."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        data = self.server.files.get(self.path.lstrip("/"))
        if data is None:
            self.send_error(404)
            return
        begin = 0
        if (wanted := self.headers.get("Range")) and self.server.knows_ranges:
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        body = data[begin:]
        if self.server.breaks_after:
            body, self.server.breaks_after = body[: self.server.breaks_after], 0
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.asked, server.breaks_after, server.knows_ranges = {}, [], 0, True
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_DATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ASSAY_DATA_MIRROR", raising=False)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return tmp_path / "cache" / "spam"


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_DATA_MIRROR", str(tmp_path / "mirror"))
    folder = tmp_path / "mirror" / "spam"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def item(tmp_path):
    """Write an item that downloads one file."""
    folder = tmp_path / "text" / "spam"
    folder.mkdir(parents=True)

    def write(**changes):
        file = {"name": "spam.txt", "url": NOWHERE, "sha256": sha256(CONTENT), "bytes": 1}
        file = {key: value for key, value in {**file, **changes}.items() if value is not None}
        data = {"source": "download", "licence": "CC0-1.0", "citation": "nobody"}
        data |= {"folder": "spam", "files": [file]}
        (folder / "item.yaml").write_text(yaml.safe_dump({"data": data}))
        return folder

    return write


def test_a_file_in_the_mirror_is_used_where_it_is(item, mirror, cache):
    (mirror / "spam.txt").write_bytes(CONTENT)

    assert fetch(item(), "spam.txt") == mirror / "spam.txt"
    assert not cache.exists()


def test_a_file_put_into_the_cache_by_hand_is_accepted_by_its_hash(item, cache):
    cache.mkdir(parents=True)
    (cache / "spam.txt").write_bytes(CONTENT)

    assert fetch(item(), "spam.txt").read_bytes() == CONTENT


def test_other_bytes_with_the_same_content_are_accepted_if_the_item_says_so(item, mirror):
    (mirror / "spam.txt").write_bytes(OTHER)

    assert fetch(item(also=[sha256(OTHER)]), "spam.txt").read_bytes() == OTHER


def test_a_file_in_a_folder_of_the_data_set_is_found(item, mirror):
    (mirror / "train").mkdir()
    (mirror / "train" / "a b.txt").write_bytes(CONTENT)

    assert fetch(item(name="train/a b.txt"), "train/a b.txt").read_bytes() == CONTENT


@pytest.mark.parametrize("place", ["mirror", "cache"])
def test_a_tampered_file_is_refused_by_name_and_never_replaced(item, request, mirror, cache, place):
    folder = {"mirror": mirror, "cache": cache}[place]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spam.txt").write_bytes(CONTENT + b"ham\tInjected\n")

    with pytest.raises(DataTampered) as refused:
        fetch(item(), "spam.txt")

    said = refused.value.params
    assert said["file"] == str(folder / "spam.txt")
    assert said["expected"] == sha256(CONTENT)
    assert said["received"] == sha256(CONTENT + b"ham\tInjected\n")
    assert NOWHERE in str(refused.value)


def test_a_file_is_downloaded_once(item, site, cache):
    site.files["spam.txt"] = CONTENT
    folder = item(url=f"{site.url}/spam.txt")

    assert fetch(folder, "spam.txt") == cache / "spam.txt"
    assert fetch(folder, "spam.txt").read_bytes() == CONTENT
    assert len(site.asked) == 1
    assert [path.name for path in cache.iterdir()] == ["spam.txt"]


def test_a_download_that_breaks_off_is_tried_again_and_goes_on_where_it_was(item, site):
    site.files["spam.txt"], site.breaks_after = CONTENT, 40_000

    assert fetch(item(url=f"{site.url}/spam.txt"), "spam.txt").read_bytes() == CONTENT
    assert [asked[1] for asked in site.asked] == [None, "bytes=32768-"]


def test_what_there_is_of_a_file_is_kept_for_the_next_time(item, site, cache, monkeypatch):
    monkeypatch.setattr(network, "TRIES_AGAIN", 0)
    site.files["spam.txt"], site.breaks_after = CONTENT, 40_000
    folder = item(url=f"{site.url}/spam.txt")
    with pytest.raises(DataMissing):
        fetch(folder, "spam.txt")
    assert (cache / "spam.txt.part").stat().st_size == 32768

    assert fetch(folder, "spam.txt").read_bytes() == CONTENT
    assert site.asked[-1][1] == "bytes=32768-"


def test_a_server_that_cannot_go_on_sends_all_again(item, site):
    site.files["spam.txt"], site.breaks_after, site.knows_ranges = CONTENT, 40_000, False

    assert fetch(item(url=f"{site.url}/spam.txt"), "spam.txt").read_bytes() == CONTENT


def test_another_file_than_the_pinned_one_is_not_kept(item, site, cache):
    site.files["spam.txt"] = OTHER

    with pytest.raises(DataTampered) as refused:
        fetch(item(url=f"{site.url}/spam.txt"), "spam.txt")

    assert refused.value.params["file"] == f"{site.url}/spam.txt"
    assert refused.value.params["received"] == sha256(OTHER)
    assert list(cache.iterdir()) == []


def test_a_mirror_may_be_an_address(item, site, cache, monkeypatch):
    monkeypatch.setenv("ASSAY_DATA_MIRROR", f"{site.url}/data/")
    site.files["data/spam/spam.txt"] = CONTENT

    assert fetch(item(), "spam.txt").read_bytes() == CONTENT


def test_what_a_mirror_does_not_have_comes_from_its_own_address(item, site, monkeypatch):
    monkeypatch.setenv("ASSAY_DATA_MIRROR", f"{site.url}/data")
    site.files["spam.txt"] = CONTENT

    assert fetch(item(url=f"{site.url}/spam.txt"), "spam.txt").read_bytes() == CONTENT


def test_a_file_that_is_not_to_be_had_says_where_to_get_it_and_where_to_put_it(item, cache):
    with pytest.raises(DataMissing) as missing:
        fetch(item(), "spam.txt")

    said = str(missing.value)
    assert "spam/spam.txt" in said
    assert NOWHERE in said
    assert str(cache / "spam.txt") in said
    assert "ASSAY_DATA_MIRROR" in said


def test_a_file_that_the_item_does_not_declare_is_refused(item):
    with pytest.raises(DataUndeclared) as undeclared:
        fetch(item(), "ham.txt")

    assert undeclared.value.params == {
        "file": "text/spam/item.yaml",
        "expected": "spam.txt",
        "received": "ham.txt",
    }


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_file_is_taken_out_of_its_archive(item, site, cache, pack):
    archive = pack({"readme": b"Hello", "data/spam.txt": CONTENT})
    site.files["my spam.zip"] = site.files["my%20spam.zip"] = archive
    folder = item(
        url=f"{site.url}/my%20spam.zip",
        sha256=sha256(archive),
        member="data/spam.txt",
        also=[sha256(CONTENT)],
    )

    assert fetch(folder, "spam.txt").read_bytes() == CONTENT
    assert [path.name for path in cache.iterdir()] == ["spam.txt"]


def test_an_archive_put_in_place_by_hand_is_accepted(item, mirror, cache):
    archive = zipped({"spam.txt": CONTENT})
    (mirror / "spam.zip").write_bytes(archive)
    folder = item(
        url="http://127.0.0.1:9/spam.zip",
        sha256=sha256(archive),
        member="spam.txt",
        also=[sha256(CONTENT)],
    )

    assert fetch(folder, "spam.txt") == cache / "spam.txt"


def test_an_unpacked_file_in_the_mirror_needs_no_archive(item, mirror):
    (mirror / "spam.txt").write_bytes(CONTENT)
    folder = item(sha256="0" * 64, member="spam.txt", also=[sha256(CONTENT)])

    assert fetch(folder, "spam.txt") == mirror / "spam.txt"


def tree(folder: Path, files):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return tree_digest(folder)


PICTURES = {"0/a.jpg": b"zero", "1/b.jpg": b"one", "1/c.jpg": b"more"}


def test_the_digest_of_a_folder_is_that_of_its_list_as_sha256sum_prints_it(tmp_path):
    listed = "".join(f"{sha256(data)}  {name}\n" for name, data in PICTURES.items())

    assert tree(tmp_path / "pictures", PICTURES) == sha256(listed.encode())


def test_a_folder_of_files_is_accepted_by_the_digest_of_its_list(item, mirror):
    digest = tree(mirror / "pictures", PICTURES)
    folder = item(name="pictures", sha256=None, member="p-1/pictures", tree=digest, bytes=100)

    assert fetch(folder, "pictures") == mirror / "pictures"

    (mirror / "pictures" / "1" / "b.jpg").write_bytes(b"two")
    with pytest.raises(DataTampered):
        fetch(folder, "pictures")


def test_a_folder_of_files_is_taken_out_of_an_archive_whose_bytes_vary(item, site, cache, tmp_path):
    digest = tree(tmp_path / "pictures", PICTURES)
    inside = {f"p-1/pictures/{name}": data for name, data in PICTURES.items()}
    site.files["p-1.zip"] = zipped({"p-1/readme": b"Hello", **inside})
    folder = item(
        name="pictures",
        url=f"{site.url}/p-1.zip",
        sha256=None,
        member="p-1/pictures",
        tree=digest,
        bytes=100,
    )

    assert (fetch(folder, "pictures") / "1" / "c.jpg").read_bytes() == b"more"


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", ["p/../../../evil", "p//etc/evil", "p/..\\evil", "p/C:evil"])
def test_nothing_is_written_outside_by_an_archive(item, site, cache, tmp_path, pack, name):
    site.files["p.zip"] = pack({"p/a.txt": b"a", name: b"evil"})
    digest = tree(tmp_path / "p", {"a.txt": b"a"})
    folder = item(
        name="p", url=f"{site.url}/p.zip", sha256=None, member="p", tree=digest, bytes=100
    )

    assert sorted(path.name for path in fetch(folder, "p").iterdir()) == ["a.txt"]
    assert list(tmp_path.rglob("*evil*")) == []


def test_an_archive_without_a_pin_cannot_fill_the_disk(item, site, cache):
    site.files["p.zip"] = zipped({"p/a.txt": b"a" * 10_000_000})
    folder = item(
        name="p", url=f"{site.url}/p.zip", sha256=None, member="p", tree="0" * 64, bytes=1000
    )

    with pytest.raises(DataTampered):
        fetch(folder, "p")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../spam.txt"},
        {"name": "/etc/passwd"},
        {"name": "a\\b"},
        {"url": "ftp://example.org/spam"},
        {"sha256": "abc"},
        {"sha256": None},
        {"member": "spam.txt"},
        {"tree": "0" * 64},
        {"bytes": 0},
    ],
)
def test_what_the_format_does_not_allow_is_refused(folder, changes):
    file = {"name": "spam.txt", "url": NOWHERE, "sha256": sha256(CONTENT), "bytes": 1, **changes}
    data = {"source": "download", "licence": "CC0-1.0", "citation": "nobody", "folder": "spam"}
    folder.write_spec(data={**data, "files": [file]})

    with pytest.raises(Exception, match=r"data\.files\.0"):
        load_bank(folder.root)


def test_a_mirror_that_is_no_folder_is_named(item, monkeypatch):
    monkeypatch.setenv("ASSAY_DATA_MIRROR", "mirror.example.org")

    with pytest.raises(DataMissing) as missing:
        fetch(item(), "spam.txt")

    assert "names mirror.example.org, where there is no folder" in str(missing.value)


def test_a_network_s_failure_is_told_without_the_objects_that_it_went_through(item):
    with pytest.raises(DataMissing) as missing:
        fetch(item(), "spam.txt")

    assert missing.value.params["received"].startswith(f"{NOWHERE}: Failed to establish")


def test_who_puts_an_archive_in_place_by_hand_is_told_its_own_name(item, cache, site):
    url = "http://127.0.0.1:9/every%20spam.zip"
    data = zipped({"spam.txt": CONTENT})
    folder = item(url=url, member="spam.txt", sha256=sha256(data), also=[sha256(CONTENT)])

    with pytest.raises(DataMissing) as missing:
        fetch(folder, "spam.txt")
    place = missing.value.params["expected"]
    assert place == str(cache / "every spam.zip")
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "every spam.zip").write_bytes(data)

    assert fetch(folder, "spam.txt").read_bytes() == CONTENT


def test_a_folder_in_the_place_of_a_file_is_told_in_the_reader_s_language(item, mirror):
    (mirror / "spam.txt").mkdir()

    with pytest.raises(DataTampered) as refused:
        fetch(item(), "spam.txt")

    assert isinstance(refused.value.params["received"], Words)
