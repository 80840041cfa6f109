-- Have the callback of a batch wait for one more job, while it still waits for others.
UPDATE job SET waits_for = waits_for + 1 WHERE seq = ? AND state = 'blocked' AND gate = 'after'
