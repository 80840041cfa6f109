-- Take live jobs that are about to be deleted out of the index of tags.
DELETE FROM tagged
WHERE (tag, job) IN (
    SELECT json_each.value, job.seq FROM job CROSS JOIN json_each(job.tags)
    WHERE job.seq IN (SELECT value FROM json_each(?)) AND job.tags IS NOT NULL
)
