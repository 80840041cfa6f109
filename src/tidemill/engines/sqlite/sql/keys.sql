-- What there is to know of keys: how many jobs run under each, what was set for it at run time, and
-- where its rate stands.
SELECT
    value,
    (SELECT count(*) FROM job WHERE limit_key = value AND state = 'running'),
    (SELECT rules FROM rule WHERE kind = 'key' AND name = value),
    (SELECT arrival FROM flow WHERE key = value)
FROM json_each(?)
