CREATE INDEX CONCURRENTLY transactions_by_product ON public.transactions (left(name, 200), store_id, transaction_date);
