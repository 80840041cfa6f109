-- What there is to know of keys: how many jobs run under each, what was set for it at run time, and
-- where its rate stands.
SELECT
    value,
    (SELECT count(*) FROM tidemill.job WHERE limit_key = value AND state = 'running'),
    (SELECT rules FROM tidemill.rule WHERE kind = 'key' AND name = value),
    (SELECT arrival FROM tidemill.flow WHERE key = value)
FROM json_array_elements_text($1::text::json)
