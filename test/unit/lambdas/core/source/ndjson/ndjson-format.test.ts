import fc from 'fast-check';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { formatValues } from '../../../../../../lambdas/core/source/ndjson/ndjson-format.ts';

const value = fc.string({ unit: fc.constantFrom(...'a1",;\r\n\t \ufeffé') });

test('the values of an item are written as papaparse writes and reads them', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 7 }), (values) => {
      const line = formatValues(values);
      expect(line).toBe(Papa.unparse([values], { newline: '\n' }));
      expect(Papa.parse(line, { delimiter: ',', newline: '\n' }).data).toEqual([values]);
    }),
  );
});
