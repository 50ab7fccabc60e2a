-- The balance of a product (SELL - BUY, tax included) up to and including each day on which it moved.
-- @param product the product's name, as it is written in the files
SELECT
  transaction_date,
  sum(sum(CASE category WHEN 'SELL' THEN amount_inc_tax ELSE -amount_inc_tax END)) OVER (ORDER BY transaction_date)
    AS cumulated_balance
FROM transactions
WHERE name = :product AND left(name, 200) = left(:product, 200)
GROUP BY transaction_date
ORDER BY transaction_date;
