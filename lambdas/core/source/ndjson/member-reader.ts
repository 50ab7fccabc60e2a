// RFC 8259: blanks, strings and numbers.
const BLANKS = '[ \\t\\n\\r]*';
// Each text matches in one way only: otherwise a string without its end would take exponential time.
const STRING = '"([^"\\\\\\0-\\x1f]*(?:\\\\(?:["\\\\/bfnrt]|u[\\da-fA-F]{4})[^"\\\\\\0-\\x1f]*)*)"';
const NUMBER = '(-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)';
const OPENING = new RegExp(`${BLANKS}\\{`, 'y');
/** A member and the comma or brace after it; or a member up to the bracket that opens its value. */
const MEMBER = new RegExp(
  `${BLANKS}${STRING}${BLANKS}:${BLANKS}(?:(?:${STRING}|${NUMBER}|(null|true|false))${BLANKS}([,}])|(?=[[{]))`,
  'y',
);
const SEPARATOR = new RegExp(`${BLANKS}([,}])`, 'y');
const REST = new RegExp(`${BLANKS}$`, 'y');
/** A string, or a bracket outside strings, in a text that is JSON. */
const STRING_OR_BRACKET = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g;

/**
 * Reads the members of one JSON object in the order of the text. Unlike JSON.parse it keeps numbers as they are
 * written, and every member of a name.
 */
export class MemberReader {
  name = '';
  /** Text of a string, or the value as it is written. */
  value = '';
  kind: 'string' | 'number' | 'null' | 'other' = 'other';
  /** Reason for which the text is not an object; known when `next` has returned false. */
  fault: 'json-malformed' | 'json-not-object' | undefined;
  #text: string;
  #at: number;
  #isEnd = false;
  /** True if the text has been read by JSON.parse, so that its brackets only need to be counted. */
  #isJson = false;

  constructor(text: string) {
    this.#text = text;
    OPENING.lastIndex = 0;
    this.#isEnd = !OPENING.test(text);
    this.#at = OPENING.lastIndex;
    if (this.#isEnd) this.fault = isJson(text) ? 'json-not-object' : 'json-malformed';
  }

  /** Moves to the next member. @returns false at the end */
  next(): boolean {
    if (this.#isEnd) return false;
    MEMBER.lastIndex = this.#at;
    const match = MEMBER.exec(this.#text);
    // JSON without a member here is an empty object.
    if (match === null) return this.#stop(isJson(this.#text));
    this.name = unescape(match[1]!);
    this.#at = MEMBER.lastIndex;
    const [string, number, literal, separator] = [match[2], match[3], match[4], match[5]];
    if (separator === undefined) return this.#readNested();
    this.kind =
      string !== undefined
        ? 'string'
        : number !== undefined
          ? 'number'
          : literal === 'null'
            ? 'null'
            : 'other';
    this.value = string !== undefined ? unescape(string) : (number ?? literal!);
    return this.#endMember(separator);
  }

  #readNested(): boolean {
    this.#isJson ||= isJson(this.#text);
    if (!this.#isJson) return this.#stop(false);
    const end = findEnd(this.#text, this.#at);
    this.kind = 'other';
    this.value = this.#text.slice(this.#at, end);
    SEPARATOR.lastIndex = end;
    const separator = SEPARATOR.exec(this.#text)![1]!;
    this.#at = SEPARATOR.lastIndex;
    return this.#endMember(separator);
  }

  #endMember(separator: string): boolean {
    if (separator === ',') return true;
    this.#isEnd = true;
    REST.lastIndex = this.#at;
    return REST.test(this.#text) || this.#stop(false);
  }

  #stop(isComplete: boolean): false {
    this.#isEnd = true;
    if (!isComplete) this.fault = 'json-malformed';
    return false;
  }
}

/** Tells whether a text is one JSON object. */
export function isObject(text: string): boolean {
  const members = new MemberReader(text);
  while (members.next());
  return members.fault === undefined;
}

/** Finds the end of the array or object that begins at this offset. */
function findEnd(text: string, start: number): number {
  let depth = 0;
  STRING_OR_BRACKET.lastIndex = start;
  do {
    const [token] = STRING_OR_BRACKET.exec(text)!;
    if (token === '[' || token === '{') depth++;
    if (token === ']' || token === '}') depth--;
  } while (depth > 0);
  return STRING_OR_BRACKET.lastIndex;
}

/** PostgreSQL stores no half of a surrogate pair: it becomes U+FFFD, like a byte that is not UTF-8. */
function unescape(text: string): string {
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string).toWellFormed() : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
