-- Let a job that has not started begin its delay anew; a parked one stays parked.
UPDATE tidemill.job
SET ready_at = $1, state = CASE WHEN state = 'blocked' THEN state ELSE $2 END
WHERE seq = $3
