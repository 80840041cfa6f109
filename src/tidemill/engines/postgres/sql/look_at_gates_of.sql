-- Have the gates of the keys of these jobs looked at, if others are parked there.
INSERT INTO tidemill.gate (name, look_at)
SELECT name, 0
FROM (
    SELECT 'key:' || limit_key AS name FROM tidemill.job
    WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json))) AND limit_key IS NOT NULL
    UNION
    SELECT 'rate:' || rate_key FROM tidemill.job
    WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json))) AND rate_key IS NOT NULL
) AS gates
WHERE EXISTS (SELECT 1 FROM tidemill.job WHERE gate = name AND state = 'blocked')
