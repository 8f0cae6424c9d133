"""A Link header in; the first address of each relation out (RFC 8288)."""

from __future__ import annotations

import re

_LONGEST = 8_000
_LINK = re.compile(r"<([^<>]*)>((?:[^<>\",]|\"[^\"]*\")*)")
_PARAMETER = re.compile(r";\s*([^\s;,=\"]+)\s*(?:=\s*(?:\"([^\"]*)\"|([^\s;,\"]*)))?")


def related(header: str) -> dict[str, str]:
    """Map relations, in lower case, to the addresses as written: possibly relative, not checked.

    >>> related('<https://hub.example/>; rel="hub", </feed>; rel=self')
    {'hub': 'https://hub.example/', 'self': '/feed'}
    """
    found: dict[str, str] = {}
    for link in _LINK.finditer(header[:_LONGEST]):
        for name, quoted, bare in _PARAMETER.findall(link[2]):
            if name.lower() == "rel":
                for relation in (quoted or bare).lower().split():
                    found.setdefault(relation, link[1].strip())
                break  # only the first counts (section 3.3)
    return found
