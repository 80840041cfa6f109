-- Free a name.
DELETE FROM lease WHERE name = ? AND fence = ?
