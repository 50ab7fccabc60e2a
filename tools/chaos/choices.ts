import { randomNumbers } from '../generator/generator.ts';

/** Pseudo-random choices. The same seed gives the same choices. */
export class Choices {
  #next: () => number;

  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  /** Chooses a whole number from 0 to `count` - 1. */
  below(count: number): number {
    return this.#next() % count;
  }

  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** Chooses at least one of the items and keeps their order. */
  someOf<Item>(items: readonly Item[]): Item[] {
    const some = items.filter(() => this.chance(40));
    return some.length > 0 ? some : [this.oneOf(items)];
  }
}

/** Hashes a text to a 32-bit number (FNV-1a). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
