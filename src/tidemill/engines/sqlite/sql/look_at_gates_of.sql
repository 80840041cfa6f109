-- Have the gates of the keys of these jobs looked at, if others are parked there.
INSERT INTO gate (name, look_at)
SELECT name, 0
FROM (
    SELECT 'key:' || limit_key AS name FROM job
    WHERE seq IN (SELECT value FROM json_each(?1)) AND limit_key IS NOT NULL
    UNION
    SELECT 'rate:' || rate_key FROM job
    WHERE seq IN (SELECT value FROM json_each(?1)) AND rate_key IS NOT NULL
)
WHERE EXISTS (SELECT 1 FROM job WHERE gate = name AND state = 'blocked')
ON CONFLICT (name) DO UPDATE SET look_at = 0
