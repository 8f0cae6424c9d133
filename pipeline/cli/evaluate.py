"""A gold file in; how well the coder (or somebody's predictions) agrees with it, as tables and files, out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from pipeline.cli.extract import document_article, event_row
from pipeline.cli.progress import shown
from pipeline.cli.recompute import parse_moment
from pipeline.contract.codec import decode
from pipeline.contract.errors import BadRecordError
from pipeline.evaluation.documents import CodedDocument, CodedEvent, Predictions
from pipeline.evaluation.evidence import Proven, quoted, rereads
from pipeline.evaluation.measures import Measures, measure
from pipeline.evaluation.outlets import full_name
from pipeline.evaluation.report import report
from pipeline.evaluation.worst import Refusals, Refused, worst
from pipeline.events.extract import Coder
from pipeline.settings import load_settings
from pipeline.transport.files import read_lines, write_lines
from pipeline.workers.coder import load_coder


@dataclass(frozen=True, slots=True)
class Coding:
    """What was found in the documents of a gold file, and why nothing was found where nothing was."""

    predictions: Predictions
    evidence: Proven
    refusals: Refusals


def run_evaluate(
    gold: Path, predictions: Path | None, out: Path | None, as_json: bool, config: Path | None
) -> None:
    """Code the documents unless predictions are given; print the report, or the measures as JSON."""
    folder = out or Path("out/accuracy") / gold.stem
    documents = read_documents(gold)
    if predictions is None:
        coding = code(documents, load_coder(load_settings(config).ontology_overlay))
    else:
        coding = given(documents, read_documents(predictions), predictions)
    measures = evaluate(gold.stem, documents, coding, folder)
    if as_json:
        typer.echo(json.dumps(asdict(measures), ensure_ascii=False))
        return
    typer.echo(report(gold.stem, measures))
    typer.echo(f"Written to {folder}: predictions.jsonl, report.md, worst50.md")


def evaluate(name: str, documents: Sequence[CodedDocument], coding: Coding, folder: Path) -> Measures:
    """Measure, and write predictions, report and worst documents into a folder."""
    measures = measure(documents, coding.predictions, coding.evidence)
    lines = (
        json.dumps(
            {"doc_id": doc_id, "events": [_row(event) for event in events]}, ensure_ascii=False
        ).encode()
        for doc_id, events in coding.predictions.items()
    )
    write_lines(folder / "predictions.jsonl", lines)
    (folder / "report.md").write_text(report(name, measures), encoding="utf-8")
    text = worst(documents, coding.predictions, coding.refusals)
    (folder / "worst50.md").write_text(text, encoding="utf-8")
    return measures


def code(documents: Sequence[CodedDocument], coder: Coder) -> Coding:
    """Code each document as an extractor would. Raises BadRecordError where one has no readable time."""
    predictions: dict[str, tuple[CodedEvent, ...]] = {}
    refusals: dict[str, list[Refused]] = {}
    held: list[bool] = []
    for document in shown(documents, "Coding documents", len(documents)):
        try:
            moment = parse_moment(document.published)
        except BadRecordError as error:
            raise BadRecordError(f"document {document.doc_id}: published: {error}") from error
        article = document_article(document.doc_id, document.title, document.text, moment, document.url,
                                   full_name(document.source), document.country)  # fmt: skip
        found = coder.extract(article)
        held += [rereads(event, article.document) for event in found.events]
        predictions[document.doc_id] = tuple(CodedEvent.model_validate(event_row(e)) for e in found.events)
        refusals[document.doc_id] = [Refused(r.sentence, r.reason) for r in found.refused]
    return Coding(predictions, Proven(len(held), sum(held)), refusals)


def given(documents: Sequence[CodedDocument], rows: Sequence[CodedDocument], path: Path) -> Coding:
    """Take predictions as they come; why something was not found is then not known.

    Raises BadRecordError where they are of other documents altogether.
    """
    predictions = {row.doc_id: row.events for row in rows}
    if not predictions.keys() & {document.doc_id for document in documents}:
        raise BadRecordError(f"{path} has no doc_id of the gold file; give the predictions of its documents")
    return Coding(predictions, quoted(documents, predictions), {})


def read_documents(path: Path) -> list[CodedDocument]:
    """Read a gold or prediction file. Raises BadRecordError with the first bad line's number."""
    documents: dict[str, CodedDocument] = {}
    try:
        for number, line in read_lines(path):
            try:
                document = decode(CodedDocument, line)
            except BadRecordError as error:
                raise BadRecordError(f"{path}:{number}: {error}") from error
            if document.doc_id in documents:
                raise BadRecordError(f"{path}:{number}: doc_id {document.doc_id!r} stands here a second time")
            documents[document.doc_id] = document
    except OSError as error:
        raise BadRecordError(
            f"cannot read {path} ({error.strerror}); name a file with one JSON object a line: "
            "doc_id, title, text, published, url, source, events"
        ) from error
    return list(documents.values())


def _row(event: CodedEvent) -> dict[str, object]:
    """One code where there is one, as gold files write it."""
    row = event.model_dump(mode="json")
    for side in ("source", "target"):
        if len(row[side]) == 1:
            (row[side],) = row[side]
    return row
