-- The balance of a product (SELL - BUY, with tax) for each date with transactions.
-- @param product name of the product as in the files
SELECT
  transaction_date,
  sum(CASE category WHEN 'SELL' THEN amount_inc_tax ELSE -amount_inc_tax END) AS balance
FROM transactions
WHERE name = :product AND left(name, 200) = left(:product, 200)
GROUP BY transaction_date
ORDER BY transaction_date;
