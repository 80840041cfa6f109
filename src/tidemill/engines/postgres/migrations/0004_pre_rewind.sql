-- Counts what comes back into the line at a place that claims may have passed: whoever remembers how
-- far they have read it begins anew then.
CREATE SEQUENCE tidemill.rewind;
SELECT nextval('tidemill.rewind'); -- before it is drawn for the first time, it shows that number

CREATE FUNCTION tidemill.rewind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('tidemill.rewind');
    RETURN NULL;
END $$;

CREATE TRIGGER job_is_back AFTER UPDATE OF state, queue, rank, ready_at ON tidemill.job
FOR EACH ROW WHEN (
    new.state = 'waiting'
    AND (
        old.state <> 'waiting' OR new.queue <> old.queue OR new.rank <> old.rank
        OR new.ready_at < old.ready_at
    )
)
EXECUTE FUNCTION tidemill.rewind();
