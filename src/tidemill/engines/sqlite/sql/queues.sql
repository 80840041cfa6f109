-- Every queue with its rules, the tenant served last, and where its rate stands.
SELECT name, rules, turn, arrival FROM queue ORDER BY name
