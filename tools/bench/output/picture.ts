import type { Results } from '../results.ts';
import { formatRatio, formatValue, type Line } from './line.ts';
import { linesOf } from './lines.ts';

const WIDTH = 960;
const MARGIN = 24;
const LABEL_WIDTH = 360;
const BAR_WIDTH = 240;
const LINE_HEIGHT = 24;
const BAR_HEIGHT = 14;
const HEADING_HEIGHT = 40;

/** Its own ground, so that it can be read on any page; the colours of the reader's scheme. */
const STYLE = `
  .ground { fill: #ffffff; stroke: #d1d9e0 }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
  .heading { font-size: 15px; font-weight: 600 }
  .ratio { fill: #59636e }
  .bar { fill: #0969da }
  .reference { fill: #8c959f }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d }
    text { fill: #e6edf3 }
    .ratio { fill: #9198a1 }
    .bar { fill: #4493f8 }
    .reference { fill: #656c76 }
  }`;

/** Lines with one unit, whose bars can be compared. */
interface Group {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** The results as bars, in SVG. */
export function drawPicture(results: Results): string {
  const pieces: string[] = [];
  let top = MARGIN / 2;
  for (const { title, lines } of groupsOf(linesOf(results).filter(({ isDrawn = true }) => isDrawn))) {
    pieces.push(`<text class="heading" x="${MARGIN}" y="${top + 26}">${escapeXml(title)}</text>`);
    top += HEADING_HEIGHT;
    const most = Math.max(...lines.map(({ value }) => value));
    for (const line of lines) {
      pieces.push(...drawLine(line, top, most));
      top += LINE_HEIGHT;
    }
  }
  const height = top + MARGIN / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="What the benchmark measured">
<style>${STYLE}
</style>
<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
${pieces.join('\n')}
</svg>
`;
}

function groupsOf(lines: readonly Line[]): Group[] {
  const groups = Map.groupBy(lines, ({ part, unit }) => `${part} (${unit})`);
  return [...groups].map(([title, ofGroup]) => ({ title, lines: ofGroup }));
}

function drawLine(line: Line, top: number, most: number): string[] {
  const { what, value, unit, ratio } = line;
  const isCounted = line.basis !== undefined;
  const left = MARGIN + LABEL_WIDTH;
  const width = Math.max(1, Math.round((value / most) * BAR_WIDTH));
  const base = top + 12;
  const remarks = [formatRatio(line), isCounted ? 'counted' : ''].filter((text) => text !== '').join(', ');
  return [
    `<text x="${MARGIN}" y="${base}">${escapeXml(what)}</text>`,
    `<rect class="${ratio === 1 ? 'reference' : 'bar'}" x="${left}" y="${top}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
    `<text x="${left + width + 8}" y="${base}">${escapeXml(`${formatValue(value)} ${unit}`)} <tspan class="ratio">${escapeXml(remarks)}</tspan></text>`,
  ];
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
