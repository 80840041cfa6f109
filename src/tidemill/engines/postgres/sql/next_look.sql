-- When the next gate may have room.
SELECT min(look_at) FROM tidemill.gate
