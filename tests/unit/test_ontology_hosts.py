"""Web hosts that speak for an actor: the longest known parent domain, and clashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.contract.errors import ConfigError
from pipeline.ontology.load import Ontology, load_ontology


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("state.gov", "USA"),
        ("www.state.gov", "USA"),
        ("trumpwhitehouse.archives.gov", "USA"),
        ("en.kremlin.ru", "RUS"),
        ("www.fmprc.gov.cn", "CHN"),
        ("mfa.gov.ua", "UKR"),
        ("EC.Europa.EU.", "IGO:EUR"),
        ("news.un.org", "IGO:UNO"),
        ("notstate.gov", None),
        ("state.gov.example.org", None),
        ("gov", None),
        ("", None),
    ],
)
def test_who_speaks(ontology: Ontology, host: str, code: str | None) -> None:
    assert ontology.host(host) == code


def test_fifty_states_and_more_have_hosts(ontology: Ontology) -> None:
    assert sum(actor.kind == "state" and bool(actor.hosts) for actor in ontology.actors.values()) >= 50


def test_the_longest_domain_wins_and_faults_are_told(tmp_path: Path) -> None:
    (tmp_path / "actors").mkdir()
    state = "code: XAA\nkind: state\nname: Ruritania\nhosts:\n  - {}\n"
    (tmp_path / "actors/xaa.yaml").write_text(state.format("press.state.gov"))
    new = load_ontology(tmp_path)
    assert (new.host("a.press.state.gov"), new.host("a.state.gov")) == ("XAA", "USA")
    for host, told in (
        ("kremlin.ru", "xaa.yaml:5: kremlin.ru speaks for RUS already: remove one"),
        ("https://x.org", "xaa.yaml:5: hosts.0: "),
        ("Upper.org", "xaa.yaml:5: hosts.0: "),
    ):
        (tmp_path / "actors/xaa.yaml").write_text(state.format(host))
        with pytest.raises(ConfigError) as caught:
            load_ontology(tmp_path)
        assert told in "\n".join(caught.value.faults)
