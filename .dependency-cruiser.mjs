/** Comes from @types/aws-lambda: there is no package of that name to run. */
const TYPES_ONLY = '^aws-lambda$';

/** Who may import whom: docs/architecture.md has the reasons. */
const layers = {
  bin: ['cli', 'lib', 'samples'],
  cli: ['local', 'lambdas/contract'],
  lib: ['lambdas/contract'],
  local: ['lambdas/contract'],
  samples: [],
  bench: ['cli', 'cost', 'lib', 'local', 'samples', 'lambdas/contract', 'lambdas/core'],
  access: ['chaos', 'cli', 'local', 'samples', 'lambdas/contract'],
  cost: ['cli', 'lib', 'local', 'samples', 'lambdas/contract', 'lambdas/core'],
  chaos: ['cli', 'local', 'samples', 'lambdas/contract'],
  'lambdas/contract': [],
  'lambdas/core': ['lambdas/contract'],
  'lambdas/aws': ['lambdas/core', 'lambdas/contract'],
  'lambdas/parser': ['lambdas/aws', 'lambdas/core', 'lambdas/contract'],
  'lambdas/consumer': ['lambdas/aws', 'lambdas/core', 'lambdas/contract'],
  'lambdas/sweeper': ['lambdas/aws', 'lambdas/core', 'lambdas/contract'],
  'lambdas/verifier': ['lambdas/aws', 'lambdas/core', 'lambdas/contract'],
  'lambdas/rotator': ['lambdas/aws', 'lambdas/core', 'lambdas/contract'],
  'lambdas/migrate': ['lambdas/aws', 'lambdas/core', 'lambdas/contract'],
};

const rules = Object.entries(layers).map(([folder, allowed]) => ({
  name: `${folder} imports only ${allowed.join(', ') || 'packages'}`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: {
    path: '^[^.]',
    pathNot: ['node_modules', TYPES_ONLY, ...[folder, ...allowed].map((layer) => `^${layer}/`)],
    dependencyTypesNot: ['core'],
  },
}));

export default {
  forbidden: [
    ...rules,
    {
      name: 'core is pure: no AWS SDK',
      severity: 'error',
      from: { path: '^lambdas/(core|contract)/' },
      to: { path: '@aws-sdk' },
    },
    {
      name: 'nobody imports bin or test',
      severity: 'error',
      from: { pathNot: '^(bin|test)/' },
      to: { path: '^(bin|test)/' },
    },
    { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every import is there',
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
      extensions: ['.ts', '.mjs', '.js'],
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
