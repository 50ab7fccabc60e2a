-- Returns the result of a call of the API, or NULL if no upload of the store has it. A call that was sent again is in
-- several uploads: the first one inserted its rows. One that failed counts only if there is no other. Promises: the counts are those of the call's own items and add up to
-- them; they are present only if the upload is complete. An index of a reject counts the items of the call from 0.
CREATE OR REPLACE FUNCTION ledger.find_receipt(receipt uuid, store text) RETURNS json
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $find_receipt$
DECLARE
  call        record;
  inserted    bigint;
  others      record;
  rejected    bigint;
  rejects     json;
BEGIN
  SELECT r.first_line, r.first_line + r.items AS next_line, r.items, u.* INTO call
  FROM ledger.receipts AS r
  JOIN ledger.uploads AS u ON u.upload_id = r.upload_id
  WHERE r.receipt = find_receipt.receipt AND u.store_id = store AND u.status <> 'superseded'
  ORDER BY u.status = 'failed', u.received_at, u.started_at, u.upload_id
  LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  ELSIF call.status <> 'complete' THEN
    RETURN json_strip_nulls(json_build_object(
      'uploadId', call.upload_id, 'status', call.status, 'items', call.items,
      'failureCode', call.failure_code, 'failureMessage', call.failure_message,
      'receivedAt', ledger.format_time(call.received_at), 'completedAt', ledger.format_time(call.completed_at)));
  END IF;
  SELECT count(*) INTO inserted FROM public.transactions AS t
  WHERE t.upload_id = call.upload_id AND t.line >= call.first_line AND t.line < call.next_line;
  SELECT count(*) FILTER (WHERE o.fate = 'duplicate') AS duplicate,
         count(*) FILTER (WHERE o.fate = 'conflict') AS conflicting,
         count(*) FILTER (WHERE o.fate = 'retracted') AS retracted,
         count(*) FILTER (WHERE o.fate = 'replaced') AS replaced
  INTO others
  FROM ledger.other_versions AS o
  WHERE o.upload_id = call.upload_id AND o.line >= call.first_line AND o.line < call.next_line;
  SELECT count(*) INTO rejected FROM ledger.rejected_rows AS j
  WHERE j.upload_id = call.upload_id AND j.line >= call.first_line AND j.line < call.next_line;
  SELECT coalesce(json_agg(first.reject), '[]') INTO rejects FROM (
    SELECT json_build_object('index', j.line - call.first_line, 'column', j.column_name, 'code', j.code,
                             'message', j.message) AS reject
    FROM ledger.rejected_rows AS j
    WHERE j.upload_id = call.upload_id AND j.line >= call.first_line AND j.line < call.next_line
    ORDER BY j.line
    LIMIT 100
  ) AS first;
  RETURN json_build_object(
    'uploadId', call.upload_id, 'status', call.status, 'items', call.items, 'inserted', inserted,
    'duplicate', others.duplicate, 'conflicting', others.conflicting, 'rejected', rejected,
    'retracted', others.retracted, 'replaced', others.replaced, 'rejects', rejects,
    'receivedAt', ledger.format_time(call.received_at), 'completedAt', ledger.format_time(call.completed_at));
END
$find_receipt$;

GRANT EXECUTE ON FUNCTION ledger.find_receipt(uuid, text) TO retail_api, retail_operator;
