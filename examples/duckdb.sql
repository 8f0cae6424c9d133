-- Questions to exported Parquet files. First, for each topic:
--   blocwatch export --topic metrics-history --to parquet      (likewise events)
-- then: duckdb < duckdb.sql, or duckdb.sql(...) in Python, where out/export lies.

-- How axis held together, month by month, by values that the watermark has passed.
SELECT date_trunc('month', as_of) AS month,
       round(avg(cohesion), 3)    AS cohesion,
       sum(revision)              AS late_changes
FROM 'out/export/metrics-history.parquet'
WHERE coalition = 'axis' AND view = 'ewm30d' AND final
GROUP BY month
ORDER BY month;

-- The events that stand: of each event_id the highest revision, unless it was withdrawn.
CREATE OR REPLACE TEMP VIEW standing AS
SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY event_id ORDER BY revision DESC, retracted DESC) AS age
    FROM 'out/export/events.parquet'
)
WHERE age = 1 AND NOT retracted;

-- Who did what to whom, most often.
SELECT source.code AS source, target.code AS target, type, count(*) AS events, avg(goldstein) AS goldstein
FROM standing
GROUP BY ALL
ORDER BY events DESC, source, target, type
LIMIT 10;
