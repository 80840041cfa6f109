-- Add lines to the chained log, in order; who adds to it has its lock, so that their positions are
-- drawn one behind the other.
INSERT INTO tidemill.entry (log, at, topic, tenant, source, data, digest)
SELECT 'audit', at, topic, tenant, source, data, digest
FROM unnest(
    $1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[]
) WITH ORDINALITY AS line (at, topic, tenant, source, data, digest, place)
ORDER BY place
