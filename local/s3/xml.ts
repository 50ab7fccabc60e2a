/** A tree that is written as XML: arrays repeat their element. */
export interface XmlTree {
  readonly [name: string]: string | number | boolean | undefined | XmlTree | readonly XmlTree[];
}

const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function writeXml(root: string, tree: XmlTree): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${S3_NAMESPACE}">${writeTree(tree)}</${root}>`;
}

/** The text of every element of one name in a small document that a client sent. */
export function readElements(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g');
  return [...xml.matchAll(pattern)].map((match) => unescapeXml(match[1]!));
}

function writeTree(tree: XmlTree): string {
  return Object.entries(tree)
    .flatMap(([name, value]) => listOf(value).map((item) => writeElement(name, item)))
    .join('');
}

function listOf(value: XmlTree[string]): readonly (XmlTree | string | number | boolean)[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly XmlTree[]) : [value as XmlTree];
}

function writeElement(name: string, value: XmlTree | string | number | boolean): string {
  return `<${name}>${typeof value === 'object' ? writeTree(value) : escapeXml(String(value))}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#34;', '"')
    .replaceAll('&amp;', '&');
}
