import { HEADER } from '../../corpus/make/situation.ts';

const CHUNK_CHARACTERS = 65_536;
const ROWS_A_CHUNK = 800;

/** A row as it stands in the generated files. Its id is its line. */
export const rowOf = (line: number, name = 'Tea') =>
  `00000000-0000-4000-8000-${String(line).padStart(12, '0')},SELL,${name},2,10.00,12.00`;

/** Files too large to be kept, piece by piece. */
export const GENERATED_FILES = {
  /** Between two rows. */
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
  /** In the first row; below it good rows only. */
  *'quote-never-closed'(characters: number) {
    yield `${HEADER}\n${rowOf(2, '"Tea')}\n`;
    let line = 3;
    for (let written = 0; written < characters; ) {
      const rows = Array.from({ length: ROWS_A_CHUNK }, () => `${rowOf(line++)}\n`).join('');
      written += rows.length;
      yield rows;
    }
  },
  /** Rows so rare that a batch holds some of nearly all of the file. */
  *'few-rows'(characters: number) {
    yield `${HEADER}\n`;
    const blank = `${' '.repeat(200)}\n`.repeat(CHUNK_CHARACTERS / 201);
    let line = 2;
    for (let written = 0; written < characters; written += blank.length) {
      yield `${rowOf(line)}\n${blank}`;
      line += 1 + blank.split('\n').length - 1;
    }
  },
  /** No line end, and so no header. */
  *'one-line'(characters: number) {
    yield* repeated(characters);
  },
} satisfies Record<string, (characters: number) => Generator<string>>;

export type GeneratedFile = keyof typeof GENERATED_FILES;

function* repeated(characters: number): Generator<string> {
  const chunk = 'x'.repeat(CHUNK_CHARACTERS);
  for (let left = characters; left > 0; left -= chunk.length) yield chunk.slice(0, left);
}
