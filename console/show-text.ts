/** Characters that change the direction of a text, or are not visible. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const MAX_CHARACTERS = 300;

const SYMBOLS: Readonly<Record<string, string>> = { '\t': '→', '\n': '↵', '\r': '↵' };

/** Makes a text of a file visible: tabs and ends of lines are symbols, and other signs that hide have their code. */
export function showText(text: string, maxCharacters = MAX_CHARACTERS): string {
  const isLong = text.length > maxCharacters;
  const shown = (isLong ? text.slice(0, maxCharacters) : text).toWellFormed().replace(HIDDEN, (character) => {
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return SYMBOLS[character] ?? `⟨U+${code}⟩`;
  });
  return isLong ? `${shown}…` : shown;
}
