-- Where the rate of a key stands.
SELECT arrival FROM tidemill.flow WHERE key = $1
