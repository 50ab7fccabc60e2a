/** Characters that change the direction of a text, or are not visible. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const MAX_CHARACTERS = 300;

/**
 * Makes a text of a file visible: control characters are their symbols, and marks that would change the order of the
 * signs have their code.
 */
export function showText(text: string, maxCharacters = MAX_CHARACTERS): string {
  const isLong = text.length > maxCharacters;
  const shown = (isLong ? text.slice(0, maxCharacters) : text).toWellFormed().replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
  return isLong ? `${shown}…` : shown;
}
