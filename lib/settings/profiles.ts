import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { normalizeTitle } from '../../lambdas/core/detect/titles.ts';
import { CATEGORY_VALUES, COLUMN_TITLES, type Profile, SUM_COLUMNS } from '../../lambdas/core/profile.ts';
import { readCurrency } from '../../lambdas/core/rows/numbers.ts';
import { STORE_PATTERN } from '../../lambdas/core/upload-key.ts';

/** A profile and the stores whose files it describes. */
export interface StoreProfile {
  readonly stores: readonly string[];
  readonly profile: Profile;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** Date formats: a token for each part, and separators. */
const DATE_FORMAT = /^(?:YYYY|YY|MM|M|DD|D|[-/. ])+$/;
const FILE_DAY_GROUPS = ['year', 'month', 'day'];
/** A repeated group can make a regular expression take exponential time. */
const REPEATED_GROUP = /\)[*+{]/;

const text = z.string('a text').trim().min(1, 'a text that is not empty');
const oneOrMore = <Item extends z.ZodType<string>>(item: Item) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(item, 'a text or a list of texts').min(1),
  );
const column = z.enum(COLUMN_TITLES, `one of ${COLUMN_TITLES.join(', ')}`);
const byColumn = <Value extends z.ZodType>(value: Value) => z.partialRecord(column, value);

/** The document of a profile, as an operator writes it. docs/profiles.md describes each member. */
const ProfileSchema = z
  .strictObject({
    version: z.literal(1, 'the number 1'),
    stores: z
      .array(z.string('the name of a store').regex(STORE_PATTERN, 'the name of a store'), 'a list of stores')
      .min(1, 'at least one store'),
    titles: byColumn(oneOrMore(text)).optional(),
    values: byColumn(z.record(z.string(), z.string('a text'))).optional(),
    constants: byColumn(text).optional(),
    sums: z
      .partialRecord(z.enum(SUM_COLUMNS), z.array(text, 'a list of titles').min(2, 'at least two titles'))
      .optional(),
    derive: z.literal('amount_excl_tax', 'amount_excl_tax').optional(),
    id: z.strictObject({ from: z.array(text, 'a list of titles').min(1, 'at least one title') }).optional(),
    dateOrder: z.enum(['dmy', 'mdy'], 'dmy or mdy').optional(),
    dateFormats: oneOrMore(
      text.refine(isDateFormat, 'a format such as DD.MM.YY, with one of YYYY or YY, MM or M, and DD or D'),
    ).optional(),
    timeZone: text.refine(isTimeZone, 'an IANA time zone such as Europe/Berlin').optional(),
    decimalSeparator: z.enum(['.', ','], '"." or ","').optional(),
    currency: text.refine(isCurrency, 'a sign or code such as €, EUR or kr').optional(),
    fileDay: text
      .refine(isPattern, `a regular expression with the groups (?<${FILE_DAY_GROUPS.join('>…), (?<')}>…)`)
      .refine((pattern) => !REPEATED_GROUP.test(pattern), 'a regular expression that repeats no group')
      .optional(),
    quote: z.enum(['"', "'"], '\'"\' or "\'"').optional(),
  })
  .superRefine(checkMembers);

/**
 * Reads the profiles of a folder, `<name>.json`. A folder that does not exist has none.
 * @param knownStores the stores that a profile may name @default every store
 * @throws {Error} that names the file and the member of each mistake, and the correction
 */
export function readProfiles(folder: string, knownStores?: readonly string[]): StoreProfile[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map(({ name }) => name)
    .sort();
  const problems: string[] = [];
  const profiles = files.flatMap((file) => {
    const path = join(folder, file);
    try {
      return [parseProfile(file.slice(0, -'.json'.length), readFileSync(path, 'utf8'))];
    } catch (error) {
      problems.push(...(error as Error).message.split('\n').map((problem) => `${path}: ${problem}`));
      return [];
    }
  });
  const owners = new Map<string, string>();
  for (const { stores, profile } of profiles)
    for (const store of stores) {
      const owner = owners.get(store);
      if (owner !== undefined)
        problems.push(
          `${join(folder, profile.name)}.json: stores: ${owner}.json has the store ${store} too; name it in one of them`,
        );
      owners.set(store, profile.name);
      if (knownStores?.includes(store) === false)
        problems.push(
          `${join(folder, profile.name)}.json: stores: ${store} is not in retail:stores, which has ${knownStores.join(', ')}; correct the name, or add it there`,
        );
    }
  if (problems.length > 0) throw new Error(`Wrong profiles:\n  ${problems.join('\n  ')}`);
  return profiles;
}

/**
 * Reads one profile.
 * @throws {Error} with one line for each mistake
 */
export function parseProfile(name: string, json: string): StoreProfile {
  if (!NAME.test(name))
    throw new Error('the name of the file has at most 40 lower-case letters, digits and "-", before .json');
  const { success, data, error } = ProfileSchema.safeParse(parseJson(json));
  if (!success) throw new Error(error.issues.map(describeIssue).join('\n'));
  const { version: _, stores, ...members } = data;
  return { stores, profile: { name, ...members } as Profile };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Error(`is not JSON: ${(error as Error).message}`);
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.map((key) => [...issue.path, key].join('.')).join(', ');
    const isColumn = ['titles', 'values', 'constants'].includes(path);
    const known: readonly string[] =
      path === ''
        ? Object.keys(ProfileSchema.shape)
        : path === 'sums'
          ? SUM_COLUMNS
          : isColumn
            ? COLUMN_TITLES
            : ['from'];
    return `${unknown}: unknown; write one of ${known.join(', ')}`;
  }
  if (issue.code === 'custom' && issue.params?.isSentence === true) return `${path}: ${issue.message}`;
  return `${path || 'the document'}: write ${issue.message}`;
}

type Document = z.infer<typeof ProfileSchema>;

/** Checks what no single member shows. */
function checkMembers(document: z.infer<typeof ProfileSchema>, context: z.RefinementCtx): void {
  const report = (path: string[], message: string) =>
    context.addIssue({ code: 'custom', path, message, params: { isSentence: true } });
  checkTitles(document, report);
  const { constants = {}, values = {} } = document;
  for (const column of ['id', 'transaction_date'] as const)
    if (constants[column] !== undefined)
      report(['constants', column], 'every row would have the same value; remove it');
  const category = constants.category;
  if (category !== undefined && category !== 'SELL' && category !== 'BUY')
    report(['constants', 'category'], `"${category}" is not a category; write SELL or BUY`);
  for (const [column, meanings] of Object.entries(values)) {
    const keys = Object.keys(meanings).map((value) => value.trim().toLowerCase());
    const twice = keys.find((key, index) => keys.indexOf(key) !== index);
    if (twice !== undefined)
      report(['values', column], `"${twice}" is there twice, in another case; keep one of them`);
  }
  for (const [value, meaning] of Object.entries(values.category ?? {}))
    if (!(CATEGORY_VALUES as readonly string[]).includes(meaning))
      report(
        ['values', 'category', value],
        `"${meaning}" is not a category; write ${CATEGORY_VALUES.join(', ')}`,
      );
  for (const column of Object.keys(document.sums ?? {}) as (typeof SUM_COLUMNS)[number][])
    if (document.titles?.[column] !== undefined || constants[column] !== undefined)
      report(['sums', column], 'titles or constants have the column too; keep one of them');
  if (
    document.derive !== undefined &&
    (constants.amount_excl_tax ?? document.sums?.amount_excl_tax) !== undefined
  )
    report(['derive'], 'constants or sums have the column amount_excl_tax too; keep one of them');
  if (document.dateOrder !== undefined && document.dateFormats !== undefined)
    report(['dateOrder'], 'dateFormats already have an order; remove one of the two');
}

/** A title means one column only. */
function checkTitles(
  { titles = {}, id }: Pick<Document, 'titles' | 'id'>,
  report: (path: string[], message: string) => void,
): void {
  const columnOf = new Map<string, string>();
  for (const [column, own] of Object.entries(titles))
    for (const title of own) {
      const key = normalizeTitle(title);
      const other = columnOf.get(key);
      if (key === '')
        report(['titles', column], `"${title}" has no letter or digit; write the title of a column`);
      else if (other !== undefined && other !== column)
        report(['titles', column], `"${title}" is a title of ${other} too; keep one of them`);
      columnOf.set(key, column);
    }
  const parts = (id?.from ?? []).map(normalizeTitle);
  const twice = parts.findIndex((part, index) => parts.indexOf(part) !== index);
  if (twice >= 0) report(['id', 'from'], `"${id!.from[twice]}" is there twice; keep one of them`);
}

function isDateFormat(format: string): boolean {
  if (!DATE_FORMAT.test(format)) return false;
  const parts = format.match(/Y+|M+|D+/g)!.map((part) => part[0]);
  return parts.length === 3 && new Set(parts).size === 3;
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

function isCurrency(currency: string): boolean {
  return readCurrency(`1 ${currency}`)?.currency === currency;
}

function isPattern(pattern: string): boolean {
  try {
    // The empty alternative matches, and then every group of the pattern is known.
    const groups = new RegExp(`${pattern}|`).exec('')!.groups ?? {};
    return FILE_DAY_GROUPS.every((group) => group in groups);
  } catch {
    return false;
  }
}
