import type { Subject } from '../make/situation.ts';
import { archives } from './archives.ts';
import { awkwardRows } from './awkward-rows.ts';
import { columns } from './columns.ts';
import { currencies } from './currencies.ts';
import { dates } from './dates.ts';
import { delimiters } from './delimiters.ts';
import { encodings } from './encodings.ts';
import { header } from './header.ts';
import { lineEnds } from './line-ends.ts';
import { linesThatAreNoRows } from './lines-that-are-no-rows.ts';
import { ndjson } from './ndjson.ts';
import { numbers } from './numbers.ts';
import { profiles } from './profiles.ts';
import { quotes } from './quotes.ts';
import { returnsAndWeights } from './returns-and-weights.ts';
import { workbooks } from './workbooks.ts';

/** Every subject, by its folder. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  delimiters,
  'line-ends': lineEnds,
  quotes,
  header,
  columns,
  encodings,
  archives,
  workbooks,
  numbers,
  'returns-and-weights': returnsAndWeights,
  currencies,
  dates,
  'lines-that-are-no-rows': linesThatAreNoRows,
  'awkward-rows': awkwardRows,
  ndjson,
  profiles,
};
