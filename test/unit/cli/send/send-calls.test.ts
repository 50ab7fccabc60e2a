import { expect, test } from 'vitest';
import { sendCalls } from '../../../../cli/send/send-calls.ts';

test('refused items are counted with their lines, and receipts are in the order of the input', async () => {
  const refused = [{ index: 1, field: 'category', code: 'category-unknown', message: 'Wrong.' }];
  async function* groups() {
    yield [
      { number: 1, text: '{"id":1}' },
      { number: 4, text: '{"id":2}' },
    ];
    yield [{ number: 9, text: '{"id":3}' }];
  }
  const send = async (lines: readonly unknown[]) =>
    lines.length === 2
      ? { receipt: 'r1', accepted: 1, refused }
      : { receipt: 'r2', accepted: 1, refused: [] };
  const caller = {
    limits: { items: 2, bytes: 100, measure: Buffer.byteLength },
    send,
    close: () => undefined,
  };
  const result = await sendCalls(
    groups(),
    caller,
    () => undefined,
    () => undefined,
  );
  expect(result).toEqual({
    calls: 2,
    items: 3,
    accepted: 2,
    refused: 1,
    refusedLines: [{ line: 4, field: 'category', code: 'category-unknown', message: 'Wrong.' }],
    receipts: ['r1', 'r2'],
    failure: undefined,
  });
});

test('after an error no further call is sent, and those on their way are counted', async () => {
  const sent: number[] = [];
  async function* groups() {
    for (let number = 1; number <= 100; number++) yield [{ number, text: '{}' }];
  }
  const send = async ([line]: readonly { number: number }[]) => {
    sent.push(line!.number);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (line!.number === 2) throw new Error('refused');
    return { receipt: `r${line!.number}`, accepted: 1, refused: [] };
  };
  let stops = 0;
  const caller = {
    limits: { items: 1, bytes: 100, measure: Buffer.byteLength },
    send,
    close: () => undefined,
  };
  const { failure, receipts } = await sendCalls(
    groups(),
    caller,
    () => undefined,
    () => stops++,
  );
  expect({ failure, stops }).toEqual({ failure: new Error('refused'), stops: 1 });
  expect(sent.length).toBeLessThan(10);
  expect(receipts).toEqual(sent.filter((number) => number !== 2).map((number) => `r${number}`));
});
