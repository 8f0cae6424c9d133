"""What fuzzing begins with: a small valid document of each kind, and pieces that break readers."""

from __future__ import annotations

JSON_FEED = (
    '{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": "1", "title": "T", '
    '"url": "https://example.org/1", "content_html": "<p>x</p>", "date_published": "2024-03-21T18:30:00Z"}]}'
)
ATOM = (
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>1</id>'
    '<title>T</title><link href="/1"/><updated>2024-03-21T18:30:00Z</updated><content type="xhtml"><div '
    'xmlns="http://www.w3.org/1999/xhtml">x</div></content></entry></feed>'
)
OPML = (
    '<?xml version="1.0"?><opml version="2.0"><head><title>A</title></head><body><outline text="B">'
    '<outline type="rss" text="C" xmlUrl="https://example.org/f" language="en"/></outline></body></opml>'
)
HTML = (
    '<html><head><meta property="article:published_time" content="2024-03-21T18:30:00Z">'
    '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2024-03-21"}</script>'
    "</head><body><article><h1>T</h1><p>Russia met China in Beijing on Thursday for talks.</p>"
    "</article></body></html>"
)
DATES = (
    "Thu, 21 Mar 2024 21:30:00 MSK",
    "2024-03-21T18:30:00Z",
    "21 de marzo de 2024",
    "March 21,2024",
    "1711045800",
    "21.03.2024 18:30",
    "Do., 21. März 2024 18:30 Uhr",
    "2024年3月21日",
)
HEADERS = (
    '<https://hub.example.org/>; rel="hub", </f>; rel=self',
    "User-agent: *\nDisallow: /\nCrawl-delay: 10",
    "User-agent: blocwatch\nAllow: /a*b$\n",
    "HTTPS://Ann:pw@Example.ORG:443/a/../b?utm_source=x&b=1#c",
)
BREAKING = (
    *(b"<", b">", b"&", b"&#x110000;", b"&#0;", b"]]>", b"<![CDATA[", b"<!--", b"-->"),
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\r\n", b"\x1b"),
    *(b"\\ud800", b"1e999", b"-1", b"99999999999999999999", b"NaN", b"Infinity"),
    *(b"[" * 2000, b'{"a":' * 2000, b"&a", b"*a", b"<<: *a", b"!!python/object/apply:os.system [x]"),
    *(b"? ", b": ", b"- ", b"  ", b"\t", b"http://[", b"://", b"@", b"%"),
    *(b"0000-00-00", b"9999-12-31T23:59:59+23:59", b"-0001", b"Mon, 30 Feb 0000 25:61:61 +9999"),
    *(text.encode() for text in ("٣", "²", "İ", "\u202e", "\U000e0041")),
)
"""Ends of things, other encodings, numbers and dates out of range, depth, digits of other scripts."""
