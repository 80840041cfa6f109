-- Take live jobs that are about to be deleted out of the index of tags.
DELETE FROM tidemill.tagged
WHERE (tag, job) IN (
    SELECT tag, job.seq FROM tidemill.job CROSS JOIN LATERAL json_array_elements_text(job.tags::json) AS tag
    WHERE job.seq = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json)))
        AND job.tags IS NOT NULL
)
