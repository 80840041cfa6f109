-- How many of these jobs run under this fence, and nobody waits for them, their room or their end.
-- They are held still until the transaction ends. Each is looked up by its number: the fence alone
-- says that it runs, see `move_on`.
SELECT count(DISTINCT seq)
FROM json_array_elements_text($1::text::json) AS given CROSS JOIN LATERAL (
    SELECT seq FROM tidemill.job
    WHERE seq = given.value::bigint AND fence = $2 AND worker IS NOT NULL
        AND limit_key IS NULL AND is_parent = 0 AND cancel_reason IS NULL
    FOR UPDATE
) AS held
