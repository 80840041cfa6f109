-- Draw the next fence; no number is ever drawn twice.
UPDATE counter SET value = value + 1 WHERE name = 'fence' RETURNING value
