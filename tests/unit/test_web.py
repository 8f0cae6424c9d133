"""The dashboard without a browser: read model, change log, evidence, series, layout, routes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipeline.contract.codec import decode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event, EventType
from pipeline.contract.topics import ALERTS, DYADS, EVENTS, HISTORY, METRICS
from pipeline.metrics.aggregate import recompute
from pipeline.metrics.entry import entry_of
from pipeline.metrics.params import MetricParams
from pipeline.transport.store import EmbeddedStore
from pipeline.web import evidence, layout, series, wording
from pipeline.web.app import Live, create_app
from pipeline.web.curves import curve
from pipeline.web.desk import Desk
from pipeline.web.live import ChangeLog
from pipeline.web.readmodel import HEADLINE, Day, Limits, ReadModel, Sight
from pipeline.web.security import POLICY
from pipeline.web.sources import EmbeddedSource, FolderSource
from pipeline.web.tables import to_csv
from tests.browser.sample import DAYS, HOSTILE, START, dyad, event, metric, write, write_sample
from tests.strategies import make_event

END = START + timedelta(days=DAYS)


def _bytes(row: object) -> bytes:
    return json.dumps(row, separators=(",", ":")).encode()


def _sight(model: ReadModel) -> Sight:
    return model.sight(HEADLINE)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    write_sample(tmp_path)
    live = Live(Desk(ReadModel(), {"CHN": "China", "RUS": "Russia"}), FolderSource(tmp_path))
    with TestClient(create_app(live), base_url="http://127.0.0.1:8080") as open_client:
        yield open_client


def test_folding_a_message_twice_changes_nothing() -> None:
    model = ReadModel()
    value = _bytes(metric("axis", END, 0.3, 0.0))
    assert model.fold(METRICS.name, "axis|ewm30d", value)
    assert not model.fold(METRICS.name, "axis|ewm30d", value)
    assert model.fold(METRICS.name, "axis|ewm30d", None)
    assert not _sight(model).metrics
    assert not model.fold(METRICS.name, "axis|ewm30d", None)


def test_an_older_revision_never_replaces_a_newer_one() -> None:
    model = ReadModel()
    new = event(1, "Russia met China.", "met") | {"revision": 2, "retracted": True}
    assert model.fold(EVENTS.name, "CHN|RUS", _bytes(new))
    assert not model.fold(EVENTS.name, "CHN|RUS", _bytes(event(1, "Russia met China.", "met")))
    assert model.events[f"{1:032x}"].retracted


def test_a_tombstone_takes_a_midnight_back() -> None:
    model = ReadModel()
    key = f"axis|ewm30d|{END:%Y-%m-%dT%H}"
    model.fold(HISTORY.name, key, _bytes(metric("axis", END, 0.3, 0.0)))
    assert model.fold(HISTORY.name, key, None)
    assert not _sight(model).days["axis"]


def test_memory_is_bounded() -> None:
    model = ReadModel(Limits(events=3, days=2, dyads=2, alerts=1))
    for number in range(10):
        model.fold(EVENTS.name, "CHN|RUS", _bytes(event(number, "Russia met China.", "met")))
        moment = START + timedelta(days=number)
        model.fold(
            HISTORY.name, f"axis|ewm30d|{moment:%Y-%m-%dT%H}", _bytes(metric("axis", moment, 0.1, 0.0))
        )
        row = dyad("RUS", f"A{chr(65 + number)}A", 0.1)
        model.fold(DYADS.name, f"{row['dyad']}|ewm30d", _bytes(row))
    assert (len(model.events), len(_sight(model).days["axis"]), len(_sight(model).dyads)) == (3, 2, 2)
    assert model.dropped == 7


def test_a_bad_record_is_refused() -> None:
    with pytest.raises(BadRecordError):
        ReadModel().fold(ALERTS.name, "x", b"{}")
    assert not ReadModel().fold("another.topic", "x", b"{}")


def test_each_view_is_kept_apart_and_their_number_is_bounded() -> None:
    model = ReadModel(Limits(views=2))
    for view in ("ewm7d", HEADLINE, "w1d"):
        row = metric("axis", END, 0.1 if view == HEADLINE else 0.2, 0.0) | {"view": view}
        model.fold(METRICS.name, f"axis|{view}", _bytes(row))
    assert {view: sight.metrics["axis"].cohesion for view, sight in model.sights.items()} == {
        "ewm7d": 0.2,
        HEADLINE: 0.1,
    }
    assert model.fold(METRICS.name, "axis|ewm7d", None)
    assert _sight(model).metrics
    assert not model.sight("ewm7d").metrics
    assert not model.fold(METRICS.name, "nonsense", None)
    assert not model.fold(DYADS.name, "nonsense", None)


def test_a_dyads_curve_ends_at_what_is_published() -> None:
    moments = [END - timedelta(days=days) for days in (60, 12, 3, 0)]
    kinds = [(8.0, "AGREE"), (-5.0, "ACCUSE"), (2.0, "CONSULT"), (-9.0, "ASSAULT")]
    events = [
        make_event("CHN", "RUS", EventType(kind), goldstein, moment, event_id=f"{number:032x}")
        for number, (moment, (goldstein, kind)) in enumerate(zip(moments, kinds, strict=True))
    ]
    params = MetricParams()
    published = {d.view: d for d in recompute(map(entry_of, events), [], params).dyads}
    told = evidence.happenings(events, params)
    for look in params.views:
        last = curve(told, END.date(), look, params)[-1]
        metric = published[look.name]
        # The curve counts whole days, the ledger hours: a day's fading is the most that lies between.
        room = 0.12 if look.half_life_h and look.half_life_h <= 168 else 0.04
        for found, wanted in (
            (last["cooperation"], metric.coop), (last["conflict"], metric.conflict),
            (last["tone"], metric.tone), (last["tone_low"], metric.ci90[0]),
            (last["tone_high"], metric.ci90[1]),
        ):  # fmt: skip
            assert found == pytest.approx(wanted, rel=room, abs=room), look.name


def test_resuming_gives_each_change_once() -> None:
    log = ChangeLog("e", keep=5)
    for number in range(8):
        log.append("t", str(number))
    offset, anew = log.resume("e.5")
    assert not anew
    assert [change.offset for change in log.since(offset)] == [6, 7]
    assert log.resume("e.0") == (8, True)
    assert log.resume("other.5") == (8, True)
    for bad in ("e.", "e.x", "e.99", "e.²", "." * 9, "e." + "9" * 5000):
        assert log.resume(bad) == (8, True)
    assert log.resume(None) == (8, False)
    assert ChangeLog("e").resume("e.-1") == (0, False)


def test_highlighted_parts_join_up_to_the_sentence() -> None:
    told = decode(Event, _bytes(event(2, HOSTILE, "met")))
    parts = evidence.parts(told)
    assert "".join(text for text, _ in parts) == HOSTILE
    assert ["Russia", "source"] in parts
    assert ["China", "target"] in parts


def test_two_reports_of_one_happening_count_once() -> None:
    rows = [event(1, "Russia met China.", "met"), event(3, "Russia met China.", "met") | {"outlet": "B"}]
    told = evidence.happenings([decode(Event, _bytes(row)) for row in rows], MetricParams())
    assert len(told) == 1
    assert told[0].outlets == ("B", "The <b>Wire</b>")
    # |g|·q·f·w = 2 · .9 · 1 · (1 + ln 2) for two independent outlets, to the ledger's millionth
    assert told[0].mass == pytest.approx(2 * 0.9 * 1.693147, abs=1e-5)


def _days(changes: list[float]) -> list[Day]:
    model, cohesion = ReadModel(), 0.0
    for number, change in enumerate(changes):
        cohesion += change
        moment = START + timedelta(days=number)
        row = metric("axis", moment, cohesion, change)
        model.fold(HISTORY.name, f"axis|ewm30d|{moment:%Y-%m-%dT%H}", _bytes(row))
    return series.ordered(_sight(model).days["axis"])


def test_parts_add_up_to_the_move() -> None:
    moved = series.move(_days([0.0, 0.1, -0.02, 0.05, 0.01]), 3)
    assert moved is not None
    assert moved.cohesion == pytest.approx(0.04)
    assert sum(part for _, part in moved.parts) == pytest.approx(moved.cohesion)
    assert series.move(_days([0.0, 0.1]), 7) is None


def test_the_largest_jump_is_a_turning_point() -> None:
    days = _days([0.001] * 40 + [0.2] + [0.001] * 40)
    assert [day.as_of for day in series.turning_points(days)] == [START + timedelta(days=40)]


def test_the_index_interval_takes_over_the_cohesion() -> None:
    # 100·(1 + c) over a baseline mean of 1: at c ± .4 it is 40 below and above
    assert series.index_interval(_days([0.1])[0]) == pytest.approx((70.0, 150.0))


def test_places_stay_when_newcomers_arrive() -> None:
    ties = {("CHN", "RUS"): 0.5, ("RUS", "USA"): -0.5}
    first = layout.place(ties, {})
    assert first == layout.place(ties, {})
    second = layout.place({**ties, ("CHN", "IND"): 0.1}, first)
    assert {code: second[code] for code in first} == first
    far = {pair: abs(complex(*first[pair[0]]) - complex(*first[pair[1]])) for pair in ties}
    assert far["CHN", "RUS"] < far["RUS", "USA"]


def test_the_sentence_names_who_moved_it() -> None:
    name = {"CHN": "China", "IRN": "Iran", "RUS": "Russia"}.__getitem__
    drivers = [("CHN|RUS", 0.05), ("IRN|RUS", -0.01)]
    assert wording.why(7, 0.04, drivers, {"CHN|RUS": 2}, name) == (
        "Cohesion rose by 0.040 in 7 days, mostly through China–Russia (+0.050, 2 new happenings)."
        " Iran–Russia pulled the other way (−0.010)."
    )


def test_csv_runs_nothing_in_a_spreadsheet() -> None:
    assert to_csv([{"a": "=cmd()", "b": "@x", "c": -1.5}]) == "a,b,c\r\n'=cmd(),'@x,-1.5\r\n"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/coalition/axis",
        "/dyad/CHN/RUS",
        "/network",
        "/blocs",
        "/map",
        "/map/axis",
        "/method",
        "/api/overview",
    ],
)
def test_every_page_is_an_address_with_a_strict_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_foreign_hosts_are_refused(client: TestClient) -> None:
    for host in ("evil.example", "evil.example:8080", "127.0.0.1.evil.example", ""):
        assert client.get("/api/overview", headers={"host": host}).status_code == 421
    assert client.get("/api/overview", headers={"host": "[::1]:8080"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/coalition/none", 404), ("/api/dyad/AAA/BBB", 404), ("/api/coalition/axis?at=x", 400),
        ("/api/network?most=0", 400), ("/api/network?most=²", 400), ("/api/overview?view=ewm8d", 404),
        ("/api/coalition/axis/secret.csv", 404), ("/static/../app.py", 404), ("/nowhere", 404),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/api/coalition/axis/full_series.csv", "/api/coalition/axis/drift.csv",
        "/api/coalition/axis/matrix.csv", "/api/coalition/axis/happenings.csv",
        "/api/dyad/CHN/RUS/series.csv", "/api/dyad/CHN/RUS/happenings.csv",
        "/api/network/edges.csv", "/api/network/edges.csv?focus=RUS", "/api/blocs/blocs.csv",
        "/api/map/axis/states.csv",
    ],
)  # fmt: skip
def test_every_chart_has_a_csv(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) > 1
    assert "attachment" in answer.headers["content-disposition"]


def test_the_network_shows_as_many_ties_as_asked_or_those_of_one_state(client: TestClient) -> None:
    few = client.get("/api/network?most=3").json()
    assert len(few["edges"]) == 3
    assert {node["code"] for node in few["nodes"]} == {c for e in few["edges"] for c in e["dyad"].split("|")}
    own = client.get("/api/network?focus=RUS").json()
    assert len(own["edges"]) == 7
    assert all("RUS" in edge["dyad"].split("|") for edge in own["edges"])
    assert own["left_out"] + 7 == few["left_out"] + 3 == 28
    at = {node["code"]: (node["x"], node["y"]) for node in own["nodes"]}
    assert all(at[node["code"]] == (node["x"], node["y"]) for node in few["nodes"] if node["code"] in at)


def test_a_bloc_names_its_members_and_the_coalition_nearest_to_it(client: TestClient) -> None:
    (bloc,) = client.get("/api/blocs").json()["blocs"]
    assert [member["code"] for member in bloc["members"]] == ["CHN", "IRN", "RUS"]
    assert bloc["members"][0]["name"] == "China"
    assert [(c["name"], c["shared"], c["of"]) for c in bloc["declared"]] == [("axis", 3, 4)]
    assert bloc["pairs"] == [3, 3]
    assert client.get("/api/network").json()["groups"][-1]["name"] == bloc["label"]


def test_a_view_is_chosen_by_the_address(client: TestClient) -> None:
    usual, week = (client.get(f"/api/dyad/CHN/RUS{ask}").json() for ask in ("", "?view=ewm7d"))
    assert (usual["view"], usual["view_words"], usual["evidence_days"]) == ("ewm30d", "half-life 30 days", 90)
    assert (week["view"], week["view_words"], week["evidence_days"]) == ("ewm7d", "half-life 7 days", 21)
    assert week["series"][-1]["cooperation"] < usual["series"][-1]["cooperation"]
    assert [look["name"] for look in usual["views"]] == ["ewm30d"]


def test_a_link_that_runs_script_is_left_out(client: TestClient) -> None:
    cards = client.get("/api/dyad/CHN/RUS").json()["happenings"]
    assert {card["source"]["url"] for card in cards} == {"https://news.example/a", None}


def _until(holds: Callable[[], bool], within_s: float = 30) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_folder_is_followed_and_lost_rows_become_tombstones(tmp_path: Path) -> None:
    rows = [metric("axis", END, 0.3, 0.0), metric("west", END, 0.3, 0.0)]
    write(tmp_path / "metrics.jsonl", rows)
    model, ready, stop = ReadModel(), threading.Event(), threading.Event()
    follow = FolderSource(tmp_path).follow
    thread = threading.Thread(target=follow, args=(model.fold, ready.set, stop))
    thread.start()
    try:
        assert ready.wait(30)
        assert set(_sight(model).metrics) == {"axis", "west"}
        write(tmp_path / "metrics.jsonl", rows[:1])
        _until(lambda: set(_sight(model).metrics) == {"axis"})
    finally:
        stop.set()
        thread.join()


def test_the_embedded_log_is_followed(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "embedded.sqlite")
    store.send(METRICS.name, "axis|ewm30d", _bytes(metric("axis", END, 0.3, 0.0)))
    store.flush()
    model, ready, stop = ReadModel(), threading.Event(), threading.Event()
    source = EmbeddedSource(tmp_path / "embedded.sqlite")
    thread = threading.Thread(target=source.follow, args=(model.fold, ready.set, stop))
    thread.start()
    try:
        assert ready.wait(30)
        assert set(_sight(model).metrics) == {"axis"}
        store.send(EVENTS.name, "CHN|RUS", _bytes(event(1, "Russia met China.", "met")))
        store.send(METRICS.name, "axis|ewm30d", b"")
        store.flush()
        _until(lambda: bool(model.events) and not _sight(model).metrics)
    finally:
        stop.set()
        thread.join()
        store.close()
