-- The indexes with the store take the place of those without: a page of one store must not read the rows of all.
DROP INDEX public.transactions_by_date, public.transactions_by_name_and_date;
