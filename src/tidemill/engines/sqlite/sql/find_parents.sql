-- The first of the jobs that a job waits for.
SELECT job.id, job.task, job.state FROM edge JOIN job ON job.seq = edge.parent
WHERE edge.child = ? ORDER BY edge.parent LIMIT ?
