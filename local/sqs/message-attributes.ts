import { createHash } from 'node:crypto';
import type { MessageAttributes } from './queue-engine.ts';
import { invalidValue, unsupported } from './requests.ts';

/** SQS developer guide, "Amazon SQS message metadata". */
const MAX_ATTRIBUTES = 10;
const NAME = /^(?!aws\.|amazon\.|\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;
const MEMBERS = ['DataType', 'StringValue'];

/** Checks attributes, of which the local cloud supports strings. @throws {ServiceError} */
export function checkAttributes(given: unknown): MessageAttributes {
  if (typeof given !== 'object') throw invalidValue('The message attributes must be a map.');
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
    if (unknown !== undefined || attribute?.DataType !== 'String') {
      throw unsupported(`message attributes of another type than String: '${name}'`);
    }
    if (typeof attribute.StringValue !== 'string' || attribute.StringValue === '') {
      throw invalidValue(`The message attribute '${name}' must contain a non-empty value.`);
    }
  }
  return attributes;
}

/** Measures attributes, checked or not, as the limit of a message counts them: names, types and values. */
export function measureAttributes(given: unknown): number {
  const texts = Object.entries(Object(given) as object).flatMap(([name, attribute]) => {
    const values: unknown[] = Object.values(Object(attribute) as object);
    return [name, ...values.filter((value) => typeof value === 'string')];
  });
  return Buffer.byteLength(texts.join(''));
}

/**
 * Digests attributes as SQS does (SQS developer guide, "Calculating the MD5 message digest for message attributes").
 * @returns undefined for a message without attributes
 */
export function digestAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const STRING_VALUE = Buffer.of(1);
  const parts = names.flatMap((name) => {
    const { DataType, StringValue } = attributes[name]!;
    return [withLength(name), withLength(DataType), STRING_VALUE, withLength(StringValue)];
  });
  return createHash('md5').update(Buffer.concat(parts)).digest('hex');
}

function withLength(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}
