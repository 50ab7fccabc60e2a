-- The product: one row for each transaction of each store, whichever file brought it.
-- Promises: an id stands here once; what the data contract demands of a row, the table demands too.
CREATE TABLE public.transactions (
  id               uuid PRIMARY KEY,
  transaction_date date NOT NULL,
  category         text NOT NULL CHECK (category IN ('SELL', 'BUY')),
  name             text NOT NULL CHECK (name <> ''),
  quantity         integer NOT NULL CHECK (quantity > 0),
  amount_excl_tax  numeric(12, 2) NOT NULL CHECK (amount_excl_tax >= 0),
  amount_inc_tax   numeric(12, 2) NOT NULL CHECK (amount_inc_tax >= 0),
  store_id         text NOT NULL DEFAULT 'main',
  -- Where the row came from: the upload in the ledger and the line of its file.
  upload_id        uuid,
  line             integer
);

CREATE INDEX transactions_by_date ON public.transactions (transaction_date);
-- An index entry has at most 2,704 bytes, a name any length: its beginning is what is looked up.
CREATE INDEX transactions_by_name_and_date ON public.transactions (left(name, 200), transaction_date);
