/**
 * Cuts valid JSON into the texts of its parts, as they are written: a number keeps all of its digits. The text must
 * have been parsed before.
 * @returns the elements of an array, or name and value of each member of an object, in turn
 */
export function sliceParts(json: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  const end = (position: number) => {
    const part = json.slice(start, position).trim();
    if (part !== '') parts.push(part);
    start = position + 1;
  };
  for (let position = 0; position < json.length; position++) {
    const character = json[position];
    if (character === '"') {
      position = findStringEnd(json, position);
    } else if (character === '{' || character === '[') {
      if (++depth === 1) start = position + 1;
    } else if (character === '}' || character === ']') {
      if (--depth === 0) end(position);
    } else if (depth === 1 && (character === ',' || character === ':')) {
      end(position);
    }
  }
  return parts;
}

/** Finds the closing quote of a string. An escaped quote follows an odd number of backslashes. */
function findStringEnd(json: string, opening: number): number {
  for (let position = json.indexOf('"', opening + 1); ; position = json.indexOf('"', position + 1)) {
    let backslashes = 0;
    while (json[position - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return position;
  }
}

/**
 * Finds the text of a member of an object.
 * @param json valid JSON of an object
 * @returns undefined if the object has no such member, or several
 */
export function sliceMember(json: string, name: string): string | undefined {
  const parts = sliceParts(json);
  const values = parts.filter((_, index) => index % 2 === 1 && JSON.parse(parts[index - 1]!) === name);
  return values.length === 1 ? values[0] : undefined;
}
