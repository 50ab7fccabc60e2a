/** An environment variable: its name, its allowed values and how its text is read. */
export interface Variable<Value> {
  readonly name: string;
  /** Completes "it must be …" in an error. */
  readonly allowed: string;
  /** @returns undefined if the text is not an allowed value */
  parse(text: string): Value | undefined;
}

export type Variables = Readonly<Record<string, Variable<unknown>>>;
export type Environment<Declared extends Variables> = {
  readonly [Key in keyof Declared]: Declared[Key] extends Variable<infer Value> ? Value : never;
};

/** Declares a text, such as a name, an ARN or a URL. */
export function text(name: string): Variable<string> {
  return { name, allowed: 'a text that is not empty', parse: (value) => value || undefined };
}

/** Declares texts without commas, such as ARNs. */
export function texts(name: string): Variable<readonly string[]> {
  return {
    name,
    allowed: 'texts separated by commas',
    parse: (value) => {
      const parts = value.split(',');
      return parts.includes('') ? undefined : parts;
    },
  };
}

/** Declares a whole number, at least 1 unless `min` says otherwise. */
export function integer(name: string, min = 1, max = Number.MAX_SAFE_INTEGER): Variable<number> {
  return {
    name,
    allowed:
      max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
    parse: (value) => {
      const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : undefined;
    },
  };
}

/** The connection to the database: the cluster, and the secret of the role that the function logs in as. */
export const DATABASE_VARIABLES = {
  clusterArn: text('CLUSTER_ARN'),
  databaseName: text('DATABASE_NAME'),
  secretArn: text('DATABASE_SECRET_ARN'),
};

/**
 * Reads the declared variables from `source`.
 * @throws {Error} that names every wrong variable, its value and the allowed values
 */
export function readEnvironment<Declared extends Variables>(
  declared: Declared,
  source: Readonly<Record<string, string | undefined>>,
): Environment<Declared> {
  const problems: string[] = [];
  const entries = Object.entries(declared).map(([key, variable]) => {
    const value = source[variable.name];
    const parsed = value === undefined ? undefined : variable.parse(value);
    if (parsed === undefined) {
      const found = value === undefined ? 'missing' : JSON.stringify(value);
      problems.push(`${variable.name} is ${found}, it must be ${variable.allowed}`);
    }
    return [key, parsed];
  });
  if (problems.length > 0) {
    const all = problems.join('; ');
    throw new Error(`Wrong environment: ${all}. lib/ sets these variables: deploy the stage again.`);
  }
  return Object.fromEntries(entries) as Environment<Declared>;
}

/**
 * Writes the declared variables as `readEnvironment` reads them.
 * @throws {Error} that names every wrong variable, its value and the allowed values
 */
export function writeEnvironment<Declared extends Variables>(
  declared: Declared,
  values: Environment<Declared>,
): Record<string, string> {
  const entries = Object.entries(declared).map(([key, { name }]) => [name, String(values[key])]);
  const written: Record<string, string> = Object.fromEntries(entries);
  readEnvironment(declared, written);
  return written;
}
