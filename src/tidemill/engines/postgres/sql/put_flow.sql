-- Move the rate of a key on.
INSERT INTO tidemill.flow (key, arrival) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET arrival = excluded.arrival
