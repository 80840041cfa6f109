-- Running jobs by queue and tenant.
SELECT queue, tenant, count(*) FROM tidemill.job WHERE state = 'running' GROUP BY queue, tenant
