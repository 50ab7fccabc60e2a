import { HEADER } from '../../corpus/make/situation.ts';

const CHUNK_CHARACTERS = 65_536;
const ROWS_A_CHUNK = 800;

/** Row of a generated file. Its id is its line. */
const rowOf = (line: number, name = 'Tea') =>
  `00000000-0000-4000-8000-${String(line).padStart(12, '0')},SELL,${name},2,10.00,12.00`;

/** Texts of files too large to keep, in chunks. */
export const GENERATED_FILES = {
  /** A line of the given length between two rows. */
  *'long-line'(characters: number) {
    yield `${HEADER}\n${rowOf(2)}\n`;
    yield* repeated(characters);
    yield `\n${rowOf(4)}\n`;
  },
  *'long-line-in-quotes'(characters: number) {
    yield `${HEADER}\n${rowOf(2)}\n"`;
    yield* repeated(characters);
    yield `"\n${rowOf(4)}\n`;
  },
  /** A quote in the first row, and good rows after it. */
  *'quote-never-closed'(characters: number) {
    yield `${HEADER}\n${rowOf(2, '"Tea')}\n`;
    let line = 3;
    for (let written = 0; written < characters; ) {
      const rows = Array.from({ length: ROWS_A_CHUNK }, () => `${rowOf(line++)}\n`).join('');
      written += rows.length;
      yield rows;
    }
  },
  /** Rows so rare that one batch has rows from nearly the whole file. */
  *'few-rows'(characters: number) {
    yield `${HEADER}\n`;
    const blank = `${' '.repeat(200)}\n`.repeat(CHUNK_CHARACTERS / 201);
    let line = 2;
    for (let written = 0; written < characters; written += blank.length) {
      yield `${rowOf(line)}\n${blank}`;
      line += 1 + blank.split('\n').length - 1;
    }
  },
  /** One line without a line terminator, hence without a header. */
  *'one-line'(characters: number) {
    yield* repeated(characters);
  },
} satisfies Record<string, (characters: number) => Generator<string>>;

export type GeneratedFile = keyof typeof GENERATED_FILES;

function* repeated(characters: number): Generator<string> {
  const chunk = 'x'.repeat(CHUNK_CHARACTERS);
  for (let left = characters; left > 0; left -= chunk.length) yield chunk.slice(0, left);
}
