import { COLUMNS } from './columns.ts';
import { describeProblems } from './rows/describe-problems.ts';
import { createRowCheck, type Problem } from './rows/row-check.ts';
import type { Rules } from './rules.ts';
import { createItemReader } from './source/ndjson/item-reader.ts';
import { createNdjsonFormat } from './source/ndjson/ndjson-format.ts';
import { describeBrokenLine } from './source/record.ts';

/**
 * Makes the check of single items, which judges each like the parser does as a line of an NDJSON file without a date in
 * its name.
 * The message describes all problems.
 * @param receivedAt time at which the items arrive, ISO 8601
 */
export function createItemCheck(
  rules: Rules,
  receivedAt: string,
): (line: string) => { readonly problems: readonly Problem[]; readonly message?: string } {
  const readItem = createItemReader({ rules });
  const check = createRowCheck(createNdjsonFormat(rules), rules, { date: undefined, receivedAt });
  const values = COLUMNS.map(() => '');
  return (line) => {
    const record = readItem(line, 1);
    const problems =
      record.fields === undefined ? [describeBrokenLine(record)] : check(record.fields, values, []);
    return problems.length === 0
      ? { problems }
      : { problems, message: describeProblems(problems, record.fields) };
  };
}
