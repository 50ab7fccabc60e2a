import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CallIdentity, computeReceipt, isReceipt } from '../../../../lambdas/shared/receipt.ts';

const identity: CallIdentity = { kind: 'content', text: 'a' };
const receipt = computeReceipt('secret', 'oslo', identity);

test('a receipt is a UUID of version 8, and the same for the same call', () => {
  expect(receipt).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(computeReceipt('secret', 'oslo', identity)).toBe(receipt);
});

test('another secret, store, kind or text makes another receipt', () => {
  const others = [
    computeReceipt('other', 'oslo', identity),
    computeReceipt('secret', 'bergen', identity),
    computeReceipt('secret', 'oslo', { ...identity, kind: 'key' }),
    computeReceipt('secret', 'oslo', { ...identity, text: 'b' }),
  ];
  expect(new Set([receipt, ...others]).size).toBe(5);
});

test('only the receipts of a store and a secret are genuine', () => {
  expect(isReceipt('secret', 'oslo', receipt)).toBe(true);
  expect(isReceipt('other', 'oslo', receipt)).toBe(false);
  expect(isReceipt('secret', 'bergen', receipt)).toBe(false);
});

test('a receipt with any other digit is not genuine', () => {
  fc.assert(
    fc.property(fc.nat(receipt.length - 1), fc.constantFrom(...'0123456789abcdef-'), (place, character) => {
      fc.pre(receipt[place] !== character);
      const changed = receipt.slice(0, place) + character + receipt.slice(place + 1);
      expect(isReceipt('secret', 'oslo', changed)).toBe(false);
    }),
  );
});
