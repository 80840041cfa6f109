-- Park a job behind so many more parents.
UPDATE job SET state = 'blocked', gate = 'after', waits_for = waits_for + ? WHERE seq = ?
