"""Requests that are odd and well-formed, and such as never end: what is read in them, and no more.

Each that is read is followed on its connection by an ordinary one, which shows that the server is
still where it should be. The hidden request is in bodies, chunks, trailers and behind the end.
"""

from __future__ import annotations

from tests.torture.attempts import CHUNKED, END, HIDDEN, LAST, MARK, Statuses, chunk, head, length

_HIDDEN_CHUNKS = END + HIDDEN
_BODY = head(CHUNKED)
_SMALL = head(length(HIDDEN)) + HIDDEN

READ: dict[str, tuple[tuple[Statuses, ...], bytes]] = {
    "body on a GET": (((200, 200),), _SMALL),
    "body on a HEAD": (
        ((200, 200),), head(length(HIDDEN), line=b"HEAD /v1/dataset HTTP/1.1") + HIDDEN),
    "body on an OPTIONS": (
        ((204, 200),), head(length(HIDDEN), line=b"OPTIONS /v1/dataset HTTP/1.1") + HIDDEN),
    "body on a POST": (
        ((405, 200),), head(length(HIDDEN), line=b"POST /v1/dataset HTTP/1.1") + HIDDEN),
    "body on a PUT": (
        ((405, 200),), head(length(HIDDEN), line=b"PUT /v1/dataset HTTP/1.1") + HIDDEN),
    "body on a DELETE": (
        ((405, 200),), head(length(HIDDEN), line=b"DELETE /v1/dataset HTTP/1.1") + HIDDEN),
    "body on a TRACE": (
        ((405, 200),), head(length(HIDDEN), line=b"TRACE /v1/dataset HTTP/1.1") + HIDDEN),
    "body for a path that is not there": (
        ((404, 200),), head(length(HIDDEN), line=b"GET /nothing HTTP/1.1") + HIDDEN),
    "POST without a length": (((405, 200),), head(line=b"POST /v1/dataset HTTP/1.1")),
    "chunks on a GET": (((200, 200),), _BODY + chunk(HIDDEN) + END),
    "chunks on a HEAD": (
        ((200, 200),), head(CHUNKED, line=b"HEAD /v1/dataset HTTP/1.1") + chunk(HIDDEN) + END),
    "chunks on a POST": (
        ((405, 200),), head(CHUNKED, line=b"POST /v1/dataset HTTP/1.1") + chunk(HIDDEN) + END),
    "two chunks that make the request": (
        ((200, 200),), _BODY + chunk(HIDDEN[:9]) + chunk(HIDDEN[9:]) + END),
    "chunk whose data look like the end": (((200, 200),), _BODY + chunk(_HIDDEN_CHUNKS) + END),
    "size with zeros before it": (((200, 200),), _BODY + b"0000002c\r\n" + HIDDEN + b"\r\n" + END),
    "size in capital letters": (((200, 200),), _BODY + b"2C\r\n" + HIDDEN + b"\r\n" + END),
    "last chunk of many zeros": (((200, 200),), _BODY + b"00000\r\n\r\n"),
    "extension": (((200, 200),), _BODY + b"1;a\r\nx\r\n" + END),
    "extension with a value": (((200, 200),), _BODY + b"1 ; a = b\r\nx\r\n" + END),
    "extension in quotes": (((200, 200),), _BODY + b'1;a="\\";\tb"\r\nx\r\n0;c\r\n\r\n'),
    "trailers": (((200, 200),), _BODY + b"1\r\nx\r\n0\r\nX-A: a\r\nX-B: b\r\n\r\n"),
    "trailer that names the hidden one": (
        ((200, 200),), _BODY + b"0\r\nX: GET /zq9hidden HTTP/1.1\r\n\r\n"),
    "trailer with an underscore": (
        ((200, 200), (400,)), _BODY + b"0\r\nContent_Length: 44\r\n\r\n"),
    "coding in capital letters": (
        ((200, 200),), head(b"TRANSFER-ENCODING: CHUNKED") + chunk(HIDDEN) + END),
    "coding behind a tab": (
        ((200, 200),), head(b"Transfer-Encoding:\tchunked\t ") + chunk(HIDDEN) + END),
    "coding without a space": (
        ((200, 200),), head(b"Transfer-Encoding:chunked") + chunk(HIDDEN) + END),
    # Known codings before the last are never decoded here; where the body ends is known.
    "gzip, chunked": (
        ((200,), (501,)), head(b"Transfer-Encoding: gzip, chunked") + chunk(HIDDEN) + END),
    "gzip and chunked in two lines": (
        ((200,), (501,)), head(b"Transfer-Encoding: gzip", CHUNKED) + chunk(HIDDEN) + END),
    "identity, chunked": (
        ((200, 200), (501,), (400,)),
        head(b"Transfer-Encoding: identity, chunked") + chunk(HIDDEN) + END),
    "length with zeros before it": (
        ((200, 200), (400,)), head(b"Content-Length: 0044") + HIDDEN),
    "length behind tabs": (((200, 200),), head(b"Content-Length:\t 44\t ") + HIDDEN),
    "length of nothing": (((200, 200),), head(b"Content-Length: 0")),
    # Names with an underscore or a word before them are other fields, which are dropped.
    "Content_Length": (((200, 200), (400,)), head(b"Content_Length: 135")),
    "Transfer_Encoding": (((200, 200), (400,)), head(b"Transfer_Encoding: chunked")),
    "Transfer_Encoding beside a length": (
        ((200, 200), (400,)), head(b"Transfer_Encoding: chunked", length(HIDDEN)) + HIDDEN),
    "X-Content-Length": (((200, 200),), head(b"X-Content-Length: 135")),
    "TE: chunked": (((200, 200),), head(b"TE: chunked")),
    "coding in the value of another": (((200, 200),), head(b"X: Transfer-Encoding: chunked")),
    "field named as a CGI variable": (
        ((200, 200), (400,)),
        head(b"REQUEST_METHOD: POST", b"PATH_INFO: /zq9hidden", b"SCRIPT_NAME: /" + MARK)),
    "another path in fields": (
        ((200, 200),),
        head(b"X-Original-URL: /zq9hidden", b"X-Rewrite-URL: /zq9hidden", b"X-HTTP-Method: PUT",
             b"X-HTTP-Method-Override: DELETE", b"X-Forwarded-Prefix: /" + MARK)),
    "Upgrade to h2c": (
        ((200, 200),),
        head(b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings",
             b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")),
    "Upgrade to h2c, then its preface": (
        ((200, 400),),
        head(b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings",
             b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA") + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "Upgrade to a web socket": (
        ((200, 200),),
        head(b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13",
             b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")),
    "Upgrade to TLS": (((200, 200),), head(b"Upgrade: TLS/1.0", b"Connection: Upgrade")),
    "CONNECT, then the hidden one": (
        ((404,), (405,), (400,), (501,)),
        head(line=b"CONNECT localhost:80 HTTP/1.1", host=b"Host: localhost:80") + HIDDEN),
    "OPTIONS of the server": (
        ((200, 200), (204, 200), (404, 200)), head(line=b"OPTIONS * HTTP/1.1")),
    "absolute target": (((200, 200),), head(line=b"GET http://localhost/v1/dataset HTTP/1.1")),
    "absolute target of another host": (
        ((200, 200),), head(line=b"GET http://" + MARK + b".example:81/v1/dataset HTTP/1.1")),
    "absolute target of another scheme": (
        ((200, 200), (400,), (404, 200)), head(line=b"GET ftp://localhost/v1/dataset HTTP/1.1")),
    "absolute target without a path": (
        ((404, 200), (200, 200)), head(line=b"GET http://localhost HTTP/1.1")),
    "path that begins with two slashes": (
        ((404, 200),), head(line=b"GET //localhost/v1/dataset HTTP/1.1")),
    "later minor version": (((200, 200),), head(line=b"GET /v1/dataset HTTP/1.9")),
    "empty line before the request": (((200, 200),), b"\r\n" + head()),
    "two empty lines before the request": (((200, 200), (400,)), b"\r\n\r\n" + head()),
    "empty host": (((200, 200), (400,)), head(host=b"Host:")),
    "host of an address": (((200, 200),), head(host=b"Host: [2001:db8::1]:8000")),
    "host without a space": (((200, 200),), head(host=b"Host:localhost:65535")),
    "100 fields less the host": (((200, 200),), head(*[b"X-%d: a" % n for n in range(99)])),
    "value of 8,000 bytes": (((200, 200),), head(b"X: " + b"a" * 8000)),
    "value outside ASCII": (((200, 200),), head("X: é".encode(), b"Y: \xff\xfe")),
    "Expect, and the body at once": (
        ((200,), (200, 200)), head(b"Expect: 100-continue", length(HIDDEN)) + HIDDEN),
    "Expect, and no body": (((200,), (200, 200)), head(b"Expect: 100-continue")),
    "Expect under HTTP/1.0": (
        ((200,),), head(b"Expect: 100-continue", line=b"GET /v1/dataset HTTP/1.0")),
    "HTTP/1.0 ends the connection": (((200,),), head(line=b"GET /v1/dataset HTTP/1.0") + HIDDEN),
    "HTTP/1.0 kept alive": (
        ((200, 200),), head(b"Connection: keep-alive", line=b"GET /v1/dataset HTTP/1.0")),
    "9.6: close, then the hidden one": (((200,),), head(b"Connection: close") + HIDDEN),
    "9.6: close in capital letters": (((200,),), head(b"Connection: CLOSE") + HIDDEN),
    "9.6: close and another option": (((200,),), head(b"Connection: close, te") + HIDDEN),
    "9.6: close behind another option": (((200,),), head(b"Connection: te,close") + HIDDEN),
    "9.6: keep-alive and close": (((200,),), head(b"Connection: keep-alive, close") + HIDDEN),
    "9.6: close in a second line": (
        ((200,),), head(b"Connection: te", b"Connection: close") + HIDDEN),
    "9.6: close, and a body": (
        ((200,),), head(b"Connection: close", length(HIDDEN)) + HIDDEN + HIDDEN),
    "Connection names the length": (
        ((200, 200),), head(b"Connection: Content-Length", length(HIDDEN)) + HIDDEN),
    "Connection names the coding": (
        ((200, 200),), head(b"Connection: Transfer-Encoding", CHUNKED) + chunk(HIDDEN) + END),
    "Keep-Alive with parameters": (
        ((200, 200),), head(b"Connection: keep-alive", b"Keep-Alive: timeout=600, max=1000")),
    "body that is more than is dropped": (
        ((200,), (200, 200)), head(b"Content-Length: 100000") + (HIDDEN * 2300)[:100_000]),
    "ten requests at once": (((200,) * 11,), head() * 10),
    "ten with bodies": (((200,) * 11,), _SMALL * 10),
    "a fault behind three": (((200, 200, 200, 400),), head() * 3 + head(b": ") + HIDDEN),
    "a CL.TE behind one": (
        ((200, 400),), head() + head(length(_HIDDEN_CHUNKS), CHUNKED) + _HIDDEN_CHUNKS),
    "bad chunks behind one": (((200, 400),), head() + _BODY + b"x\r\n" + HIDDEN),
    "CRLF between requests": (((200, 200, 200),), head() + b"\r\n" + head() + b"\r\n"),
    "rubbish between requests": (((200, 400),), head() + b"\x00\x00\r\n" + HIDDEN),
    "body longer than said": (
        ((200, 400),), head(b"Content-Length: 5") + b"xxxxx" + b"yyy" + HIDDEN),
    "the next request as a body": (((200, 200),), head(length(LAST)) + LAST),
}  # fmt: skip

WAITING: dict[str, bytes] = {
    "half a request line": b"GET /v1/data",
    "half a method": b"G",
    "carriage return alone": b"\r",
    "head without its end": head(b"X: " + MARK)[:-2],
    "half a field": head(b"X: " + MARK)[:-7],
    "half a body": head(b"Content-Length: 100") + HIDDEN,
    "no body": head(b"Content-Length: 100", line=b"POST /v1/dataset HTTP/1.1"),
    "length of 4,000 digits": head(b"Content-Length: " + b"9" * 4000) + HIDDEN,
    "length beyond 64 bits": head(b"Content-Length: 18446744073709551661") + HIDDEN,
    "chunks not begun": _BODY,
    "half a chunk size": _BODY + b"1",
    "half a chunk": _BODY + b"64\r\n" + HIDDEN,
    "chunk of 5,000 digits": _BODY + b"f" * 5000 + b"\r\n" + HIDDEN,
    "chunk beyond 64 bits": _BODY + b"1000000000000002c\r\n" + HIDDEN,
    "chunks without the last": _BODY + chunk(HIDDEN),
    "last chunk without its end": _BODY + b"0\r\n",
    "trailer without its end": _BODY + b"0\r\nX: " + MARK,
}
"""What the server has to wait for; it answers 408 and ends the connection by itself."""
