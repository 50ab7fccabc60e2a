import { createHash } from 'node:crypto';
import type { MessageAttribute, MessageAttributes } from './queue-engine.ts';
import { invalidValue } from './requests.ts';

/** SQS developer guide, "Amazon SQS message metadata". */
const MAX_ATTRIBUTES = 10;
const NAME = /^(?!aws\.|amazon\.|\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;
const DATA_TYPE = /^(String|Number|Binary)(\.[\w.-]+)?$/;
const MEMBERS = ['DataType', 'StringValue', 'BinaryValue'];

/** @throws {ServiceError} InvalidParameterValue */
export function checkAttributes(given: unknown): MessageAttributes {
  const attributes = Object(given) as MessageAttributes;
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) {
    throw invalidValue(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  for (const [name, attribute] of entries) {
    if (!NAME.test(name)) throw invalidValue(`The message attribute name '${name}' is invalid.`);
    const unknown = Object.keys(Object(attribute)).find((member) => !MEMBERS.includes(member));
    if (unknown !== undefined)
      throw invalidValue(`Message attribute '${name}' has an unsupported ${unknown}.`);
    const [, type] = DATA_TYPE.exec(attribute?.DataType ?? '') ?? [];
    if (type === undefined) throw invalidValue(`The type of message attribute '${name}' is invalid.`);
    const value = type === 'Binary' ? attribute.BinaryValue : attribute.StringValue;
    const other = type === 'Binary' ? attribute.StringValue : attribute.BinaryValue;
    if (typeof value !== 'string' || value === '' || other !== undefined) {
      throw invalidValue(`The message attribute '${name}' must contain a non-empty value of its type.`);
    }
    if (type === 'Number' && (value.trim() !== value || !Number.isFinite(Number(value)))) {
      throw invalidValue(`Can't cast the value of message attribute '${name}' to a number.`);
    }
  }
  return attributes;
}

/** Measures attributes, checked or not, as the limit of a message counts them: names, types and values. */
export function measureAttributes(given: unknown): number {
  const texts = Object.entries(Object(given) as Record<string, unknown>).flatMap(([name, attribute]) => {
    const { DataType = '', StringValue = '', BinaryValue = '' } = Object(attribute) as MessageAttribute;
    return [name, DataType, StringValue, Buffer.from(String(BinaryValue), 'base64')];
  });
  return texts.reduce<number>((sum, text) => sum + Buffer.byteLength(text as string | Buffer), 0);
}

/**
 * Digests attributes as SQS does (SQS developer guide, "Calculating the MD5 message digest for message attributes").
 * @returns undefined for a message without attributes
 */
export function digestAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const update = (bytes: Buffer) => hash.update(encodeLength(bytes.length)).update(bytes);
  for (const name of names) {
    const attribute = attributes[name]!;
    update(Buffer.from(name));
    update(Buffer.from(attribute.DataType));
    hash.update(Buffer.of(attribute.BinaryValue === undefined ? 1 : 2));
    update(readValue(attribute));
  }
  return hash.digest('hex');
}

/** Selects the attributes that ReceiveMessage asks for: by name, by `prefix.*`, or all of them. */
export function selectAttributes(
  attributes: MessageAttributes,
  wanted: readonly string[],
): MessageAttributes {
  const isWanted = (name: string) =>
    wanted.some((pattern) =>
      pattern === 'All' || pattern === '.*'
        ? true
        : pattern.endsWith('.*')
          ? name.startsWith(pattern.slice(0, -1))
          : name === pattern,
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}

function readValue({ StringValue = '', BinaryValue }: MessageAttribute): Buffer {
  return BinaryValue === undefined ? Buffer.from(StringValue) : Buffer.from(BinaryValue, 'base64');
}

function encodeLength(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}
