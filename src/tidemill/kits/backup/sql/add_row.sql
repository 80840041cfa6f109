INSERT INTO row (side, key, digest, copies) VALUES (?, ?, ?, 1)
ON CONFLICT (key, side, digest) DO UPDATE SET copies = copies + 1
