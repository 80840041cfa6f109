-- The first of the jobs that a job waits for.
SELECT job.id, job.task, job.state FROM tidemill.edge JOIN tidemill.job ON job.seq = edge.parent
WHERE edge.child = $1 ORDER BY edge.parent LIMIT $2
