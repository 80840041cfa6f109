-- Store one job unless its id is known already, live or finished, or its unique key is held.
-- Changes one row, or none when the job or the key's holder is there. The row's number is one above
-- the largest of both tables: numbers tell the order of insertion, and drawing them here instead of
-- by AUTOINCREMENT spares each commit a page.
INSERT INTO job (
    seq, id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at, timeout,
    gate, unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source,
    headers, policy, args
)
SELECT
    1 + max(
        (SELECT coalesce(max(seq), 0) FROM job), (SELECT coalesce(max(seq), 0) FROM done)
    ),
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
    ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
    ?22, ?23, ?24
WHERE NOT EXISTS (SELECT 1 FROM done WHERE id = ?1)
ON CONFLICT DO NOTHING
