-- Where the rate of a key stands.
SELECT arrival FROM flow WHERE key = ?
