CREATE TABLE row (
    side   INTEGER NOT NULL,
    key    BLOB NOT NULL,
    digest BLOB NOT NULL,
    copies INTEGER NOT NULL,
    PRIMARY KEY (key, side, digest)
) WITHOUT ROWID
