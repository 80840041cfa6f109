-- The states of those of these jobs that are live; they stay so until the transaction ends.
SELECT seq, state FROM tidemill.job
WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))
ORDER BY seq
FOR UPDATE
