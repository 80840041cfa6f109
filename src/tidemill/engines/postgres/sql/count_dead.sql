-- How many rows of unfinished jobs are dead, and how many live, as far as the server has counted.
SELECT pg_stat_get_dead_tuples(job), pg_stat_get_live_tuples(job)
FROM (SELECT 'tidemill.job'::regclass AS job) AS named
