import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Call, decodeCall, encodeCall, toLine } from '../../../../lambdas/shared/call-message.ts';
import { PermanentError, TransientError } from '../../../../lambdas/shared/errors.ts';

const call: Call = { storeId: 'oslo', receipt: 'r', lines: ['{"id":1}', 'broken'] };

test('a call is read as it was written', () => {
  expect(encodeCall(call).split('\n')[0]).toBe('{"version":1,"storeId":"oslo","receipt":"r","items":2}');
  expect(decodeCall(encodeCall(call))).toEqual(call);
});

test('a line has only characters that SQS accepts, and JSON keeps its value', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ stringUnit: 'binary' }),
      fc.constantFrom(undefined, '\t', '\r\n'),
      (value, space) => {
        const line = toLine(JSON.stringify(value, null, space));
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: SQS refuses them
        expect(line).not.toMatch(/[\0-\x08\x0a-\x1f\ufffe\uffff]/);
        expect(line.isWellFormed()).toBe(true);
      },
    ),
  );
});

test('any text is one line that SQS accepts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: SQS refuses them
      expect(toLine(text)).not.toMatch(/[\0-\x08\x0a-\x1f\ufffe\uffff]/);
    }),
  );
});

test.each([
  ['not JSON', 'hello'],
  ['null', 'null\n{}'],
  ['without items', encodeCall({ ...call, lines: [] })],
  ['with a lost item', encodeCall(call).slice(0, -7)],
  ['of a store that is not allowed', encodeCall({ ...call, storeId: '../x' })],
  ['without a version', '{"storeId":"oslo","receipt":"r","items":1}\n{}'],
])('a message that is %s goes to the dead-letter queue', (_, body) => {
  expect(() => decodeCall(body)).toThrow(PermanentError);
});

test('a message of a newer release waits', () => {
  expect(() => decodeCall(encodeCall(call).replace('"version":1', '"version":2'))).toThrow(TransientError);
});
