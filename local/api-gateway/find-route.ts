import type { RouteModel } from '../assembly/readers/api-readers.ts';

/** More than a path has. */
const MAX_VARIABLES = 1_000;

interface FoundRoute {
  readonly route: RouteModel;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the route of a request (API Gateway developer guide, "Routing API requests"): one without a variable for the rest
 * of the path, and then the one with the fewest variables in its path.
 * @param path decoded, with its slashes
 */
export function findRoute(
  routes: readonly RouteModel[],
  method: string,
  path: string,
): FoundRoute | undefined {
  const found = routes.flatMap((route) => {
    const [wanted = '', template = ''] = route.key.split(' ');
    const pathParameters = wanted === method || wanted === 'ANY' ? matchPath(template, path) : undefined;
    return pathParameters === undefined ? [] : [{ route, pathParameters }];
  });
  const variables = ({ route, pathParameters }: FoundRoute) =>
    Object.keys(pathParameters).length + (route.key.endsWith('+}') ? MAX_VARIABLES : 0);
  return found.sort((a, b) => variables(a) - variables(b))[0];
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const [wanted, parts] = [template.split('/'), path.split('/')];
  const rest = /^\{(\w+)\+\}$/.exec(wanted.at(-1)!)?.[1];
  if (rest !== undefined) wanted.splice(-1, 1, `{${rest}}`);
  // A reader of the path may resolve dots in its rest too.
  if (rest !== undefined && parts.slice(wanted.length - 1).some((part) => ['', '.', '..'].includes(part))) {
    return undefined;
  }
  const given =
    rest === undefined
      ? parts
      : [...parts.slice(0, wanted.length - 1), parts.slice(wanted.length - 1).join('/')];
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index]!;
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    if (name === undefined && part !== value) return undefined;
    // A reader of the path may resolve dots.
    if (name !== undefined && ['', '.', '..'].includes(value)) return undefined;
    if (name !== undefined) parameters[name] = value;
  }
  return parameters;
}
