COPY (SELECT {key}, t::text FROM {table} AS t) TO STDOUT
