-- How many of these jobs run under this fence, and nobody waits for them, their room or their end.
-- They are held still until the transaction ends.
SELECT count(*) FROM (
    SELECT 1 FROM tidemill.job
    WHERE seq IN (SELECT value::bigint FROM json_array_elements_text($1::json)) AND fence = $2
        AND state = 'running' AND limit_key IS NULL AND is_parent = 0 AND cancel_reason IS NULL
    FOR UPDATE
) AS held
