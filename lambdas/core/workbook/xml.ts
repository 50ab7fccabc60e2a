import { SaxesParser } from 'saxes';
import type { Failure } from '../reject-codes.ts';

/** The workbook itself is at fault: retrying cannot help. */
export class WorkbookError extends Error {
  override readonly name = 'WorkbookError';
  readonly failure: Failure;

  /** @param fault such as `has no sheet. Add one.`, after `The workbook` */
  constructor(fault: string) {
    super(`The workbook ${fault}`);
    this.failure = { code: 'workbook-unusable', message: this.message };
  }
}

export function damagedWorkbook(reason: string): WorkbookError {
  return new WorkbookError(`cannot be read: ${reason.replace(/\.$/, '')}. Save it again and drop it.`);
}

/** Opens a file of a workbook at its beginning. */
export type OpenPart = () => AsyncIterable<Uint8Array>;
/** The files in a workbook, which is a zip archive, by their paths. */
export type WorkbookParts = ReadonlyMap<string, OpenPart>;

/** Receives the parts of an XML document in their order. Names of elements have no prefix. */
export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** Maximum length of a text or a tag, in characters. A cell of Excel has at most 32,767. */
const MAX_TOKEN_CHARACTERS = 1_048_576;

/**
 * Parses an XML document and yields after each chunk, so that the caller can take what its handler has collected. No
 * entity is known but those of XML itself.
 * @throws {WorkbookError} if the document is not well-formed
 */
export async function* parseXml(
  chunks: AsyncIterable<Uint8Array>,
  handler: XmlHandler,
): AsyncGenerator<void> {
  const parser = new SaxesParser({ position: false, xmlns: false });
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  // A text that never ends would fill the memory before the parser reports it.
  let pending = 0;
  parser.on('opentag', ({ name, attributes }) => {
    pending = 0;
    handler.open(removePrefix(name), attributes as Record<string, string>);
  });
  parser.on('closetag', ({ name }) => {
    pending = 0;
    handler.close?.(removePrefix(name));
  });
  const onText = (text: string) => {
    pending = 0;
    handler.text?.(text);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('error', ({ message }) => {
    throw damagedWorkbook(message);
  });
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(chunk[0] === 0xff ? 'utf-16le' : chunk[0] === 0xfe ? 'utf-16be' : 'utf-8');
    pending += chunk.length;
    parser.write(decoder.decode(chunk, { stream: true }));
    if (pending > MAX_TOKEN_CHARACTERS)
      throw damagedWorkbook('a text of it is longer than 1,048,576 characters');
    yield;
  }
  parser.close();
}

/** Parses a whole document. */
export async function readXml(open: OpenPart, handler: XmlHandler): Promise<void> {
  for await (const _ of parseXml(open(), handler));
}

function removePrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
