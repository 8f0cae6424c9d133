-- ClickHouse reads the topics itself, by its Kafka table engine. `kafka:9092` is the broker as ClickHouse sees it.
-- A queue table takes whole lines, so that a field that blocwatch gains later changes nothing here.

CREATE TABLE metrics_history
(
    coalition LowCardinality(String),
    view      LowCardinality(String),
    as_of     DateTime64(6, 'UTC'),
    final     Bool,
    revision  UInt64,
    n_events  UInt64,
    cohesion  Float64,
    opposition Nullable(Float64),
    offset    UInt64
)
ENGINE = ReplacingMergeTree(offset)          -- of one key the record that was written last
ORDER BY (coalition, view, as_of);

CREATE TABLE metrics_history_queue (line String)
ENGINE = Kafka
SETTINGS kafka_broker_list = 'kafka:9092',
         kafka_topic_list = 'coalition.metrics-history.v1',
         kafka_group_name = 'clickhouse-metrics-history',
         kafka_format = 'JSONAsString';

CREATE MATERIALIZED VIEW metrics_history_reader TO metrics_history AS
SELECT JSONExtractString(line, 'coalition')                        AS coalition,
       JSONExtractString(line, 'view')                             AS view,
       parseDateTime64BestEffort(JSONExtractString(line, 'as_of'), 6, 'UTC') AS as_of,
       JSONExtractBool(line, 'final')                              AS final,
       JSONExtractUInt(line, 'revision')                           AS revision,
       JSONExtractUInt(line, 'n_events')                           AS n_events,
       JSONExtractFloat(line, 'cohesion')                          AS cohesion,
       JSONExtract(line, 'opposition', 'Nullable(Float64)')        AS opposition,
       _offset                                                     AS offset
FROM metrics_history_queue;

CREATE TABLE events
(
    event_id  String,
    revision  UInt64,
    retracted Bool,
    dyad      LowCardinality(String),
    type      LowCardinality(String),
    goldstein Float64,
    status    LowCardinality(String),
    published_at DateTime64(6, 'UTC'),
    sentence  String
)
ENGINE = ReplacingMergeTree(revision)        -- of one event_id the highest revision
ORDER BY event_id;

CREATE TABLE events_queue (line String)
ENGINE = Kafka
SETTINGS kafka_broker_list = 'kafka:9092',
         kafka_topic_list = 'coalition.events.v1',
         kafka_group_name = 'clickhouse-events',
         kafka_format = 'JSONAsString';

CREATE MATERIALIZED VIEW events_reader TO events AS
SELECT JSONExtractString(line, 'event_id')             AS event_id,
       JSONExtractUInt(line, 'revision')               AS revision,
       JSONExtractBool(line, 'retracted')              AS retracted,
       JSONExtractString(line, 'dyad')                 AS dyad,
       JSONExtractString(line, 'type')                 AS type,
       JSONExtractFloat(line, 'goldstein')             AS goldstein,
       JSONExtractString(line, 'status')               AS status,
       parseDateTime64BestEffort(JSONExtractString(line, 'published_at'), 6, 'UTC') AS published_at,
       JSONExtractString(line, 'evidence', 'sentence') AS sentence
FROM events_queue;

-- FINAL replaces older records while reading; what is retracted is left out.
SELECT dyad, count() AS events, avg(goldstein) AS goldstein
FROM events FINAL
WHERE NOT retracted
GROUP BY dyad
ORDER BY events DESC
LIMIT 10;

SELECT as_of, cohesion
FROM metrics_history FINAL
WHERE coalition = 'axis' AND view = 'ewm30d' AND final
ORDER BY as_of;
