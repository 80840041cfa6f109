-- Move the rate of a key on.
INSERT INTO flow (key, arrival) VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET arrival = excluded.arrival
