/** Returns the noun, or what else goes with a number, for one or for several. */
export function plural(count: number, one: string, several = `${one}s`): string {
  return count === 1 ? one : several;
}
