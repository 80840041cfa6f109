-- A gate has been looked at.
DELETE FROM tidemill.gate WHERE name = $1
