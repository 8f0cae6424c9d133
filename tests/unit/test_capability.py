"""Capabilities from published tables."""

from __future__ import annotations

import pytest

from pipeline.contract.errors import ConfigError
from pipeline.ontology.capability import capability_tables
from pipeline.ontology.coalition import load_coalitions, shipped_coalitions


def test_every_shipped_member_has_a_figure_in_the_main_years() -> None:
    members = {m.code for c in load_coalitions(shipped_coalitions()) for m in c.members}
    tables = capability_tables()
    assert set(tables) == {"cinc", "gdp"}
    for source, year in (("cinc", 2016), ("gdp", 2023), ("gdp", 2024)):
        shares = tables[source].shares(year)
        assert members <= shares.keys()
        assert sum(shares.values()) == pytest.approx(1.0)
        assert all(share > 0 for share in shares.values())


def test_known_orders_of_magnitude() -> None:
    """CINC 2016: China .231 of the world, the United States .133. GDP 2023: 27.7 and 18.3 trillion."""
    cinc, gdp = capability_tables()["cinc"].years[2016], capability_tables()["gdp"].years[2023]
    assert cinc["CHN"] == pytest.approx(0.2306, abs=1e-3)
    assert cinc["CHN"] > cinc["USA"] > cinc["RUS"] > cinc["PRK"] > cinc["MLT"]
    assert gdp["USA"] == pytest.approx(27.7e12, rel=0.02)
    assert gdp["CHN"] == pytest.approx(18.3e12, rel=0.05)
    assert gdp["RUS"] == pytest.approx(2.1e12, rel=0.05)


def test_a_coalition_takes_its_members_shares_and_a_member_its_own() -> None:
    members = "[USA, {code: ISL, capability: 0.5}]"
    text = f"us:\n  title: t\n  capability: {{source: cinc, year: 2016}}\n  members: {members}\n"
    (found,) = (c for c in load_coalitions([("x.yaml", text)]) if c.name == "us")
    assert found.capability == "cinc 2016"
    by_code = {member.code: member.capability for member in found.members}
    assert by_code["ISL"] == 0.5
    assert 0.1 < by_code["USA"] < 0.3


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("capability: {source: size, year: 2016}", "source that exists"),
        ("capability: {source: cinc, year: 1999}", "name a year"),
        ("capability: {source: gdp, year: 2023}", "give ZWE a capability"),
    ],
)
def test_what_is_wrong_with_a_source_is_told(line: str, advice: str) -> None:
    text = f"x:\n  title: t\n  {line}\n  members: [RUS, ZWE]\n"
    with pytest.raises(ConfigError) as error:
        load_coalitions([("x.yaml", text)])
    assert advice in str(error.value.faults)
