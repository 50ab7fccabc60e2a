-- The total of all SELL transactions, with tax.
SELECT coalesce(sum(amount_inc_tax), 0.00) AS total_sell_amount_inc_tax
FROM transactions
WHERE category = 'SELL';
