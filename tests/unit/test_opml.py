"""OPML: what is exported comes back, and what others export becomes entries of feeds.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pipeline.articles.feedlist import load_feeds
from pipeline.articles.opml import Subscription, export_opml, new_entries, read_opml
from pipeline.articles.raw import Refusal
from pipeline.cli.main import app
from pipeline.settings import Settings

OTHERS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.0"><head><title>Mine</title></head><body>
 <outline text="News"><outline text="Europe">
  <outline type="rss" text="S\xfcddeutsche Zeitung: Politik" xmlUrl="https://rss.example/sz"
   language="de-DE"/>
  <outline type="rss" title="No text" xmlURL="https://rss.example/b?x=1&amp;y=2" country="xyz"/>
 </outline></outline>
 <outline type="rss" text="" xmlUrl="http://www.feeds.example/"/>
 <outline type="rss" text="Again" xmlUrl="https://rss.example/sz"/>
 <outline type="rss" text="Script" xmlUrl="javascript:alert(1)"/>
 <outline type="rss" text="With password" xmlUrl="https://me:secret@rss.example/"/>
 <outline type="link" text="No feed" url="https://example.org/"/>
 <outline type="rss" text="S&#252;ddeutsche&#x202e; Zeitung: Politik" xmlUrl="https://rss.example/other"/>
</body></opml>"""


def test_every_configured_feed_comes_back(settings: Settings) -> None:
    exported = export_opml(settings.feeds)
    subscriptions = read_opml(exported.encode())
    assert not isinstance(subscriptions, Refusal)
    entries, left_out = new_entries(subscriptions, ())
    assert left_out == []
    assert load_feeds("feeds.yaml", yaml.safe_dump({"feeds": entries})) == settings.feeds


def test_outlines_of_others_at_any_depth() -> None:
    subscriptions = read_opml(OTHERS.encode("latin-1"))
    assert not isinstance(subscriptions, Refusal)
    entries, left_out = new_entries(subscriptions, ())
    assert entries == [
        {
            "feed_id": "suddeutsche-zeitung-politik",
            "url": "https://rss.example/sz",
            "outlet": "Süddeutsche Zeitung: Politik",
            "language": "de",
        },
        {"feed_id": "no-text", "url": "https://rss.example/b?x=1&y=2", "outlet": "No text"},
        {
            "feed_id": "feeds-example",
            "url": "http://www.feeds.example/",
            "outlet": "feeds.example",
        },
        {
            "feed_id": "suddeutsche-zeitung-politik-2",
            "url": "https://rss.example/other",
            "outlet": "Süddeutsche Zeitung: Politik",
        },
    ]
    assert left_out == [
        "https://rss.example/sz: known already",
        "javascript:alert(1): no http(s) address",
        "https://me:secret@rss.example/: no http(s) address",
    ]
    load_feeds("feeds.yaml", yaml.safe_dump({"feeds": entries}))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "not well-formed"),
        (b"<opml><body><outline xmlUrl='https://e.org/'></body></opml>", "not well-formed"),
        (b"<rss version='2.0'><channel/></rss>", "not OPML"),
        (b"<!DOCTYPE opml><opml/>", "document type in OPML"),
        (b"<!DOCTYPE o [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><opml>&b;</opml>", "document type in OPML"),
        (
            b"<!DOCTYPE o [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><opml>&x;</opml>",
            "document type in OPML",
        ),
        (
            "<!DOCTYPE o [<!ENTITY a 'aaaa'>]><opml>&a;</opml>".encode("utf-16"),
            "document type in OPML",
        ),
        (b"<opml>" + b" " * 10_000_000 + b"</opml>", "OPML too large"),
    ],
)
def test_what_is_refused(document: bytes, reason: str) -> None:
    refusal = read_opml(document)
    assert isinstance(refusal, Refusal)
    assert refusal.reason.startswith(reason)


def test_depth_is_no_danger() -> None:
    deep = b"<opml>" + b"<outline>" * 100_000 + b"</outline>" * 100_000 + b"</opml>"
    assert read_opml(deep) == ()


def test_titles_survive_quotes_and_lose_controls() -> None:
    subscriptions = read_opml(
        b'<opml><body><outline text="&quot;A&quot; &lt; &amp;&#10;B" xmlUrl=" https://e.org "/></body></opml>'
    )
    assert subscriptions == (Subscription("https://e.org", {"text": '"A" < &B', "xmlUrl": "https://e.org"}),)


def test_the_command_adds_what_is_new_and_keeps_the_file(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    for file in Path("config").glob("*.yaml"):
        (config / file.name).write_text(file.read_text())
    before = (config / "feeds.yaml").read_text()
    others = tmp_path / "others.opml"
    others.write_bytes(OTHERS.encode("latin-1"))
    runner = CliRunner()

    printed = runner.invoke(app, ["feeds", "import", str(others), "--config", str(config)])
    assert printed.exit_code == 0
    assert "  - feed_id: no-text\n" in printed.stdout
    assert (config / "feeds.yaml").read_text() == before

    added = runner.invoke(app, ["feeds", "import", str(others), "--add", "--config", str(config)])
    assert added.exit_code == 0
    after = (config / "feeds.yaml").read_text()
    assert after.startswith(before.rstrip("\n"))
    assert len(load_feeds("feeds.yaml", after)) == len(load_feeds("feeds.yaml", before)) + 4

    exported = runner.invoke(app, ["feeds", "export", "--config", str(config)])
    assert read_opml(exported.stdout.encode()) != ()
    again = runner.invoke(app, ["feeds", "import", str(others), "--add", "--config", str(config)])
    assert again.exit_code == 0
    assert (config / "feeds.yaml").read_text() == after
