import { randomNumbers } from '../generator/random.ts';

/** Choices that a seed decides. */
export class Choices {
  #next: () => number;

  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  /** From 0 to `count` - 1. */
  below(count: number): number {
    return this.#next() % count;
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** Some of the items, in their order; any number of them but none. */
  someOf<Item>(items: readonly Item[]): Item[] {
    const some = items.filter(() => this.chance(40));
    return some.length > 0 ? some : [this.oneOf(items)];
  }
}

/** A number from a text, the same each time (FNV-1a, 32 bits). */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
