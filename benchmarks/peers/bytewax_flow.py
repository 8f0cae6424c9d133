"""bytewax: a dataflow from topic to topic. Run by ``python -m bytewax.run benchmarks.peers.bytewax_flow``."""

from __future__ import annotations

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow

from benchmarks.peers.work import BOOTSTRAP, SINK, SOURCE, coded

flow = Dataflow("bench")
articles = kop.input("articles", flow, brokers=[BOOTSTRAP], topics=[SOURCE])
events = op.flat_map(
    "code", articles.oks, lambda message: [KafkaSinkMessage(None, event) for event in coded(message.value)]
)
kop.output("events", events, brokers=[BOOTSTRAP], topic=SINK)
