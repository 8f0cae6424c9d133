"""Markup in; plain text out: tags, entities, control characters and stray white space are gone.

One pass with a bounded number of searches, so that time grows with the length of the text whatever it holds.
"""

from __future__ import annotations

import html
import re
import unicodedata

_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]*)")
_REST_OF_TAG = re.compile(r"""(?:[^>=]|=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])))*+>""")
_ENTITY = re.compile(r"&(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ESCAPED_MARKUP = re.compile(r"<(?:p|br|div|a href|img|span|strong|em|ul|li)\b[^<>]*>", re.I)
_BLOCK_NAMES = """
address article aside blockquote br center dd details div dl dt fieldset figcaption figure footer form
h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody tfoot thead tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset({"td", "th"})
_HIDDEN = frozenset({"script", "style", "svg", "iframe", "noscript", "template", "head"})
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def plain_text(markup: str) -> str:
    """Turn HTML, or text that is escaped once too often, into lines of text without blank ones.

    >>> plain_text("<p>Talks&nbsp;in <b>Moscow</b>.</p><p>They met.</p>")
    'Talks in Moscow.\\nThey met.'
    >>> plain_text("5 < 6 &amp;lt; 7")
    '5 < 6 < 7'
    """
    text = _unescape(_strip_tags(markup))
    if "<" not in markup and _ESCAPED_MARKUP.search(text):
        text = _strip_tags(text)
    if _ENTITY.search(text):
        text = _unescape(text)
    return _tidy(text)


def plain_line(markup: str) -> str:
    """Turn markup into one line, for titles.

    >>> plain_line("Envoys\\n meet <i>again</i>\\x00")
    'Envoys meet again'
    """
    return plain_text(markup).replace("\n", " ")


def cut(text: str, limit: int) -> str:
    """Shorten to `limit` characters, at the last white space before it where there is one.

    >>> cut("one two three", 9)
    'one two'
    """
    if len(text) <= limit:
        return text
    head = text[: limit + 1]
    end = max(head.rfind(" "), head.rfind("\n"))
    return head[:end].rstrip() if end > 0 else text[:limit]


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda found: html.unescape(found.group()), text)


def _strip_tags(markup: str) -> str:
    out: list[str] = []
    lower = ""
    quotes = True
    at = 0
    while (start := markup.find("<", at)) >= 0:
        out.append(markup[at:start])
        if markup.startswith(("<!", "<?"), start):
            end = _end_of_declaration(markup, start)
            if end < 0:
                return "".join(out)
            at = end
            continue
        tag = _TAG.match(markup, start)
        if tag is None:
            out.append("<")
            at = start + 1
            continue
        rest = _REST_OF_TAG.match(markup, tag.end()) if quotes else None
        quotes = rest is not None
        at = rest.end() if rest else markup.find(">", tag.end()) + 1
        if not at:
            out.append(_unclosed(markup[start:]))
            break
        name = tag.group(1).lower()
        out.append("\n" if name in _BLOCKS else " " if name in _CELLS else "")
        if name in _HIDDEN and markup[start + 1] != "/" and markup[at - 2] != "/":
            lower = lower or _ascii_lower(markup)
            at = lower.find(f"</{name}", at)
            if at < 0:
                return "".join(out)
    else:
        out.append(markup[at:])
    return "".join(out)


def _unclosed(rest: str) -> str:
    """Drop a tag that was cut off; keep a lone "<" that is none."""
    return "" if "=" in rest[:200] or _TAG.fullmatch(rest.rstrip()) else rest


def _end_of_declaration(markup: str, start: int) -> int:
    for opening, closing in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<", ">")):
        if markup.startswith(opening, start):
            end = markup.find(closing, start + len(opening))
            return end + len(closing) if end >= 0 else -1
    return -1


_ASCII = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _ascii_lower(text: str) -> str:
    """Lower-case without changing the length, which `str.lower` may do."""
    return text.translate(_ASCII)


def _tidy(text: str) -> str:
    lines = (_tidy_line(line) for line in _BREAKS.sub("\n", text).split("\n"))
    return unicodedata.normalize("NFC", "\n".join(line for line in lines if line))


def _tidy_line(line: str) -> str:
    """Turn white space into single spaces; drop controls, marks of direction, surrogates, the unassigned."""
    line = " ".join(line.split())
    if line.isprintable():
        return line
    return " ".join("".join(char for char in line if char.isprintable()).split())
