-- Every queue with its rules, the tenant served last, and where its rate stands.
SELECT name, rules, turn, arrival FROM tidemill.queue ORDER BY name
