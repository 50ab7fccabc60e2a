CREATE INDEX CONCURRENTLY transactions_by_day ON public.transactions (transaction_date, store_id);
