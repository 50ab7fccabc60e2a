/** Content of an XML document; an array repeats its element. */
export interface XmlTree {
  readonly [name: string]: string | number | boolean | undefined | XmlTree | readonly XmlTree[];
}

/** @param namespace of the service's API; without it, the document has none */
export function writeXml(root: string, tree: XmlTree, namespace?: string): string {
  const start = namespace === undefined ? root : `${root} xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${start}>${writeTree(tree)}</${root}>`;
}

/** Reads the raw content of all elements with one name in a small document. */
export function readElements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map((match) => match[1]!);
}

/** Reads the text of the first element with one name. */
export function readText(xml: string, name: string): string | undefined {
  const [text] = readElements(xml, name);
  return text === undefined ? undefined : unescapeXml(text);
}

function writeTree(tree: XmlTree): string {
  return Object.entries(tree)
    .map(([name, value]) => writeElements(name, value))
    .join('');
}

function writeElements(name: string, value: XmlTree[string]): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => writeElements(name, item)).join('');
  const content = typeof value === 'object' ? writeTree(value as XmlTree) : escapeXml(String(value));
  return `<${name}>${content}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // An XML reader turns a literal carriage return into a line feed.
  '\r': '&#13;',
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ENTITIES[character]!);
}

function unescapeXml(text: string): string {
  const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (name !== undefined) return names[name] ?? entity;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
