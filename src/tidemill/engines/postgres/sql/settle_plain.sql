-- Settle jobs that have completed and on whose end nothing hangs: move them to history, count them
-- and tell of them. All of them or, where one is no longer held, is locked, or has something
-- hanging on its end, none. One statement that waits for nobody, so it stands alone.
-- Answers how many were settled.
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[])
        AS given (seq, fence, at, result)
),
held AS MATERIALIZED (
    -- For each one by its number: the fence alone says that it runs, see `move_on`.
    SELECT found.seq FROM given CROSS JOIN LATERAL (
        SELECT job.seq FROM tidemill.job
        WHERE job.seq = given.seq AND job.fence = given.fence AND worker IS NOT NULL
            AND limit_key IS NULL AND is_parent = 0 AND cancel_reason IS NULL
        FOR UPDATE SKIP LOCKED
    ) AS found
),
gone AS (
    DELETE FROM tidemill.job
    WHERE seq = ANY (ARRAY(SELECT seq FROM held))
        AND (SELECT count(*) FROM held) = (SELECT count(*) FROM given)
    RETURNING *
),
kept AS (
    INSERT INTO tidemill.done (
        seq, id, task, queue, tenant, state, rank, ready_at, created_at, fence, worker, attempt,
        max_attempts, crashes, started_at, finished_at, expires_at, timeout, ending, reason,
        unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source,
        headers, policy, progress, checkpoint, args, result
    )
    SELECT
        seq, id, task, queue, tenant, 'completed', rank, ready_at, created_at, gone.fence, worker,
        attempt, max_attempts, crashes, started_at, given.at, expires_at, timeout, 'completed', '',
        unique_key, unique_until, limit_key, limit_most, rate_key, rate, batch, tags, source,
        headers, policy, progress, checkpoint, args, given.result
    FROM gone JOIN given USING (seq)
),
counted AS (
    INSERT INTO tidemill.statistic (
        step, at, queue, task, tenant, ending, count, wait, run, wait_counts, run_counts, part
    )
    SELECT 'minute', counted.*, $15::bigint
    FROM unnest(
        $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[],
        $11::bigint[], $12::bigint[], $13::text[], $14::text[]
    ) AS counted
    WHERE EXISTS (SELECT FROM gone)
    ON CONFLICT (step, at, queue, task, tenant, ending, part) DO UPDATE
    SET count = statistic.count + excluded.count, wait = statistic.wait + excluded.wait,
        run = statistic.run + excluded.run,
        wait_counts = tidemill.sum_of_counts(statistic.wait_counts, excluded.wait_counts),
        run_counts = tidemill.sum_of_counts(statistic.run_counts, excluded.run_counts)
),
begun AS MATERIALIZED (
    -- As in `append_entries`.
    SELECT pg_advisory_xact_lock_shared(
        'tidemill.entry'::regclass::oid::int,
        ((last_value - (NOT is_called)::int) % 2147483648)::int
    )
    FROM tidemill.entry_position_seq
),
told AS (
    INSERT INTO tidemill.entry (log, at, topic, tenant, source, data)
    SELECT 'events', coalesce($16::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint),
        topic, tenant, '', data
    FROM begun CROSS JOIN unnest($17::text[], $18::text[], $19::bytea[])
        AS told (topic, tenant, data)
    WHERE EXISTS (SELECT FROM gone)
)
SELECT count(*) FROM gone
