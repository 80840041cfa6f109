-- Remember the steps that the schema takes from now on.
CREATE TABLE IF NOT EXISTS tidemill.step (
    number    BIGINT PRIMARY KEY,
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    checksum  TEXT NOT NULL,
    release   TEXT NOT NULL,
    taken_at  TIMESTAMPTZ NOT NULL DEFAULT now()
)
