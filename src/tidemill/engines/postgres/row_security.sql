-- Let a role read jobs, events and statistics of one tenant: of the one that its session names,
--     SET jobs_of.tenant = 'acme';
-- and of nobody while it names none. Those who work with the store see all of it, as before: its
-- owner, whom these policies do not meet, and the roles that are named below. To be run by the owner,
-- as often as one likes; all of it is one transaction.
BEGIN;

ALTER TABLE tidemill.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE tidemill.done ENABLE ROW LEVEL SECURITY;
ALTER TABLE tidemill.entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE tidemill.statistic ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS of_tenant ON tidemill.job;
DROP POLICY IF EXISTS of_tenant ON tidemill.done;
DROP POLICY IF EXISTS of_tenant ON tidemill.entry;
DROP POLICY IF EXISTS of_tenant ON tidemill.statistic;
DROP POLICY IF EXISTS of_all ON tidemill.job;
DROP POLICY IF EXISTS of_all ON tidemill.done;
DROP POLICY IF EXISTS of_all ON tidemill.entry;
DROP POLICY IF EXISTS of_all ON tidemill.statistic;

-- A setting that was never made is NULL, and one that was reset is empty: neither is a tenant.
CREATE POLICY of_tenant ON tidemill.job FOR SELECT TO :readers
    USING (tenant <> '' AND tenant = current_setting('jobs_of.tenant', true));
CREATE POLICY of_tenant ON tidemill.done FOR SELECT TO :readers
    USING (tenant <> '' AND tenant = current_setting('jobs_of.tenant', true));
CREATE POLICY of_tenant ON tidemill.entry FOR SELECT TO :readers
    USING (log = 'events' AND tenant <> '' AND tenant = current_setting('jobs_of.tenant', true));
CREATE POLICY of_tenant ON tidemill.statistic FOR SELECT TO :readers
    USING (tenant <> '' AND tenant = current_setting('jobs_of.tenant', true));

CREATE POLICY of_all ON tidemill.job TO :workers USING (true) WITH CHECK (true);
CREATE POLICY of_all ON tidemill.done TO :workers USING (true) WITH CHECK (true);
CREATE POLICY of_all ON tidemill.entry TO :workers USING (true) WITH CHECK (true);
CREATE POLICY of_all ON tidemill.statistic TO :workers USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA :schema TO :readers;
GRANT SELECT ON tidemill.job, tidemill.done, tidemill.entry, tidemill.statistic TO :readers;

COMMIT;
