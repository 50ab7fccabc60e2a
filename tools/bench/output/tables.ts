import { formatTable } from '../../../cli/output/table.ts';
import type { Results } from '../results.ts';
import { formatRatio, formatValue, type Line } from './line.ts';
import { linesOf } from './lines.ts';

/** What a terminal shows: all lines in one table. */
export function formatText(results: Results): string {
  const lines = linesOf(results);
  const values = lines.map(({ value }) => formatValue(value));
  const width = Math.max(...values.map(({ length }) => length));
  return formatTable(lines, [
    { title: 'part', value: (line) => (isFirst(lines, line) ? line.part : '') },
    { title: 'what', value: ({ what }) => what },
    { title: 'value'.padStart(width), value: ({ value }) => formatValue(value).padStart(width) },
    { title: 'unit', value: ({ unit }) => unit },
    { title: 'ratio', value: formatRatio },
    { title: 'not measured but', value: ({ basis = '' }) => basis },
  ]);
}

/** The same in Markdown. */
export function formatMarkdown(lines: readonly Line[]): string {
  const hasBasis = lines.some(({ basis }) => basis !== undefined);
  const rows = lines.map((line) => {
    const cells = [line.what, formatValue(line.value), line.unit, formatRatio(line)];
    return [...cells, ...(hasBasis ? [line.basis ?? 'measured'] : [])];
  });
  const titles = ['what', 'value', 'unit', 'ratio', ...(hasBasis ? ['how'] : [])];
  const rule = titles.map((title) => (title === 'value' ? '---:' : '---'));
  return [titles, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function isFirst(lines: readonly Line[], line: Line): boolean {
  return lines.find(({ part }) => part === line.part) === line;
}
