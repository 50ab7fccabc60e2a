-- The balance of a product (SELL - BUY, with tax) up to and including each date with transactions.
-- @param product name of the product as in the files
SELECT
  transaction_date,
  sum(sum(CASE category WHEN 'SELL' THEN amount_inc_tax ELSE -amount_inc_tax END)) OVER (ORDER BY transaction_date)
    AS cumulated_balance
FROM transactions
WHERE name = :product AND left(name, 200) = left(:product, 200)
GROUP BY transaction_date
ORDER BY transaction_date;
