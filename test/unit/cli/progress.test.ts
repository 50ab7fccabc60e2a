import { describe, expect, test } from 'vitest';
import { createIo, createProgressLine } from '../../../cli/output/console.ts';
import { formatDuration, ProgressMeter } from '../../../cli/output/progress.ts';

const silent = createIo({ print: () => {}, note: () => {}, showProgress: () => {} });

describe('the progress of some work', () => {
  test('has percent, rate and time left as soon as they mean something', () => {
    let now = 0;
    const meter = new ProgressMeter(silent, 'loading', 'rows', 4_000, () => now);
    expect(meter.describe(0).text).toBe('loading: 0 %, 0 rows');
    now = 2_000;
    expect(meter.describe(1_000)).toEqual({
      text: 'loading: 25 %, 1,000 rows, 500 rows/s, 6 s left',
      share: 0.25,
    });
    now = 10_000;
    // An estimate may be too low.
    expect(meter.describe(5_000)).toEqual({ text: 'loading: 99 %, 5,000 rows, 500 rows/s', share: 0.99 });
  });

  test('has no percent without a total, and counts bytes as megabytes', () => {
    let now = 0;
    const meter = new ProgressMeter(silent, 'uploading a.csv', 'bytes', undefined, () => now);
    now = 1_000;
    const text = 'uploading a.csv: 12.5 MB, 12.5 MB/s';
    expect(meter.describe(12_500_000)).toEqual({ text, share: undefined });
  });

  test.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [125, '2 min 5 s'],
    [3_780, '1 h 3 min'],
  ])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe('the progress line', () => {
  function written(
    isTTY: boolean,
    show: (line: ReturnType<typeof createProgressLine>, at: (time: number) => void) => void,
  ) {
    let now = 0;
    const texts: string[] = [];
    const line = createProgressLine({ isTTY, columns: 60, write: (text) => texts.push(text) }, () => now);
    show(line, (time) => {
      now = time;
    });
    return texts;
  }

  test('is a bar of a terminal, no wider than it, and is removed', () => {
    const texts = written(true, (line) => {
      line('half', 0.5);
      line('x'.repeat(100));
      line(undefined);
      line(undefined);
    });
    expect(texts).toEqual([
      '\r\u001b[K[############............] half',
      `\r\u001b[K${'x'.repeat(59)}`,
      '\r\u001b[K',
    ]);
  });

  test('is a plain line every ten seconds without a terminal', () => {
    const texts = written(false, (line, at) => {
      for (let second = 0; second <= 25; second++) {
        at(second * 1_000);
        line(`at ${second}`, 0.5);
      }
      line(undefined);
    });
    expect(texts).toEqual(['at 10\n', 'at 20\n']);
  });
});
