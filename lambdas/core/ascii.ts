/** JSON in ASCII only: its bytes are its characters, and no queue can refuse one of them. */
export function encodeAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
