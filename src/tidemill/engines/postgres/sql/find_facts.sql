-- What has to be known of live jobs to end them or move them on.
SELECT seq, id, task, queue, tenant, state, fence, worker, attempt, ready_at, started_at,
    limit_key, is_parent, cancel_reason
FROM tidemill.job WHERE seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json)))
ORDER BY seq
FOR UPDATE
