-- A time in ISO 8601, in UTC, to the millisecond. A statement sent through the Data API calls this function instead of
-- writing the pattern, whose colons may be taken for parameters.
CREATE OR REPLACE FUNCTION ledger.format_time(moment timestamptz) RETURNS text
LANGUAGE sql
STABLE
AS $format_time$
  SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$format_time$;

GRANT EXECUTE ON FUNCTION ledger.format_time(timestamptz) TO retail_operator, retail_api;
