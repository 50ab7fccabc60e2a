import type { RejectCodesAnswer, UploadAnswer } from '../lambdas/core/api-answers.ts';
import { excerptText } from '../lambdas/core/excerpt-text.ts';
import { describeFormat } from './describe-format.ts';
import { describeFailure } from './failure-advice.ts';
import { FATE_TEXTS, FATES } from './fates.ts';
import type { Format } from './format.ts';
import { nameRejectCode } from './reject-names.ts';
import { describeStatus, nameFile } from './upload-status.ts';

const MAX_NAME = 200;
const TITLE_WIDTH = 24;

/** Writes the result of a file as text to keep or to send. No value of the file can add a line to it. */
export function writeResult(upload: UploadAnswer, codes: RejectCodesAnswer['codes'], format: Format): string {
  const { rows, failure, firstDay, lastDay } = upload;
  const facts: readonly (readonly [string, string])[] = [
    ['File', nameFile(upload.key)],
    ['Store', upload.store],
    ['Result', describeStatus(upload, format.count).label],
    ['Arrived', format.time(upload.receivedAt)],
    ['Finished', upload.completedAt === null ? 'not yet' : format.time(upload.completedAt)],
    ...(firstDay === null || lastDay === null
      ? []
      : [
          [
            'Days',
            firstDay === lastDay ? format.day(firstDay) : `${format.day(firstDay)} to ${format.day(lastDay)}`,
          ] as const,
        ]),
    ...FATES.filter((fate) => rows[fate] > 0).map(
      (fate) => [FATE_TEXTS[fate].label, format.count(rows[fate])] as const,
    ),
    ['Rows in the file', format.count(rows.read)],
  ];
  const reasons = codes.map(({ code, field, rows, open }) => {
    const place = field === '' ? '' : `${field}: `;
    return `${format.count(rows).padStart(8)}  ${excerptText(place, MAX_NAME)}${nameRejectCode(code)} (${format.count(open)} open)`;
  });
  return [
    ...facts.map(([title, value]) => `${title.padEnd(TITLE_WIDTH)}${excerptText(value, MAX_NAME)}`),
    ...(failure === null ? [] : ['', excerptText(describeFailure(failure.code, failure.message), 1_200)]),
    ...(reasons.length === 0 ? [] : ['', 'Problems by reason:', ...reasons]),
    ...(upload.format === null
      ? []
      : ['', ...describeFormat(upload.format).map(({ text }) => `- ${excerptText(text, 1_000)}`)]),
    '',
    `Upload ${upload.uploadId}`,
    '',
  ].join('\n');
}
