"""Numbers in; the sentences that tell an analyst what they mean out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.metrics.params import HOURS_A_DAY, View

Name = Callable[[str], str]
"""The name of an actor's code."""
_STILL = 0.0005


def view(look: View) -> str:
    """Say how far a view looks back.

    >>> view(View("w1d", 24, None)), view(View("ewm30d", 9600, 720))
    ('the last day only', 'half-life 30 days')
    """
    if look.half_life_h is not None:
        return f"half-life {look.half_life_h // HOURS_A_DAY} days"
    days = look.reach_h // HOURS_A_DAY
    return "the last day only" if days == 1 else f"the last {days} days only"


def pair(dyad: str, name: Name) -> str:
    """Name a dyad.

    >>> pair("CHN|RUS", {"CHN": "China", "RUS": "Russia"}.__getitem__)
    'China–Russia'
    """
    return "–".join(name(code) for code in dyad.split("|"))


def signed(value: float, digits: int = 3) -> str:
    """Write a number with its sign, a true minus; nothing is written as −0.

    >>> signed(-0.0123), signed(0.00001), signed(0.5, 1)
    ('−0.012', '0.000', '+0.5')
    """
    text = f"{abs(value):.{digits}f}"
    return text if float(text) == 0 else ("−" if value < 0 else "+") + text


def why(
    days: int,
    change: float,
    drivers: Sequence[tuple[str, float]],
    news: dict[str, int],
    name: Name,
) -> str:
    """Say why a cohesion moved by `change` in `days` days, from each dyad's part and its new happenings."""
    span = "since yesterday" if days == 1 else f"in {days} days"
    if abs(change) < _STILL:
        tail = "" if any(news.values()) else "; no member pair made news"
        return f"Cohesion did not move {span} ({signed(change, 4)}){tail}."
    verb = "rose" if change > 0 else "fell"
    along = [d for d in drivers if d[1] * change > 0][:2]
    told = " and ".join(f"{pair(dyad, name)} ({signed(part)}, {_news(news, dyad)})" for dyad, part in along)
    text = f"Cohesion {verb} by {abs(change):.3f} {span}"
    text += f", mostly through {told}." if told else "."
    if along and not any(news.get(dyad) for dyad, _ in along):
        text += " Without news, what moves it is older news fading, or habits shifted by news elsewhere."
    against = next((d for d in drivers if d[1] * change < 0 and abs(d[1]) >= _STILL), None)
    if against:
        text += f" {pair(against[0], name)} pulled the other way ({signed(against[1])})."
    return text


def _news(news: dict[str, int], dyad: str) -> str:
    count = news.get(dyad, 0)
    if not count:
        return "no new happening"
    return f"{count} new happening{'s' if count > 1 else ''}"


def prior_note(share: float) -> str:
    """Say how much of a number is prior, and what follows.

    >>> prior_note(0.86)
    '86 % assumption, 14 % news: too little news to tell strength from chance.'
    """
    percent = min(round(share * 100), 99) if share < 1 else 100
    news = f"{percent} % assumption, {100 - percent} % news"
    if share >= 0.995:
        return "Almost pure assumption: hardly any news between members."
    if share >= 0.75:
        return f"{news}: too little news to tell strength from chance."
    return f"{news}: read it with its interval." if share >= 0.4 else f"{news}: news dominates."


def membership(then: int | None, now: int) -> str | None:
    """Say that a change of membership moves the index by itself; None where there was none.

    >>> membership(5, 9)
    '9 members now, 5 in the baseline: strength sums over members, so enlargement alone lifts the index.'
    """
    if then is None or then == now:
        return None
    effect = "enlargement alone lifts" if now > then else "fewer members alone lower"
    return f"{now} members now, {then} in the baseline: strength sums over members, so {effect} the index."


def agreement(share: float | None) -> str:
    """Put the partition agreement in plain words."""
    if share is None:
        return "Not known: too few ties between the two camps on that day."
    text = f"{share * 100:.0f} % of states stand on the side that was declared for them, going by ties alone."
    if share >= 0.9:
        return f"{text} The declared camps are real in the news."
    return (
        f"{text} {'The camps are blurred.' if share >= 0.6 else 'Ties draw other camps than declarations.'}"
    )


def placebo(percentile: float | None) -> str:
    """Put the placebo percentile in plain words."""
    if percentile is None:
        return "Not known: too few states in the news to draw random groups of this size."
    text = f"Its members tie closer than {percentile:.0f} % of 1,000 random groups of as many states."
    if percentile >= 95:
        return f"{text} Chance alone hardly explains it."
    return f"{text} {'Suggestive, not sure.' if percentile >= 80 else 'It may as well be chance.'}"
