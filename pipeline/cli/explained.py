"""An account of a value in; the same for readers, on the terminal or in a pipe, out.

Contributions are printed in ten-thousandths. What rounding leaves goes into the line for the rest, or into
one of its own: printed parts add up to the number above them, to which they stand further in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.cli.account import Account, Told
from pipeline.metrics.clock import moment
from pipeline.metrics.explanation import CAME, FADED, LEFT, Pair, Share
from pipeline.metrics.params import HOURS_A_DAY, MICRO

_UNITS = 10_000
_PAIRS = 10
"""Pairs in the table, at least."""
_LONGEST = 320
"""Characters of a sentence that are printed."""
_LEGEND = "A happening weighs its Goldstein g × how sure × (1 + ln outlets); announced ones less."
_FATES = {CAME: "came in", FADED: "faded", LEFT: "left: out of the view's reach"}


class Teller:
    """Prints an account; `top` pairs, and happenings of each, are told one by one."""

    def __init__(self, console: Console, account: Account, top: int) -> None:
        self._console = console
        self._account = account
        self._found = account.found
        self._top = top

    def tell(self) -> None:
        """Print what the value is made of, then what changed it."""
        self._head()
        self._made()
        self._changed()
        self._console.print(f"\n{_LEGEND}", style="dim")

    def _head(self) -> None:
        found, stamp = self._found, self._account.frame.stamp(self._found.tick)
        what = "cohesion" if found.of_coalition else "tie"
        self._console.print(
            _bold(f"{found.name}: {what} ", _number(_units(found.now)))
            + Text(f"   90 % interval {_interval(found.interval)}   {found.view}{self._reach()}")
        )
        state = "final" if stamp.final else "provisional: late news may change it"
        self._console.print(
            f"as of {_when(found.tick)}, {state}; ledger {stamp.ledger_digest[:12]}", style="dim"
        )
        if found.tick > self._account.frame.tick:
            self._console.print(f"no news is known after {_when(self._account.frame.tick)}", style="dim")
        if found.of_coalition:
            self._console.print(f"members {' '.join(found.members) or 'none on that day'}", style="dim")
        self._console.print()

    def _reach(self) -> str:
        (view,) = (v for v in self._account.frame.params.views if v.name == self._found.view)
        if view.half_life_h is None:
            return f": the last {_counted(view.reach_h // HOURS_A_DAY, 'day')}"
        return f": half-life {_counted(view.half_life_h // HOURS_A_DAY, 'day')}"

    def _made(self) -> None:
        found = self._found
        self._console.print(Text("What it is made of", "bold"))
        told = [pair for pair in found.pairs if pair.now.value]
        if not told:
            self._console.print("  no news within the view, so it is 0\n")
            return
        if found.of_coalition:
            self._table()
        for pair in told[: self._top]:
            self._pair(pair)

    def _table(self) -> None:
        found, left = self._found, _units(self._found.now)
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_footer=True)
        table.add_column("dyad", Text("cohesion"), no_wrap=True)
        for name in ("weight", "tie", "90 % interval", "happenings", "coop.", "conflict"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("adds", _number(left), justify="right", no_wrap=True)
        shown = found.pairs[: max(self._top, _PAIRS)]
        for pair in shown:
            now, units = pair.now, _units(pair.now.value)
            left -= units
            numbers = (f"{now.weight:.4f}", f"{now.tie:+.4f}", _interval(now.interval), f"{now.n}")
            table.add_row(pair.dyad, *numbers, f"{now.coop:.1f}", f"{now.conflict:.1f}", _number(units))
        if others := len(found.pairs) - len(shown):
            table.add_row(_counted(others, "other pair"), *[""] * 6, _number(left))
        elif left:
            table.add_row("rounding", *[""] * 6, _number(left))
        self._console.print(table)

    def _pair(self, pair: Pair) -> None:
        now, units = pair.now, _units(pair.now.value)
        coop = _units(sum(share.value for share in pair.shares if share.now > 0))
        ends = " ".join(f"{end} {a:+.2f}" for end, a in zip(pair.dyad.split("|"), now.effects, strict=True))
        about = (
            f"cooperation {now.coop:.2f} adds {_plain(coop)}, conflict {now.conflict:.2f} adds "
            f"{_plain(units - coop)}\nagainst habits: log-odds {now.expected:+.2f} "
            f"(usual {now.level:+.2f} {ends})"
        )
        self._line(0, units, _bold(pair.dyad, f"   tie {now.tie:+.4f}\n{about}"))
        self._shares(pair, pair.shares, units, 1, lambda share: share.value, self._full)
        self._console.print()

    def _changed(self) -> None:
        found = self._found
        left = _units(found.now) - _units(found.then)
        self._console.print(
            _bold(f"What changed it since {_when(found.since)}: ", _plain(_units(found.then)))
            + Text(f" → {_plain(_units(found.now))}, ")
            + _number(left)
        )
        if not found.of_coalition:
            self._moved(found.pairs[0], left, 0)
            return
        moved = sorted(found.pairs, key=lambda pair: (-abs(pair.change - pair.membership), pair.dyad))
        shown = [pair for pair in moved if _units(pair.change - pair.membership)][: self._top]
        for pair in shown:
            units = _units(pair.change - pair.membership)
            left -= units
            self._line(0, units, _bold(pair.dyad, f"   tie {pair.then.tie:+.4f} → {pair.now.tie:+.4f}"))
            self._moved(pair, units, 1)
        if found.joined or found.gone:
            left -= _units(found.membership)
            self._line(0, _units(found.membership), Text(f"membership: {_comings(found.joined, found.gone)}"))
        self._rest(0, left, len(moved) - len(shown), "other pair")

    def _moved(self, pair: Pair, left: int, depth: int) -> None:
        """One line for each cause that moved a pair, its happenings below."""
        for fate, name in _FATES.items():
            shares = [share for share in pair.shares if share.fate == fate and share.change]
            if not shares:
                continue
            units = _units(pair.moved_by(fate))
            left -= units
            self._line(depth, units, Text(f"{_counted(len(shares), 'happening')} {name}"))
            shares.sort(key=lambda share: -abs(share.change))
            tell = self._full if fate == CAME else self._short
            self._shares(pair, shares, units, depth + 1, lambda share: share.change, tell)
        if pair.habits:
            left -= _units(pair.habits)
            self._line(depth, _units(pair.habits), Text(_habits(pair)))
        self._rest(depth, left)

    def _shares(
        self,
        pair: Pair,
        shares: Sequence[Share],
        left: int,
        depth: int,
        part: Callable[[Share], float],
        tell: Callable[[int, int, Share, Told], None],
    ) -> None:
        """The largest happenings one by one, and a line for all others."""
        shown = [share for share in shares[: self._top] if _units(part(share))]
        if not shown and not left:
            return
        for share in shown:
            left -= _units(part(share))
            tell(depth, _units(part(share)), share, self._account.told(pair, share))
        self._rest(depth, left, len(shares) - len(shown), "other happening" if shown else "happening")

    def _full(self, depth: int, units: int, share: Share, told: Told) -> None:
        entry = told.entry
        text = _bold(
            _title(told),
            f"  {entry.status.value}, sure {entry.q / MICRO:.2f}, g {entry.g / MICRO:+.1f}, "
            f"weighs {share.now:+.2f} of {share.part.impulse / MICRO:+.2f}",
        )
        if told.sentence:
            cut = told.sentence if len(told.sentence) <= _LONGEST else told.sentence[: _LONGEST - 1] + "…"
            text.append(f"\n“{cut}”", "not bold italic")
        link = ""
        if entry.owner or entry.url:
            others = len(told.outlets) - 1
            by = f"{entry.owner} and {_counted(others, 'other')}" if others else entry.owner
            link = f"{_counted(told.reports, 'report')} by {by}: {entry.url}"
        self._line(depth, units, text, link)

    def _short(self, depth: int, units: int, share: Share, told: Told) -> None:
        self._line(depth, units, Text(f"{_title(told)}  weighed {share.then:+.2f}, now {share.now:+.2f}"))

    def _rest(self, depth: int, left: int, others: int = 0, name: str = "") -> None:
        if others:
            self._line(depth, left, Text(_counted(others, name)))
        elif left:
            self._line(depth, left, Text("rounding"))

    def _line(self, depth: int, units: int, text: Text, link: str = "") -> None:
        """A number and what it stands for; a link is never broken."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=7, no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(_number(units), text)
        indent = 2 + 3 * depth
        self._console.print(Padding(grid, (0, 0, 0, indent), expand=False))
        if link:
            self._console.print(Text(" " * (indent + 9) + link, "dim"), soft_wrap=True)


def _title(told: Told) -> str:
    return f"{told.entry.day}  {told.entry.source} {told.type} {told.entry.target}"


def _habits(pair: Pair) -> str:
    then, now = pair.then, pair.now
    ends = zip(pair.dyad.split("|"), then.effects, now.effects, strict=True)
    moved = " ".join(f"{end} {new - old:+.3f}" for end, old, new in ends)
    return (
        f"habits: log-odds {then.expected:+.3f} → {now.expected:+.3f} "
        f"(usual {now.level - then.level:+.3f} {moved})"
    )


def _comings(joined: Iterable[str], gone: Iterable[str]) -> str:
    told = ((" ".join(codes), what) for codes, what in ((joined, "joined"), (gone, "left")))
    return ", ".join(f"{codes} {what}" for codes, what in told if codes)


def _units(value: float) -> int:
    return round(value * _UNITS)


def _plain(units: int) -> str:
    return f"{units / _UNITS:+.4f}" if units else "0.0000"


def _number(units: int) -> Text:
    return Text(_plain(units).rjust(7), "green" if units > 0 else "red" if units < 0 else "")


def _bold(start: str, rest: str | Text) -> Text:
    return Text.assemble((start, "bold"), rest)


def _interval(ends: tuple[float, float]) -> str:
    return f"{ends[0]:+.2f} … {ends[1]:+.2f}"


def _counted(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _when(tick: int) -> str:
    return f"{moment(tick):%Y-%m-%d %H:%M} UTC"
