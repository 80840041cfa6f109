-- Free a name that its holder has still.
DELETE FROM lease WHERE name = ? AND fence = ? AND until > ?
