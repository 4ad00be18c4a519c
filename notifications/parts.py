"""The body of a mail as bytes: its fixed parts as they are, every content encoded in C.

`EmailMessage` takes twenty times as long; the tests hold each body against what it makes. Plain text is
quoted-printable and files are base64. HTML is ASCII as it is, its other characters by their numbers: no
other encoding is as short or as quick. What it cannot carry that way is quoted-printable as well.
"""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import encode_rfc2231
from hashlib import blake2b

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# The same in bytes: controls, and what U+FFFE and U+FFFF begin with.
_CONTROLS = bytes(each for each in range(32) if each not in b"\t\n\r")
_LAST = "\ufffe".encode()[:2]
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; *[\w-]+=[\w.+-]+)*", re.ASCII)
_TEXT = b'Content-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: %b\r\n\r\n%b'
# In HTML the numbers from 128 to 159 mean other characters; by number, and what XML forbids or may forbid.
_NOT_BY_NUMBER = re.compile(b"\xc2[\x80-\x9f]")
_SUSPECT = re.compile(rb"&#(?:1[2-5]\d|5[5-7]\d{3}|6553\d);")
_LINE, _LONGEST = 76, 990


@dataclass(frozen=True, slots=True)
class Part:
    """A file in a mail: an attachment, an image the HTML shows by `content_id`, or a calendar entry.

    `content_type` may carry parameters: `text/calendar; method=REQUEST; charset=utf-8`.

    Raises:
        ValueError: no content type, or a control character where a header will be; names the field.
    """

    content: bytes
    content_type: str
    filename: str | None = None
    content_id: str | None = None
    alternative: bool = False

    def __post_init__(self) -> None:
        refuse_control(
            content_type=self.content_type, filename=self.filename or "", content_id=self.content_id or ""
        )
        if not _TYPE.fullmatch(self.content_type):
            raise ValueError(f"content_type: not `type/subtype; name=value`: {self.content_type!r}")
        if not (self.content_id or "").isascii():
            raise ValueError(f"content_id: not ASCII: {self.content_id!r}")


def refuse_control(**fields: str) -> None:
    """Let nothing into a header that would end it.

    Raises:
        ValueError: names the field.
    """
    for name, value in fields.items():
        if CONTROL.search(value):
            raise ValueError(f"{name}: a control character or line break in a header: {value[:80]!r}")


def body(text: str, html: str, parts: Sequence[Part], unique: str) -> bytes:
    """From `MIME-Version` to the end, lines ending in CRLF. No other mail has the same `unique`.

    From the inside out: the images with the HTML, a calendar entry beside both texts, then the files.
    """
    mark = blake2b(unique.encode(), digest_size=9).hexdigest().encode()
    images = [part for part in parts if part.content_id and html]
    beside = [part for part in parts if part.alternative and not (part.content_id and html)]
    others = [part for part in parts if not part.alternative and not (part.content_id and html)]
    texts = [_TEXT % (b"plain", b"quoted-printable", _quoted(_lines(text)))]
    if html:
        shown = _TEXT % (b"html", *_html(html))
        texts.append(_several(b"related", [shown, *map(_file, images)], mark) if images else shown)
    texts += map(_file, beside)
    whole = _several(b"alternative", texts, mark) if len(texts) > 1 else texts[0]
    if others:
        whole = _several(b"mixed", [whole, *map(_file, others)], mark)
    return b"MIME-Version: 1.0\r\n" + whole


def printable(text: str) -> str:
    """The text with U+FFFD for what XML 1.0 forbids: no channel can carry that."""
    return _FORBIDDEN_IN_XML.sub(REPLACEMENT, text)


def _lines(text: str) -> bytes:
    """The text with nothing that XML forbids, each line ended by a line feed."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raw = printable(text).encode()
    if _LAST in raw or len(raw.translate(None, _CONTROLS)) != len(raw):
        raw = printable(text).encode()
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw if raw.endswith(b"\n") else raw + b"\n"


def _quoted(lines: bytes) -> bytes:
    """Quoted-printable: ASCII, no line above 76 characters."""
    return binascii.b2a_qp(lines.replace(b"\n", b"\r\n"))


def _html(html: str) -> tuple[bytes, bytes]:
    """HTML as it travels: how it is encoded, and the lines."""
    plain = html.encode("ascii", "xmlcharrefreplace")
    if b"\r" in plain or len(plain.translate(None, _CONTROLS)) != len(plain) or _SUSPECT.search(plain):
        lines = _lines(html)
        if _NOT_BY_NUMBER.search(lines):
            return b"quoted-printable", _quoted(lines)
        plain = lines.decode().encode("ascii", "xmlcharrefreplace")
    if not plain.endswith(b"\n"):
        plain += b"\n"
    ends_a_part = plain.startswith(b"--") or b"\n--" in plain
    if ends_a_part or max(map(len, plain.split(b"\n"))) > _LONGEST:
        return b"quoted-printable", _quoted(_lines(html))
    return b"7bit", plain.replace(b"\n", b"\r\n")


def _several(kind: bytes, entities: Sequence[bytes], mark: bytes) -> bytes:
    boundary = b"=_" + kind + b"." + mark
    head = b"Content-Type: multipart/" + kind + b';\r\n boundary="' + boundary + b'"\r\n'
    between = b"\r\n--" + boundary
    return head + b"".join(between + b"\r\n" + each for each in entities) + between + b"--\r\n"


def _file(part: Part) -> bytes:
    kind, *details = (each.strip() for each in part.content_type.split(";"))
    named = (each.partition("=") for each in details)
    head = [f"Content-Type: {kind}" + "".join(f';\r\n {name}="{value}"' for name, _, value in named)]
    head.append("Content-Transfer-Encoding: base64")
    if part.content_id:
        head.append(f"Content-ID: <{part.content_id}>")
    if part.content_id or part.filename:
        shown = "inline" if part.content_id else "attachment"
        head.append(f"Content-Disposition: {shown}{_name(part.filename)}")
    encoded = binascii.b2a_base64(part.content, newline=False)
    lines = (encoded[start : start + _LINE] for start in range(0, len(encoded), _LINE))
    return "\r\n".join([*head, "", ""]).encode() + b"".join(line + b"\r\n" for line in lines)


def _name(filename: str | None) -> str:
    if not filename:
        return ""
    if filename.isascii():
        return ';\r\n filename="' + filename.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f";\r\n filename*={encode_rfc2231(filename, 'utf-8')}"
