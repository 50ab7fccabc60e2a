import { FILE_COLUMNS } from '../columns.ts';
import type { Problem } from './row-check.ts';

const MEMBERS = FILE_COLUMNS.map(({ titles }) => titles[0] as string);

/**
 * Describes all problems of a row in sentences. The first one's column is told beside the message.
 * @param item values of an item by `FILE_COLUMNS`, whose missing members are named in one sentence
 */
export function describeProblems(problems: readonly Problem[], item: readonly string[] = []): string {
  const missing = MEMBERS.filter((name, index) => {
    return item[index]?.trim() === '' && problems.some(({ column }) => column === name);
  });
  if (missing.length < 2) return joinMessages(problems);
  const others = problems.filter(({ column }) => !missing.includes(column));
  const names = `${missing.slice(0, -1).join(', ')} and ${missing.at(-1)}`;
  return joinMessages([{ message: `The members ${names} are missing.` }, ...others]);
}

function joinMessages([first, ...others]: readonly (Pick<Problem, 'message'> & {
  column?: string;
})[]): string {
  return [first!.message, ...others.map(({ column, message }) => `${column}: ${message}`)].join(' ');
}
