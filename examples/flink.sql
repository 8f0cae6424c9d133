-- Flink SQL with the Kafka SQL connector (flink-sql-connector-kafka). `kafka:9092` is the broker.

-- Compacted topics are tables: the key upserts, a message without a value deletes.
CREATE TABLE metrics (
    record_key STRING,
    coalition  STRING,
    `view`     STRING,
    as_of      STRING,
    `final`    BOOLEAN,
    revision   BIGINT,
    cohesion   DOUBLE,
    opposition DOUBLE,
    PRIMARY KEY (record_key) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'coalition.metrics.v1',
    'properties.bootstrap.servers' = 'kafka:9092',
    'key.format' = 'raw',
    'key.fields-prefix' = 'record_',
    'value.format' = 'json',
    'value.fields-include' = 'EXCEPT_KEY'
);

-- Events are a log; its keys are dyads, so what stands is found by event_id.
CREATE TABLE events (
    event_id  STRING,
    revision  BIGINT,
    retracted BOOLEAN,
    dyad      STRING,
    source    ROW<code STRING, `name` STRING>,
    target    ROW<code STRING, `name` STRING>,
    `type`    STRING,
    goldstein DOUBLE,
    published_at TIMESTAMP_LTZ(3),
    arrived_at   TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
    WATERMARK FOR published_at AS published_at - INTERVAL '48' HOUR
) WITH (
    'connector' = 'kafka',
    'topic' = 'coalition.events.v1',
    'properties.bootstrap.servers' = 'kafka:9092',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
);

-- Of each event_id the highest revision, unless it was withdrawn.
CREATE TEMPORARY VIEW standing AS
SELECT * FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY revision DESC) AS age
    FROM events
)
WHERE age = 1 AND NOT retracted;

SELECT dyad, COUNT(*) AS events, AVG(goldstein) AS goldstein
FROM standing
GROUP BY dyad;

SELECT coalition, cohesion, opposition
FROM metrics
WHERE `view` = 'ewm30d';
