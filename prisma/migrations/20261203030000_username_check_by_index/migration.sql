-- The plan of the check is made for the table as it is at the first rows of a statement. Of a table with few rows it read
-- all, for each of the 10,000 users of an import, by then up to 10,000 rows.
ALTER FUNCTION "fold_username"() SET enable_seqscan TO off;
