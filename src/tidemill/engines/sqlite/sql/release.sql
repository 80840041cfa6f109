-- Let parked jobs back into the line, at the place they had.
UPDATE job SET state = 'waiting', gate = '' WHERE seq IN (SELECT value FROM json_each(?))
