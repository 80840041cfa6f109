-- Keep others from adding to the chained log until the transaction ends. A statement of its own: the
-- next one sees what the last holder has committed.
SELECT pg_advisory_xact_lock('tidemill.record'::regclass::oid::int, 0)
