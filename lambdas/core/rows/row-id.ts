const UUID_PATTERN = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const UUID = new RegExp(`^${UUID_PATTERN}$`, 'i');
const UUID_WITHIN = new RegExp(`\\b${UUID_PATTERN}\\b`, 'i');

export function isRowId(text: string): boolean {
  return UUID.test(text);
}

export function hasRowId(text: string): boolean {
  return UUID_WITHIN.test(text);
}
