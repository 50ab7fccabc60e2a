import { readFileSync } from 'node:fs';

const RUNBOOK = new URL('../../docs/runbook.md', import.meta.url);

/** Reads what to do about each alarm from docs/runbook.md, by its heading, as text without links. */
export function readRunbook(text = readFileSync(RUNBOOK, 'utf8')): Record<string, string> {
  const sections = text.split(/^#+ /m).map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    const [, advice = ''] = /^\*\*Do:\*\* (.*)/ms.exec(lines.join('\n')) ?? [];
    return [heading, toText(advice)] as const;
  });
  return Object.fromEntries(sections.filter(([, advice]) => advice !== ''));
}

/** Joins the lines of each paragraph, and replaces links by their texts. Code stays between backticks. */
function toText(markdown: string): string {
  const paragraphs = markdown.trim().split(/\n{2,}/);
  const texts = paragraphs.map((paragraph) =>
    paragraph.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replace(/\s*\n\s*/g, ' '),
  );
  return texts.map((text) => text.charAt(0).toUpperCase() + text.slice(1)).join('\n\n');
}
