-- What a product brought in less what it cost (SELL - BUY, tax included), for each day on which it moved.
-- @param product the product's name, as it is written in the files
SELECT
  transaction_date,
  sum(CASE category WHEN 'SELL' THEN amount_inc_tax ELSE -amount_inc_tax END) AS balance
FROM transactions
WHERE name = :product AND left(name, 200) = left(:product, 200)
GROUP BY transaction_date
ORDER BY transaction_date;
