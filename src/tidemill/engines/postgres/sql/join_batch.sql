-- Have the callback of a batch wait for one more job, while it still waits for others.
UPDATE tidemill.job SET waits_for = waits_for + 1 WHERE seq = $1 AND state = 'blocked' AND gate = 'after'
