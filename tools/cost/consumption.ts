import table from './consumption.json' with { type: 'json' };

/** A function whose work is measured, by its folder under `lambdas/`. */
export type FunctionName = keyof typeof table.metrics;

/**
 * Measured consumption of one million rows of one file, of one more file with a single row, and of the scheduled
 * functions. `npm run bench -- --only consumption --write` measures it. `emptyDatabaseBytes` is the size of a database
 * that has the schema and no row.
 */
export type Consumption = typeof table;

/**
 * Resources that files, their rows and their receipts used. Requests are those that AWS bills: of 64 KB in SQS, of 32 KB in the Data
 * API. `databaseBytes` is the growth of the database, `walBytes` the bytes written to the write-ahead log.
 */
export type Usage = Consumption['perMillionRows'];

/**
 * Time of a function's invocations on the machine that measured them: processor time of the function's thread, and the
 * rest, in which the function waited for the queue, the bucket or the database.
 */
export type Work = Usage['parse'];

/** One invocation of a scheduled function, with the objects that it writes. */
export type ScheduledUsage = Consumption['perSweep'];

export const MEASURED_CONSUMPTION: Consumption = table;
export const CONSUMPTION_FILE = new URL('./consumption.json', import.meta.url);

/** Combines the numbers of two objects that have the same shape. */
export function combine<Shape extends object>(
  one: Shape,
  two: Shape,
  compute: (one: number, two: number) => number,
): Shape {
  const entries = Object.entries(one).map(([key, value]) => {
    const other = two[key as keyof Shape];
    return [key, typeof value === 'number' ? compute(value, Number(other)) : combine(value, other, compute)];
  });
  return Object.fromEntries(entries) as Shape;
}

/** Computes a number for each function. */
export function mapFunctions(compute: (name: FunctionName) => number): Record<FunctionName, number> {
  return {
    parse: compute('parse'),
    load: compute('load'),
    notify: compute('notify'),
    sweep: compute('sweep'),
    verify: compute('verify'),
  };
}
