/** Values of metrics at one time, by their ids. A metric without data has none. */
export type Values = Readonly<Record<string, number | undefined>>;
/** Computes the value of an expression at one time. Undefined is missing data. */
export type Formula = (values: Values) => number | undefined;

type Operation = (left: number, right: number) => number;

/** Operators from the weakest to the strongest (CloudWatch user guide, "Using math expressions with CloudWatch metrics"). */
const LEVELS: readonly Readonly<Record<string, Operation>>[] = [
  { OR: (left, right) => Number(left !== 0 || right !== 0) },
  { AND: (left, right) => Number(left !== 0 && right !== 0) },
  {
    '>': (left, right) => Number(left > right),
    '>=': (left, right) => Number(left >= right),
    '<': (left, right) => Number(left < right),
    '<=': (left, right) => Number(left <= right),
    '==': (left, right) => Number(left === right),
    '!=': (left, right) => Number(left !== right),
  },
  { '+': (left, right) => left + right, '-': (left, right) => left - right },
  { '*': (left, right) => left * right, '/': (left, right) => left / right },
];
const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z]\w*|[<>=!]=|[<>()+\-*/,])/y;

/**
 * Reads an expression: numbers, metrics, operators, `FILL` with a number, and `IF`.
 * @param ids of the metrics
 * @throws {Error} for anything else
 */
export function readExpression(expression: string, ids: readonly string[]): Formula {
  const tokens = splitTokens(expression);
  const refuse = (what: string | undefined): Error =>
    new Error(`the local cloud does not know ${what ?? 'the end'} in the expression "${expression}"`);
  const take = (token: string): void => {
    const found = tokens.shift();
    if (found !== token) throw refuse(found);
  };

  const readLevel = (level: number): Formula => {
    const operations = LEVELS[level];
    if (operations === undefined) return readPart();
    let left = readLevel(level + 1);
    while (Object.hasOwn(operations, tokens[0] ?? '')) {
      left = combine(operations[tokens.shift()!]!, left, readLevel(level + 1));
    }
    return left;
  };
  const readPart = (): Formula => {
    const token = tokens.shift();
    if (token === '(') {
      const inner = readLevel(0);
      take(')');
      return inner;
    }
    if (token !== undefined && /^\d/.test(token)) return () => Number(token);
    if (tokens[0] === '(' && token === 'FILL') {
      const [series, filling] = readArguments(2);
      return (values) => series!(values) ?? filling!(values);
    }
    if (tokens[0] === '(' && token === 'IF') {
      const [condition, then, otherwise] = readArguments(3);
      return (values) => {
        const holds = condition!(values);
        return holds === undefined ? undefined : (holds !== 0 ? then! : otherwise!)(values);
      };
    }
    if (token === undefined || !ids.includes(token)) throw refuse(token);
    return (values) => values[token];
  };
  const readArguments = (count: number): Formula[] => {
    const found: Formula[] = [];
    for (let index = 0; index < count; index++) {
      take(index === 0 ? '(' : ',');
      found.push(readLevel(0));
    }
    take(')');
    return found;
  };

  const formula = readLevel(0);
  if (tokens.length > 0) throw refuse(tokens[0]);
  return formula;
}

/** A result that is not a number, such as that of a division by zero, is missing data. */
function combine(operation: Operation, left: Formula, right: Formula): Formula {
  return (values) => {
    const [a, b] = [left(values), right(values)];
    const result = a === undefined || b === undefined ? Number.NaN : operation(a, b);
    return Number.isFinite(result) ? result : undefined;
  };
}

function splitTokens(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const text = expression.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const [, token] = TOKEN.exec(text) ?? [];
    if (token === undefined) {
      throw new Error(`the local cloud does not know "${text.slice(at)}" in the expression "${expression}"`);
    }
    tokens.push(token);
  }
  return tokens;
}
