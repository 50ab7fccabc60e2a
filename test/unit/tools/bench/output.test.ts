import { describe, expect, test } from 'vitest';
import { fillDocument } from '../../../../tools/bench/output/documents.ts';
import { linesOf } from '../../../../tools/bench/output/lines.ts';
import { drawPicture, escapeXml } from '../../../../tools/bench/output/picture.ts';
import { formatText } from '../../../../tools/bench/output/tables.ts';
import { RESULTS } from './results-fixture.ts';

test('every part has lines, each with a unit, and a ratio that says to what', () => {
  const lines = linesOf(RESULTS);
  expect(new Set(lines.map(({ part }) => part)).size).toBe(6);
  for (const { what, unit, ratio, ratioTo } of lines) {
    expect(unit, what).not.toBe('');
    expect(ratio === undefined, what).toBe(ratioTo === undefined);
  }
  expect(linesOf({ schemaVersion: 1 })).toEqual([]);
});

test('the table shows values, ratios, and what was not measured', () => {
  const text = formatText(RESULTS);
  expect(text).toMatch(/pipeline +50,000 +rows\/s +0\.50 × COPY/);
  expect(text).toMatch(/put to complete, median +20 +ms +2\.00 × COPY/);
  expect(text).toMatch(/parse, 10,000 rows +110 +MiB +1\.10 × 1,000 rows/);
  expect(text).toMatch(
    /file of 5,000 rows +2,600 +requests +1\.00 × 1,000 rows +counted from the parse alone/,
  );
});

describe('the picture', () => {
  const picture = drawPicture(RESULTS);

  test('labels every line with its value, unit and ratio', () => {
    for (const { what, unit, isDrawn = true } of linesOf(RESULTS)) {
      if (!isDrawn) continue;
      expect(picture).toContain(`>${escapeXml(what)}</text>`);
      expect(picture).toContain(` ${escapeXml(unit)} <tspan`);
    }
    expect(picture).toContain('>0.50 × COPY</tspan>');
    expect(picture).toContain('prefers-color-scheme: dark');
  });

  test('escapes what XML would read', () => {
    expect(escapeXml(`<a href="b">'&`)).toBe('&#60;a href=&#34;b&#34;&#62;&#39;&#38;');
    const { throughput } = RESULTS;
    const measurements = [{ what: 'a < b & c', seconds: 1, rowsPerSecond: 1, ratioToCopy: 1 }];
    expect(drawPicture({ schemaVersion: 1, throughput: { ...throughput!, measurements } })).toContain(
      'a &#60; b &#38; c</text>',
    );
  });

  test('has no bar that leaves it', () => {
    const [, width] = /viewBox="0 0 (\d+) /.exec(picture)!;
    const bars = [...picture.matchAll(/<rect class="(?:bar|reference)" x="(\d+)" y="\d+" width="(\d+)"/g)];
    expect(bars).toHaveLength(linesOf(RESULTS).filter(({ isDrawn = true }) => isDrawn).length);
    for (const [, x, length] of bars) expect(Number(x) + Number(length)).toBeLessThan(Number(width) * 0.75);
  });
});

describe('a document', () => {
  test('gets each table between its marks, and keeps the rest', () => {
    const before = 'one\n<!-- bench: queue -->\nold\n<!-- end of bench -->\ntwo\n';
    const after = fillDocument(before, RESULTS);
    expect(after).toMatch(/^one\n<!-- bench: queue -->\n\| what \|/);
    expect(after).toMatch(
      /\| messages of 1 MiB, as the parser sends them \| 80 \| messages \| 1\.25 × the least \| counted \|/,
    );
    expect(after).not.toContain('old');
    expect(after).toMatch(/<!-- end of bench -->\ntwo\n$/);
    expect(fillDocument(after, RESULTS)).toBe(after);
  });

  test('is refused where it asks for a table that there is not', () => {
    expect(() => fillDocument('<!-- bench: other -->\n<!-- end of bench -->', RESULTS)).toThrow('"other"');
  });
});
