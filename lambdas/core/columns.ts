/** The columns of a file, called and ordered as shops usually write them; any other order is as good. */
export const UPLOAD_COLUMNS = [
  'id',
  'category',
  'description',
  'quantity',
  'amount_excl_tax',
  'amount_inc_tax',
] as const;

/** The columns that say what is wrong with a rejected row; they stand before the file's own. */
export const REJECT_COLUMNS = ['reject_line', 'reject_column', 'reject_code', 'reject_message'] as const;
