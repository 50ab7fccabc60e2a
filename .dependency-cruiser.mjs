/** Comes from @types/aws-lambda: there is no package of that name to run. */
const TYPES_ONLY = '^aws-lambda$';

/** Who may import whom, by folder: docs/architecture.md gives the reasons. `$1` is the folder of one function. */
const layers = {
  // `retail check` runs the parser itself.
  '^bin/': ['cli', 'lib', 'lambdas/parse/check-file[.]ts$'],
  '^cli/': ['cli', 'local', 'lambdas/core', 'lambdas/shared', 'package[.]json$'],
  '^lib/': ['lib', 'lambdas/core', 'lambdas/shared', 'lambdas/[^/]+/environment[.]ts$'],
  '^local/': ['local'],
  '^console/': ['console', 'lambdas/core'],
  '^tools/': ['tools', 'cli', 'lib', 'local', 'lambdas/core', 'lambdas/shared'],
  '^lambdas/core/': ['lambdas/core'],
  '^lambdas/shared/': ['lambdas/shared', 'lambdas/core'],
  // The API serves its own description.
  '^lambdas/(?!core/|shared/)([^/]+)/': [
    'lambdas/$1',
    'lambdas/shared',
    'lambdas/core',
    'docs/openapi[.]json$',
  ],
};

const rules = Object.entries(layers).map(([from, allowed]) => ({
  name: `${from} imports only ${allowed.join(', ')} and packages`,
  severity: 'error',
  from: { path: from },
  to: {
    path: '^[^.]',
    pathNot: [
      'node_modules',
      TYPES_ONLY,
      ...allowed.map((path) => (path.endsWith('$') ? `^${path}` : `^${path}/`)),
    ],
    dependencyTypesNot: ['core'],
  },
}));

export default {
  forbidden: [
    ...rules,
    {
      name: 'the core is pure: no AWS SDK',
      severity: 'error',
      from: { path: '^lambdas/core/' },
      to: { path: '@aws-sdk' },
    },
    {
      name: 'the core runs in a browser: no Node built-in',
      severity: 'error',
      from: { path: '^lambdas/core/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'the console runs in a browser: no Node built-in',
      severity: 'error',
      from: { path: '^console/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only tests import tests and tools',
      severity: 'error',
      from: { pathNot: '^(tools|test|[.]ci)/' },
      to: { path: '^(tools|test)/' },
    },
    {
      name: 'only tests import bin',
      severity: 'error',
      from: { pathNot: '^(bin|test|[.]ci)/' },
      to: { path: '^bin/' },
    },
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every import resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: TYPES_ONLY },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
