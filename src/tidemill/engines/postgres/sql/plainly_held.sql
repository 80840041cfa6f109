-- Which of these jobs run under this fence, and nobody waits for them, their room or their end. They
-- have been locked by `count_plainly_held`.
SELECT held.seq
FROM json_array_elements_text($1::text::json) AS given CROSS JOIN LATERAL (
    SELECT seq FROM tidemill.job
    WHERE seq = given.value::bigint AND fence = $2 AND worker IS NOT NULL
        AND limit_key IS NULL AND is_parent = 0 AND cancel_reason IS NULL
) AS held
