import { type DetectedFormat, HEAD_CHARACTERS, MAX_TITLES } from '../../detect/detect-format.ts';
import type { Encoding } from '../../detect/text.ts';
import { excerptText } from '../../excerpt-text.ts';
import type { Failure } from '../../reject-codes.ts';
import type { Rules } from '../../rules.ts';
import type { OpenSource, SourceFacts } from '../source.ts';
import { TextSource } from '../text-source.ts';
import { createItemReader } from './item-reader.ts';
import { LineReader, type LineReaderState } from './line-reader.ts';
import { FIRST_ITEM_LINE, readManifest } from './manifest.ts';
import { createNdjsonFormat } from './ndjson-format.ts';

/** Maximum length of an operator's reason, in characters. */
const MAX_REASON_CHARACTERS = 1_000;
/** Ending of the files that may begin with a manifest. */
const WITH_MANIFEST = /\.ndjson$/;

/** Opens an NDJSON file: each line is one item. */
export const openNdjson: OpenSource = (at, facts) => {
  const readItem = createItemReader(facts);
  return new TextSource<LineReaderState>(
    {
      encoding: 'UTF-8',
      detect: (head, encoding) => detectNdjson(head, encoding, facts),
      openReader: ({ firstRow: { line } }, state = { pending: '', line, isSkippingLongLine: false }) =>
        new LineReader(readItem, state),
    },
    at,
  );
};

function detectNdjson(
  head: string,
  encoding: Encoding | undefined,
  { fileName, rules }: SourceFacts,
): DetectedFormat | Failure {
  if (encoding !== 'UTF-8') {
    return { code: 'not-utf8', message: `The file is ${encoding}. Save it as UTF-8, as NDJSON requires.` };
  }
  if (head.trim() === '') return { code: 'file-empty', message: 'The file is empty: it has no item.' };
  const firstEnd = head.indexOf('\n');
  const firstLine = firstEnd < 0 ? head : head.slice(0, firstEnd);
  const manifest = WITH_MANIFEST.test(fileName) ? readManifest(firstLine) : undefined;
  const offset = firstEnd < 0 ? head.length : firstEnd + 1;
  const format = createNdjsonFormat(rules);
  return {
    ...format,
    ...(manifest && {
      receipts: manifest.receipts,
      manifestItems: manifest.items,
      firstRow: { offset, line: FIRST_ITEM_LINE },
    }),
    ...(manifest?.discarded !== undefined && { failure: describeDiscard(manifest.discarded) }),
    summary: {
      ...format.summary,
      lineTerminator: firstLine.endsWith('\r') ? 'CRLF' : 'LF',
      ...(manifest && { manifest: 'used' }),
      unknownColumns:
        rules.unknownColumns === 'ignore' ? listIgnored(head.slice(manifest ? offset : 0), rules) : [],
    },
  };
}

function describeDiscard(reason: string): Failure {
  const message = `An operator discarded the calls of this file: ${excerptText(reason, MAX_REASON_CHARACTERS)}`;
  return { code: 'call-discarded', message };
}

/** Lists the members without a meaning in the head of a file, whose last line may be incomplete. */
function listIgnored(head: string, rules: Rules): string[] {
  const names = new Set<string>();
  const onIgnored = (name: string) => void (names.size < MAX_TITLES && names.add(name));
  const readItem = createItemReader({ rules, onIgnored });
  const reader = new LineReader(readItem, { pending: '', line: 1, isSkippingLongLine: false });
  reader.read(head);
  if (head.length < HEAD_CHARACTERS) reader.end();
  return [...names];
}
