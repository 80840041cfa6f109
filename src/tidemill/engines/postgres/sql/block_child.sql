-- Park a job behind so many more parents.
UPDATE tidemill.job SET state = 'blocked', gate = 'after', waits_for = waits_for + $1 WHERE seq = $2
