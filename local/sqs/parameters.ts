import { ServiceError } from '../gateway/service.ts';

/** Members of a request in JSON, or of an entry of a batch. */
export type Parameters = Readonly<Record<string, unknown>>;

/** @throws {ServiceError} UnsupportedOperation for the first parameter that the local cloud does not support */
export function refuseUnknown(action: string, parameters: Parameters, known: readonly string[]): void {
  const unknown = Object.keys(parameters).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ServiceError('UnsupportedOperation', `the local cloud does not support ${action}'s ${unknown}`);
}

/** @throws {ServiceError} MissingParameter or InvalidParameterValue */
export function readString(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (value === undefined || value === '') throw missing(name);
  if (typeof value !== 'string') throw invalid(name, value, 'Must be a string.');
  return value;
}

/**
 * @param fallback value of a parameter that is not set; without it, the parameter is required
 * @throws {ServiceError} MissingParameter or InvalidParameterValue
 */
export function readInteger(
  parameters: Parameters,
  name: string,
  [min, max]: readonly [number, number],
  fallback?: number,
): number {
  const value = parameters[name] ?? fallback;
  if (value === undefined) throw missing(name);
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw invalid(name, value, `Must be between ${min} and ${max}, if provided.`);
}

/** @throws {ServiceError} InvalidParameterValue */
export function readNames(parameters: Parameters, name: string): readonly string[] {
  const value = parameters[name] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw invalid(name, value, 'Must be a list of names.');
}

export function invalid(name: string, value: unknown, reason: string): ServiceError {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return invalidValue(`Value ${text} for parameter ${name} is invalid. Reason: ${reason}`);
}

export function invalidValue(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}

function missing(name: string): ServiceError {
  return new ServiceError('MissingParameter', `The request must contain the parameter ${name}.`);
}
