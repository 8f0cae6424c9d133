"""Text in; events with their sentences out, and what was refused and why."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import typer

from pipeline.cli.progress import shown
from pipeline.cli.recompute import parse_moment
from pipeline.contract.article import Article, DateQuality
from pipeline.contract.codec import encode
from pipeline.contract.errors import BadRecordError
from pipeline.contract.event import Event
from pipeline.events.extract import Extraction
from pipeline.settings import load_settings
from pipeline.transport.files import read_lines
from pipeline.workers.coder import load_coder

_PAIRS_SHOWN = 6


def extract_text(
    file: Path, as_json: bool, published: str | None, country: str | None, config: Path | None
) -> None:
    """Code one text and print what was found."""
    if str(file) == "-" and sys.stdin.isatty():
        typer.echo("Paste a text, its headline on the first line, and end it with Ctrl-D:", err=True)
    text = sys.stdin.read() if str(file) == "-" else _read(file)
    title, _, body = text.strip().partition("\n")
    moment = parse_moment(published) if published else datetime.now(UTC)
    article = document_article(str(file), title, body.strip(), moment, str(file), str(file), country)
    found = load_coder(load_settings(config).ontology_overlay).extract(article)
    if as_json:
        for event in found.events:
            typer.echo(encode(event).decode())
        return
    _print(found)


def extract_jsonl(path: Path, config: Path | None) -> None:
    """Code a file of documents; one line a document goes to standard output, in order."""
    coder = load_coder(load_settings(config).ontology_overlay)
    faults = 0
    try:
        lines = list(read_lines(path))
    except OSError as error:
        raise BadRecordError(f"cannot read {path}: {error.strerror}") from error
    for number, line in shown(lines, "Coding documents", len(lines)):
        try:
            doc_id, article = _document(number, line)
        except BadRecordError as error:
            faults += 1
            typer.echo(f"{path}:{number}: {error}", err=True)
            continue
        events = [event_row(event) for event in coder.extract(article).events]
        typer.echo(json.dumps({"doc_id": doc_id, "events": events}, ensure_ascii=False))
    if faults:
        raise typer.Exit(1)


def event_row(event: Event) -> dict[str, object]:
    """An event in the shape in which gold files are written."""
    return {
        "source": event.source.code,
        "type": event.type.value,
        "target": event.target.code,
        "status": event.status.value,
        "date": event.occurred_on.isoformat() if event.occurred_on else None,
        "place": event.place.country if event.place else None,
        "evidence": event.evidence.sentence,
        "confidence": event.confidence,
    }


def document_article(
    doc_id: str, title: str, text: str, published: datetime, url: str, outlet: str, country: str | None
) -> Article:
    """Dress a bare document as an article."""
    return Article(
        article_id=hashlib.blake2b(doc_id.encode(), digest_size=16).hexdigest(),
        version=1,
        feed_id="documents",
        outlet=outlet,
        outlet_country=country,
        language="en",
        guid=doc_id,
        url=url,
        title=title,
        text=text,
        published_at=published,
        published_quality=DateQuality.FEED,
        first_seen_at=published,
        fetched_at=published,
    )


def _document(number: int, line: bytes) -> tuple[str, Article]:
    try:
        row = json.loads(line)
        doc_id = str(row.get("doc_id", number))
        article = document_article(
            doc_id,
            row.get("title") or "",
            row.get("text") or "",
            parse_moment(row["published"]),
            row.get("url") or "",
            row.get("source") or "",
            row.get("country"),
        )
    except KeyError as error:
        raise BadRecordError(f"the document lacks {error}") from error
    except (ValueError, AttributeError, TypeError) as error:
        raise BadRecordError(f"not a document: {error}") from error
    return doc_id, article


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRecordError(f"cannot read {path}: {error}") from error


def _print(found: Extraction) -> None:
    for event in found.events:
        day = f"{event.occurred_on or 'day unknown'} ({event.date_rule})"
        place = f"  in {event.place.country}" if event.place else ""
        mode = f" ({event.mode})" if event.mode else ""
        typer.echo(
            f"{event.source.code} {event.type}{mode} {event.target.code}  {event.status}  {day}{place}"
            f"  Goldstein {event.goldstein:+g}  sure {event.confidence:.2f}"
        )
        for part, actor in (("source", event.source), ("target", event.target)):
            role = f", {actor.role}" if actor.role else ""
            typer.echo(f"    {part}: {actor.name} ({actor.rule}{role})")
        typer.echo(f"    told by “{event.evidence.trigger}” in: {event.evidence.sentence}\n")
    typer.echo(f"{len(found.events)} event(s)\n")
    for look in found.looks:
        typer.echo(f"considered: {look.sentence}")
        named = ", ".join(f"{m.text} = {m.code} ({m.rule})" for m in look.named)
        typer.echo(f"    named: {named}")
        for act in look.pairs[:_PAIRS_SHOWN]:
            typer.echo(f"    {act.chance:.2f}  {act.source} {act.type} {act.target}")
        if len(look.pairs) > _PAIRS_SHOWN:
            typer.echo(f"    and {len(look.pairs) - _PAIRS_SHOWN} pairs less likely")
    for refusal in found.refused:
        typer.echo(f"refused, {refusal.reason}: {refusal.sentence}")
