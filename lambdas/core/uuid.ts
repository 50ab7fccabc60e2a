const UUID_PATTERN = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const UUID = new RegExp(`^${UUID_PATTERN}$`, 'i');
const UUID_WITHIN = new RegExp(`\\b${UUID_PATTERN}\\b`, 'i');

/** Whether the text is the id of a row. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Whether the id of a row stands in the text. */
export function hasUuid(text: string): boolean {
  return UUID_WITHIN.test(text);
}
