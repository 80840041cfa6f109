-- Put the tags of stored jobs, given by their ids, into the index of tags.
INSERT INTO tidemill.tagged (tag, job)
SELECT tag, job.seq FROM tidemill.job CROSS JOIN LATERAL json_array_elements_text(job.tags::json) AS tag
WHERE job.id = ANY (ARRAY(SELECT value FROM json_array_elements_text($1::text::json))) AND job.tags IS NOT NULL
ON CONFLICT DO NOTHING
