"""Where an actor is written down: a file's name and text in, 'file:line' out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One concept file."""

    file: str
    text: str

    def at(self, word: str, nth: int = 0) -> str:
        """Name the file and the line that holds a word for the nth time, or the first line.

        >>> Source("a.yaml", "code: XAA\\nname: Ruritania").at("Ruritania")
        'a.yaml:2'
        """
        lines = [number for number, line in enumerate(self.text.splitlines(), 1) if word in line]
        return f"{self.file}:{lines[nth] if nth < len(lines) else 1}"
