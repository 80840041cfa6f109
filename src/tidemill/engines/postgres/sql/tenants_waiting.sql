-- The tenants with a job waiting in a queue, one index step each, however many jobs they have.
WITH RECURSIVE waiting (tenant) AS (
    SELECT min(tenant) FROM tidemill.job WHERE queue = $1 AND state = 'waiting' AND tenant <> ''
    UNION ALL
    SELECT (
        SELECT min(tenant) FROM tidemill.job
        WHERE queue = $1 AND state = 'waiting' AND tenant <> '' AND tenant > waiting.tenant
    )
    FROM waiting WHERE waiting.tenant IS NOT NULL
)
SELECT tenant FROM waiting WHERE tenant IS NOT NULL
