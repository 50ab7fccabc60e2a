/**
 * Shortens a text of a file for a message, and replaces its control characters: those of ASCII by their symbols, such
 * as U+2400 for NUL, which PostgreSQL cannot store.
 */
export function excerptText(text: string, maxCharacters: number): string {
  const isLong = text.length > maxCharacters;
  const start = (isLong ? text.slice(0, maxCharacters) : text).toWellFormed();
  const printable = start.replace(/\p{Cc}/gu, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
  });
  return isLong ? `${printable}…` : printable;
}
