-- The attempts of jobs that did not end them, in order.
SELECT job, number, worker, started_at, ended_at, ending, error
FROM tidemill.attempt WHERE job = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json))) ORDER BY seq
