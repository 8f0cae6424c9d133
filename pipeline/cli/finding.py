"""One thing that `doctor` looked at, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `mend` is what to do, `needed` tells whether the embedded run needs it too."""

    name: str
    good: bool
    words: str
    mend: str = ""
    needed: bool = True

    def told(self) -> str:
        """One line, and a second with what to do where something is amiss.

        >>> print(Finding("disk", False, "full", "rm -r out").told())
        MISSING  disk: full
                 mend it: rm -r out
        """
        mark = "ok" if self.good else "MISSING" if self.needed else "absent"
        mend = f"\n{'':8s} mend it: {self.mend}" if self.mend and not self.good else ""
        return f"{mark:8s} {self.name}: {self.words}{mend}"
