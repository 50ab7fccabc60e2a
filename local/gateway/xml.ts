/** Content of an XML document; an array repeats its element. */
export interface XmlTree {
  readonly [name: string]: string | number | boolean | undefined | XmlTree | readonly (XmlTree | string)[];
}

/** @param namespace of the service's API; without it, the document has none */
export function writeXml(root: string, tree: XmlTree, namespace?: string): string {
  const start = namespace === undefined ? root : `${root} xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${start}>${writeTree(tree)}</${root}>`;
}

/** Reads the raw content of all elements with one name, in one scan of the document. */
export function readElements(xml: string, name: string): string[] {
  const [opening, closing] = [`<${name}>`, `</${name}>`];
  const contents: string[] = [];
  for (let end = 0; ; ) {
    const start = xml.indexOf(opening, end) + opening.length;
    end = xml.indexOf(closing, start);
    if (start < opening.length || end < 0) return contents;
    contents.push(xml.slice(start, end));
    end += closing.length;
  }
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

const ENTITIES = new Map([
  ['&', 'amp'],
  ['<', 'lt'],
  ['>', 'gt'],
  ['"', 'quot'],
  ["'", 'apos'],
]);
const CHARACTERS = new Map([...ENTITIES].map(([character, name]) => [name, character]));
const MAX_CODE_POINT = 0x10ffff;

/**
 * Escapes markup and control characters. An XML reader turns a literal carriage return into a line feed; the other
 * control characters are not XML even as a reference, but S3 writes them so (S3 API reference, "ListObjectsV2").
 */
function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
  return text.replace(/[&<>"\0-\x08\x0b-\x1f\ufffe\uffff]/g, (character) => {
    return `&${ENTITIES.get(character) ?? `#${character.charCodeAt(0)}`};`;
  });
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (name !== undefined) return CHARACTERS.get(name) ?? entity;
    const codePoint = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return codePoint > MAX_CODE_POINT ? entity : String.fromCodePoint(codePoint);
  });
}
