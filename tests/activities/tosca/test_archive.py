"""CSAR archives: what is found in good ones, and what bad ones cannot do."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from typing import Any

import pytest

from tests.activities.tosca.orders import manifest, problem
from tests.support.files import FileServer
from tests.support.tosca import META, archive, declared, template

GOOD = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}"
OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}


@pytest.fixture
def served(web: FileServer) -> Any:
    """Serves an archive, and returns its URL."""

    def serve(content: bytes) -> str:
        web.files["/app.csar"] = content
        return web.url("/app.csar")

    return serve


def importing(*imports: Any) -> dict[str, Any]:
    """A template that imports these and declares nothing itself."""
    return template(GOOD, imports=list(imports))


TYPES = {"tosca_definitions_version": "tosca_simple_yaml_1_0", **declared()}


def test_the_template_that_the_metadata_names(served: Any) -> None:
    assert manifest(csar=served(archive({"template.yaml": template(GOOD), "README.md": "hello"}))) == [OBJECT]
    nested = archive({"definitions/web.yml": template(GOOD)}, entry="definitions/web.yml")
    assert manifest(csar=served(nested)) == [OBJECT]


def test_without_metadata_the_one_template_at_the_top(served: Any) -> None:
    document = template(GOOD, tosca_definitions_version="tosca_simple_yaml_1_2")
    members = (("web.yaml", yaml_of(document)), ("more/other.yaml", b"a: b"))
    assert manifest(csar=served(zipped(*members))) == [OBJECT]
    assert "only one root level yaml file" in problem(csar=served(zipped(("readme", b"x"))))
    old = zipped(("web.yaml", yaml_of(template(GOOD))))
    assert "does not contain the required file" in problem(csar=served(old))


@pytest.mark.parametrize("name", ["types.yaml", "./types.yaml", "/defs/types.yaml", "../defs/types.yaml"])
def test_imports_are_found_in_the_archive(served: Any, name: str) -> None:
    files = {"defs/template.yaml": importing(name), "defs/types.yaml": TYPES}
    assert manifest(csar=served(archive(files, entry="defs/template.yaml"))) == [OBJECT]


def test_imports_import_and_may_do_so_in_a_circle(served: Any) -> None:
    files = {
        "template.yaml": importing({"first": "a.yaml"}),
        "a.yaml": {"imports": ["sub/b.yaml"]},
        "sub/b.yaml": {**TYPES, "imports": ["../a.yaml", "../template.yaml"]},
    }
    assert manifest(csar=served(archive(files))) == [OBJECT]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../types.yaml", "it leads out of the archive"),
        ("..", "it leads out of the archive"),
        ("a/../../types.yaml", "it leads out of the archive"),
        ("..\\types.yaml", "it leads out of the archive"),
        ("/etc/passwd", "the archive holds no such file"),
        ("//127.0.0.1/types.yaml", "the archive holds no such file"),
        ("missing.yaml", "the archive holds no such file"),
        ("http://127.0.0.1:1/types.yaml", "an archive imports its own files only"),
        ("file:///etc/passwd", "only http:// and https:// URLs are read"),
    ],
)
def test_imports_never_lead_out_of_the_archive(served: Any, name: str, words: str) -> None:
    message = problem(csar=served(archive({"template.yaml": importing(name)})))
    assert message.startswith("Import ")
    assert words in message


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A ZIP file with exactly these members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members:
            target.writestr(name, data)
    return content.getvalue()


def yaml_of(document: dict[str, Any]) -> bytes:
    """The document as YAML."""
    return zipfile.ZipFile(io.BytesIO(archive({"template.yaml": document}))).read("template.yaml")


def special(name: str, mode: int) -> zipfile.ZipInfo:
    """A member that is no ordinary file."""
    member = zipfile.ZipInfo(name)
    member.external_attr = (mode | 0o777) << 16
    return member


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("../evil.yaml", 'holds "../evil.yaml", a path that could lead out of it'),
        ("a/../../evil", "a path that could lead out of it"),
        ("/etc/evil", "a path that could lead out of it"),
        ("C:/evil", "a path that could lead out of it"),
        ("a\\..\\evil", "a path that could lead out of it"),
        ("a//b", "a path that could lead out of it"),
        (special("link.yaml", stat.S_IFLNK), 'holds "link.yaml", which is a link or a special file'),
        (special("pipe", stat.S_IFIFO), "which is a link or a special file"),
        (special("device", stat.S_IFBLK), "which is a link or a special file"),
    ],
)
def test_an_archive_with_a_way_out_is_refused_as_a_whole(
    served: Any, member: str | zipfile.ZipInfo, words: str
) -> None:
    good = (("template.yaml", yaml_of(template(GOOD))), (META, b"Entry-Definitions: template.yaml"))
    assert manifest(csar=served(zipped(*good))) == [OBJECT]
    message = problem(csar=served(zipped(*good, (member, b"/etc/passwd"))))
    assert message.startswith("The CSAR archive holds ")
    assert words in message


def test_archives_are_limited_in_size_number_and_expansion(served: Any) -> None:
    files = {"template.yaml": template(GOOD), "zeros": b"\0" * 3_000_000}
    url = served(archive(files))
    assert manifest(csar=url) == [OBJECT]
    assert "larger than 2000 bytes" in problem(csar=url, archive_bytes=2000)
    assert problem(csar=url, expanded_bytes=2_000_000) == (
        "The CSAR archive is larger than 2000000 bytes when unpacked"
    )
    assert problem(csar=url, archive_files=2) == "The CSAR archive holds more than 2 files"
    large = archive({"template.yaml": template(GOOD, description="x" * 5000)})
    assert '"template.yaml" is larger than 4000 bytes' in problem(csar=served(large), document_bytes=4000)


def test_an_archive_that_lies_about_its_size_is_damaged(served: Any) -> None:
    """What is unpacked ends at the size that the directory declares, and that is no longer the file."""
    content = bytearray(archive({"template.yaml": template(GOOD, description="x" * 50_000)}))
    entry = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, entry + 24, 10)
    message = problem(csar=served(bytes(content)))
    assert message == '"template.yaml" in the CSAR archive cannot be unpacked'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no archive", "The CSAR archive is not a valid zip file"),
        (b"", "The CSAR archive is not a valid zip file"),
        (archive({"template.yaml": template(GOOD)})[:-30], "The CSAR archive is not a valid zip file"),
        (zipped((META, b"Created-By: me")), 'missing the required metadata "Entry-Definitions"'),
        (zipped((META, b"just text")), 'missing the required metadata "Entry-Definitions"'),
        (zipped((META, b"a: [")), f'"{META}" is not valid YAML'),
        (zipped((META, b"Entry-Definitions: gone.yaml")), '"gone.yaml" of the CSAR archive does not exist'),
        (zipped((META, b"Entry-Definitions: ../gone.yaml")), "of the CSAR archive does not exist"),
        (archive({"template.yaml": "just text"}), "The TOSCA template has to be a mapping"),
        (archive({"template.yaml": "a: ["}), '"template.yaml" in the CSAR archive is not valid YAML'),
    ],
)
def test_a_bad_archive_has_a_reason(served: Any, content: bytes, words: str) -> None:
    assert words in problem(csar=served(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_compression_whose_output_is_bounded_is_accepted(served: Any, method: int) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as target:
        target.writestr("template.yaml", b"x" * 100)
    assert "whose compression is not deflate" in problem(csar=served(content.getvalue()))


def test_an_encrypted_archive_is_refused(served: Any) -> None:
    content = bytearray(archive({"template.yaml": template(GOOD)}))
    struct.pack_into("<H", content, content.index(b"PK\x01\x02") + 8, 1)
    assert "which is encrypted" in problem(csar=served(bytes(content)))
