"""Text of unknown origin in; the same without anything that a terminal would act on, out."""

from __future__ import annotations


def visible(text: str) -> str:
    r"""Write what is not printable (controls, escapes, bidirectional marks, line ends) by its number.

    >>> visible("a\x1b[2J\u202eb\n")
    'a\\x1b[2J\\u202eb\\n'
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode("ascii")
        for char in text
    )


def visible_lines(value: bytes) -> list[str]:
    r"""Lines of a value, each made visible; bytes that are no UTF-8 are written by their number.

    >>> visible_lines(b'{\n"a\xff"}')
    ['{', '"a\\xff"}']
    """
    return [visible(line) for line in value.decode("utf-8", "backslashreplace").split("\n")]
