-- Put the tags of stored jobs, given by their ids, into the index of tags.
INSERT OR IGNORE INTO tagged (tag, job)
SELECT json_each.value, job.seq FROM job CROSS JOIN json_each(job.tags)
WHERE job.id IN (SELECT value FROM json_each(?)) AND job.tags IS NOT NULL
