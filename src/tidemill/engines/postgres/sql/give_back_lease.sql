-- Free a name that its holder has still.
DELETE FROM tidemill.lease WHERE name = $1 AND fence = $2 AND until > $3
