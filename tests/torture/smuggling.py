"""Attempts to hide one request in another: lengths, codings, chunks (RFC 9112 sections 6, 7, 9).

The refused ones are followed by a request that must not be executed; in those that are read, it
lies where only a reader that takes the other of two readings would find it.
"""

from __future__ import annotations

from tests.torture.attempts import CHUNKED, END, HIDDEN, MARK, head, length

_HIDDEN_CHUNKS = END + HIDDEN
"""Ends for who reads chunks; for who reads a length, a request follows."""

_UNKNOWN: dict[str, bytes] = {
    "word before": b"xchunked",
    "word behind": b"chunkedx",
    "in quotes": b'"chunked"',
    "in single quotes": b"'chunked'",
    "parameter": b"chunked;q=1",
    "semicolon": b"chunked;",
    "two words": b"chunked chunked",
    "cow": b"cow",
    "cow before": b"cow, chunked",
    "cow behind": b"chunked, cow",
    "comma before": b",chunked",
    "comma behind": b"chunked,",
    "empty": b"",
    "no-break space": b"\xa0chunked",
    "next line": b"chunked\x85",
    "outside ASCII": b"chun\xe9ked",
    "Kelvin sign, whose lower case is k": "chun\u212aed".encode(),
}
"""Codings that nobody knows, section 6.1: 501, or 400 where no coding is named."""

_AMBIGUOUS: dict[str, tuple[bytes, ...]] = {
    "chunked, identity": (b"Transfer-Encoding: chunked, identity",),
    "identity alone": (b"Transfer-Encoding: identity",),
    "gzip alone": (b"Transfer-Encoding: gzip",),
    "chunked, gzip": (b"Transfer-Encoding: chunked, gzip",),
    "chunked twice in a line": (b"Transfer-Encoding: chunked, chunked",),
    "chunked twice in two lines": (CHUNKED, CHUNKED),
    "two lines, gzip last": (CHUNKED, b"Transfer-Encoding: gzip"),
    "two lines, identity last": (CHUNKED, b"Transfer-Encoding: identity"),
    "two names by case": (CHUNKED, b"transfer-encoding: identity"),
    "folded": (b"Transfer-Encoding:", b" chunked"),
    "folded behind a value": (b"Transfer-Encoding: gzip,", b"\tchunked"),
    "folded into another field": (b"X: a", b" Transfer-Encoding: chunked"),
    "space before the colon": (b"Transfer-Encoding : chunked",),
    "tab before the colon": (b"Transfer-Encoding\t: chunked",),
    "no-break space before the colon": (b"Transfer-Encoding\xa0: chunked",),
    "behind a bare line feed": (b"X: a\nTransfer-Encoding: chunked",),
    "behind a bare carriage return": (b"X: a\rTransfer-Encoding: chunked",),
    "vertical tab before the value": (b"Transfer-Encoding:\x0bchunked",),
    "form feed before the value": (b"Transfer-Encoding: \x0cchunked",),
    "vertical tab behind the value": (b"Transfer-Encoding: chunked\x0b",),
    "NUL in the value": (b"Transfer-Encoding: chunked\x00",),
    "carriage return in the value": (b"Transfer-Encoding: chunked\r",),
    "unit separator": (b"Transfer-Encoding: \x1fchunked",),
}

_LENGTHS: dict[str, tuple[bytes, ...]] = {
    "two that differ": (b"Content-Length: 0", b"Content-Length: 44"),
    "two that differ, in one": (b"Content-Length: 0, 44",),
    "the same twice": (b"Content-Length: 44", b"Content-Length: 44"),
    "two by case": (b"Content-Length: 0", b"content-length: 44"),
    "empty": (b"Content-Length:",),
    "negative": (b"Content-Length: -44",),
    "negative zero": (b"Content-Length: -0",),
    "sign": (b"Content-Length: +44",),
    "hexadecimal": (b"Content-Length: 0x2c",),
    "octal": (b"Content-Length: 0o54",),
    "underscore": (b"Content-Length: 4_4",),
    "point": (b"Content-Length: 44.0",),
    "exponent": (b"Content-Length: 4e1",),
    "space inside": (b"Content-Length: 4 4",),
    "semicolon": (b"Content-Length: 44;a",),
    "in quotes": (b'Content-Length: "44"',),
    "superscript digit": (b"Content-Length: \xb2",),
    "one half": (b"Content-Length: \xbd",),
    "full-width digits": ("Content-Length: ４４".encode(),),
    "Arabic digits": ("Content-Length: ٤٤".encode(),),
    "no-break space": (b"Content-Length: \xa044",),
    "vertical tab": (b"Content-Length: \x0b44",),
    "NUL": (b"Content-Length: 44\x00",),
    "5,000 digits": (b"Content-Length: " + b"9" * 5000,),
    "folded": (b"Content-Length:", b" 44"),
    "space before the colon": (b"Content-Length : 44",),
    "no-break space before the colon": (b"Content-Length\xa0: 44",),
}

_BODY = head(CHUNKED)

_CHUNKS: dict[str, bytes] = {
    "7.1: negative size": b"-1\r\nx\r\n" + END,
    "7.1: negative zero": b"-0\r\n\r\n",
    "7.1: sign": b"+1\r\nx\r\n" + END,
    "7.1: hexadecimal prefix": b"0x1\r\nx\r\n" + END,
    "7.1: underscore": b"0_1\r\nx\r\n" + END,
    "7.1: space before": b" 1\r\nx\r\n" + END,
    "7.1: tab before": b"\t1\r\nx\r\n" + END,
    "7.1: space behind": b"1 \r\nx\r\n" + END,
    "7.1: space in the size": b"1 1\r\nx\r\n" + END,
    "7.1: vertical tab behind": b"1\x0b\r\nx\r\n" + END,
    "7.1: no-break space behind": b"1\xa0\r\nx\r\n" + END,
    "7.1: NUL behind": b"1\x00\r\nx\r\n" + END,
    "7.1: comma": b"1,1\r\nx\r\n" + END,
    "7.1: point": b"1.0\r\nx\r\n" + END,
    "7.1: letter g": b"g\r\n" + END,
    "7.1: digits outside ASCII": b"\xb2\r\nxx\r\n" + END,
    "7.1: line of 9,000 bytes": b"1;" + b"a" * 9000,
    "7.1: line feed behind the size": b"1\nx\r\n" + END,
    "7.1: carriage return behind the size": b"1\rx\r\n" + END,
    "7.1: two carriage returns": b"1\r\r\nx\r\n" + END,
    "7.1: data ended by a line feed": b"1\r\nx\n" + END,
    "7.1: data ended by a carriage return": b"1\r\nx\r" + END,
    "7.1: data ended by two other bytes": b"1\r\nxXX" + END,
    "7.1: data not ended": b"1\r\nx" + END,
    "7.1: line feed before CRLF": b"1\r\nx\n\r\n" + END,
    "7.1: a blank line between chunks": b"1\r\nx\r\n\r\n" + END,
    "7.1.1: no name": b"1;\r\nx\r\n" + END,
    "7.1.1: no value": b"1;a=\r\nx\r\n" + END,
    "7.1.1: space in the name": b"1;a b\r\nx\r\n" + END,
    "7.1.1: quote without an end": b'1;a="b\r\nx\r\n' + END,
    "7.1.1: line feed in the extension": b"1;a\nx\r\nx\r\n" + END,
    "7.1.1: line feed, then the hidden one": b"2;\nxx\r\n2c\r\n0\r\n\r\n" + HIDDEN + END,
    "7.1.1: carriage return in the extension": b"1;a\rx\r\nx\r\n" + END,
    "7.1.1: NUL in the extension": b"1;a\x00\r\nx\r\n" + END,
    "7.1.1: line feed behind the last": b"0;a\n\r\n",
    "7.1.2: length": b"0\r\nContent-Length: 44\r\n\r\n",
    "7.1.2: coding": b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "7.1.2: host": b"0\r\nHost: " + MARK + b"\r\n\r\n",
    "7.1.2: authorization": b"0\r\nAuthorization: " + MARK + b"\r\n\r\n",
    "7.1.2: trailer": b"0\r\nTrailer: " + MARK + b"\r\n\r\n",
    "7.1.2: no colon": b"0\r\n" + MARK + b"\r\n\r\n",
    "7.1.2: space before the colon": b"0\r\nX : " + MARK + b"\r\n\r\n",
    "7.1.2: folded": b"0\r\nX: a\r\n " + MARK + b"\r\n\r\n",
    "7.1.2: line feeds": b"0\r\nX: " + MARK + b"\n\n",
    "7.1.2: a request": b"0\r\n" + HIDDEN,
    "7.1.2: end by line feeds": b"0\n\n",
    "7.1.2: end by a line feed": b"0\r\n\n",
    "7.1.2: end by a carriage return": b"0\r\n\r" + MARK + b"\r\n\r\n",
    "7.1.2: NUL in a trailer": b"0\r\nX: \x00\r\n\r\n",
}

REFUSED: dict[str, tuple[int, bytes]] = {
    **{f"6.1: {name}": (501, head(b"Transfer-Encoding: " + coding) + _HIDDEN_CHUNKS)
       for name, coding in _UNKNOWN.items()},
    **{f"6.1: {name}, and a length": (
        501, head(b"Transfer-Encoding: " + coding, b"Content-Length: 5") + _HIDDEN_CHUNKS)
       for name, coding in _UNKNOWN.items()},
    **{f"6.3: {name}": (400, head(*lines) + _HIDDEN_CHUNKS) for name, lines in _AMBIGUOUS.items()},
    **{f"6.3: {name}, and a length": (400, head(*lines, b"Content-Length: 5") + _HIDDEN_CHUNKS)
       for name, lines in _AMBIGUOUS.items()},
    **{f"6.2: length: {name}": (400, head(*lines) + HIDDEN) for name, lines in _LENGTHS.items()},
    **{name: (400, _BODY + body) for name, body in _CHUNKS.items()},
    "6.1: CL.TE": (400, head(length(_HIDDEN_CHUNKS), CHUNKED) + _HIDDEN_CHUNKS),
    "6.1: TE.CL": (400, head(CHUNKED, b"Content-Length: 4") + b"2c\r\n" + HIDDEN + b"\r\n" + END),
    "6.1: CL.0 with chunks": (400, head(b"Content-Length: 0", CHUNKED) + _HIDDEN_CHUNKS),
    "6.1: a bad length and chunks": (400, head(b"Content-Length: x", CHUNKED) + _HIDDEN_CHUNKS),
    "6.1: POST, CL.TE": (
        400, head(length(_HIDDEN_CHUNKS), CHUNKED, line=b"POST / HTTP/1.1") + _HIDDEN_CHUNKS),
    "6.1: chunks under HTTP/1.0": (
        400, head(CHUNKED, line=b"GET /v1/dataset HTTP/1.0") + _HIDDEN_CHUNKS),
    "6.1: chunks under HTTP/1.0, kept alive": (
        400, head(CHUNKED, b"Connection: keep-alive", line=b"GET / HTTP/1.0") + _HIDDEN_CHUNKS),
    "7.1.2: 150 trailers": (431, _BODY + b"0\r\n" + b"X: a\r\n" * 150 + b"\r\n"),
    "7.1.2: trailer of 9,000 bytes": (431, _BODY + b"0\r\nX: " + b"a" * 9000 + b"\r\n\r\n"),
}  # fmt: skip
