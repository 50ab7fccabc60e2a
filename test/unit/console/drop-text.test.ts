import { expect, test } from 'vitest';
import { readPicked, readStoreFolder } from '../../../console/screens/drop-files.ts';
import { formatBytes } from '../../../console/screens/drop-size.ts';
import { showText } from '../../../console/show-text.ts';

test.each([
  ['Tea', 'Tea'],
  ['<img src=x>', '<img src=x>'],
  ['a\tb\r\nc', 'a→b↵↵c'],
  ['\u001b[31m\u0000\u007f\u0085', '⟨U+001B⟩[31m⟨U+0000⟩⟨U+007F⟩⟨U+0085⟩'],
  ['\u202egnp.exe\u2066\u200b', '⟨U+202E⟩gnp.exe⟨U+2066⟩⟨U+200B⟩'],
  ['\ud800', '\ufffd'],
  ['寿司 Żurek', '寿司 Żurek'],
])('the text %j is shown as %j', (text, shown) => expect(showText(text)).toBe(shown));

test('a long text is shortened', () => expect(showText('a'.repeat(10), 4)).toBe('aaaa…'));

test.each([
  ['file.csv', undefined],
  ['store=oslo/file.csv', 'oslo'],
  ['week/store=oslo/monday/file.csv', 'oslo'],
  ['store=oslo', undefined],
])('the folder of %s is that of the store %s', (path, store) => expect(readStoreFolder(path)).toBe(store));

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [678, '678 bytes'],
  [1_500, '1.5 kB'],
  [73_000, '73 kB'],
  [2_000_000_000, '2 GB'],
  [5e15, '5,000,000 GB'],
])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes, 'en-US')).toBe(text));

test('files of a folder are in the order of their names, and numbers in that of their values', () => {
  const files = ['day 10.csv', 'Day 2.csv', 'day 1.csv'].map((name) => ({
    name,
    webkitRelativePath: `week/${name}`,
  }));
  const { files: chosen } = readPicked(files as unknown as FileList);
  expect(chosen.map(({ path }) => path)).toEqual(['week/day 1.csv', 'week/Day 2.csv', 'week/day 10.csv']);
});
