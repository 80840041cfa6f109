SELECT name, pk FROM pragma_table_info(?) ORDER BY cid
