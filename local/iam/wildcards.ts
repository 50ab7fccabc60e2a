/**
 * Tells whether a pattern with `*` and `?` matches the whole text. Only the last star is ever tried again, so that the
 * steps are at most the product of both lengths.
 */
export function matches(pattern: ArrayLike<string>, text: ArrayLike<string>): boolean {
  let at = 0;
  let star = -1;
  let afterStar = 0;
  for (let index = 0; index < text.length; ) {
    const wanted = at < pattern.length ? pattern[at] : undefined;
    if (wanted === '*') {
      star = at++;
      afterStar = index;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[index])) {
      at++;
      index++;
    } else {
      if (star < 0) return false;
      at = star + 1;
      index = ++afterStar;
    }
  }
  while (at < pattern.length && pattern[at] === '*') at++;
  return at === pattern.length;
}

/** Splits an ARN into its six parts. @returns undefined if it has fewer */
export function splitArn(text: string): string[] | undefined {
  const parts = text.split(':');
  if (parts.length < 6 || parts[0] !== 'arn') return undefined;
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}
