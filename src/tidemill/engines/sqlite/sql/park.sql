-- Take jobs out of the line until their gate opens; they keep their place.
UPDATE job SET state = 'blocked', gate = ? WHERE seq IN (SELECT value FROM json_each(?))
