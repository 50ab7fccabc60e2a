import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Job, readProjectFile, readWorkflow } from './read-workflow.ts';

const NAMES = readdirSync(new URL('../../../.github/workflows', import.meta.url));
const deploy = readWorkflow('deploy.yml');
const jobsOf = (name: string) => Object.entries(readWorkflow(name).jobs);
const runsOf = ({ steps = [] }: Job) => steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
const inputsOf = ({ steps = [] }: Job, action: string) =>
  steps.find(({ uses }) => uses?.startsWith(`${action}@`))?.with;
const everyStep = NAMES.flatMap((name) => jobsOf(name).flatMap(([, { steps = [] }]) => steps));

describe('every workflow', () => {
  test('may only read the code; a job that needs an OIDC token requests it itself', () => {
    expect(NAMES).toEqual(['ci.yml', 'deploy.yml']);
    for (const name of NAMES) {
      expect(readWorkflow(name).permissions, name).toEqual({ contents: 'read' });
      for (const [id, { permissions }] of jobsOf(name)) {
        expect([undefined, { contents: 'read', 'id-token': 'write' }], id).toContainEqual(permissions);
      }
    }
  });

  test('pins each action to a commit', () => {
    const actions = everyStep.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(actions.length).toBeGreaterThan(4);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  test('runs only existing scripts and commands', () => {
    const { scripts, devDependencies } = JSON.parse(readProjectFile('package.json')) as Record<
      string,
      object
    >;
    const commands = everyStep.flatMap(({ run = '' }) => run.split('\n'));
    for (const [, script] of commands.join('\n').matchAll(/npm run (?:--silent )?([\w-]+)/g)) {
      expect(scripts).toHaveProperty([script!]);
    }
    const tools = [...commands.join('\n').matchAll(/npx ([\w-]+)/g)].map(([, tool]) => tool);
    expect(new Set(tools)).toEqual(new Set(['cdk']));
    expect(devDependencies).toHaveProperty(['aws-cdk']);
    for (const file of commands.filter((command) => command.startsWith('.'))) {
      expect(readProjectFile(file)).toMatch(/^#!/);
    }
  });

  test('inserts no expression into a script, so that the text of a pull request is never executed', () => {
    for (const { run = '' } of everyStep) expect(run).not.toContain('${{');
  });
});

test('pull requests, and main before a deployment, run .ci/run, which includes the test command of the README', () => {
  const ci = readWorkflow('ci.yml');
  expect(Object.keys(ci.on)).toEqual(['pull_request', 'workflow_call']);
  expect(Object.values(ci.jobs).flatMap(runsOf)).toEqual(['.ci/run']);
  const lines = readProjectFile('.ci/run').split('\n');
  expect(readProjectFile('README.md')).toContain('\nnpm ci && npm test\n');
  expect(lines.some((line) => line.startsWith('npm ci '))).toBe(true);
  expect(lines.some((line) => line.startsWith('npm test '))).toBe(true);
});

describe('a pull request', () => {
  const { diff } = deploy.jobs;

  test('shows the differences of each stage, with the read-only role and from templates only', () => {
    expect(diff!.if).toContain("github.event_name == 'pull_request'");
    expect(diff!.strategy!.matrix.include).toEqual([
      { stage: 'dev', role: 'AWS_READER_ROLE_ARN_DEV' },
      { stage: 'prod', role: 'AWS_READER_ROLE_ARN_PROD' },
    ]);
    const script = runsOf(diff!).join('\n');
    expect(script).toContain('npx cdk diff --all --app cdk.out --method=template');
    expect(script).toContain('$GITHUB_STEP_SUMMARY');
    expect(script).not.toContain('deploy');
  });

  test('has no environment, so that the deployer role does not trust its tokens', () => {
    expect(diff!.environment).toBeUndefined();
    for (const [id, job] of Object.entries(deploy.jobs)) {
      if (id !== 'diff') expect(job.if, id).toContain("github.event_name == 'push'");
    }
  });
});

describe('a push', () => {
  const { check, 'deploy-dev': dev, 'deploy-prod': prod } = deploy.jobs;

  test('deploys only from main: dev after the checks, then prod', () => {
    expect(deploy.on.push).toEqual({ branches: ['main'] });
    expect(check!.uses).toBe('./.github/workflows/ci.yml');
    expect([dev!.needs, prod!.needs]).toEqual([['check', 'synth'], 'deploy-dev']);
  });

  test.each([
    ['dev', dev!],
    ['prod', prod!],
  ])('deploys %s from the environment that its role trusts, one deployment at a time', (stage, job) => {
    expect(job.environment).toBe(stage);
    expect(job.concurrency).toEqual({ group: `deploy-${stage}`, 'cancel-in-progress': false });
    const variable = `vars.AWS_DEPLOYER_ROLE_ARN_${stage.toUpperCase()}`;
    expect(inputsOf(job, 'aws-actions/configure-aws-credentials')).toEqual({
      'role-to-assume': `\${{ ${variable} }}`,
      'aws-region': `\${{ vars.AWS_REGION }}`,
    });
    expect(runsOf(job)).toEqual([
      'npm ci --ignore-scripts',
      'npx cdk deploy --all --app cdk.out --require-approval never --no-color',
    ]);
    expect(inputsOf(job, 'actions/download-artifact')).toEqual({ name: `cdk-out-${stage}`, path: 'cdk.out' });
  });

  test('deploys every stage of cdk.json and no other', () => {
    const { context } = JSON.parse(readProjectFile('cdk.json')) as { context: Record<string, object> };
    const stages = Object.keys(context['retail:stages']!);
    const { synth, diff } = deploy.jobs;
    for (const job of [synth, diff]) {
      expect(job!.strategy!.matrix.include.map(({ stage }) => stage)).toEqual(stages);
    }
    const deployers = Object.keys(deploy.jobs).filter((id) => id.startsWith('deploy-'));
    expect(deployers).toEqual(stages.map((stage) => `deploy-${stage}`));
  });
});

describe('a job with an OIDC token', () => {
  const withToken = NAMES.flatMap(jobsOf).filter(([, { permissions }]) => permissions?.['id-token']);

  test('runs no install script and no code of the project: only the CDK, on templates of a job without a token', () => {
    expect(withToken.map(([id]) => id)).toEqual(['diff', 'deploy-dev', 'deploy-prod']);
    for (const [id, job] of withToken) {
      const [install, ...commands] = runsOf(job);
      expect(install, id).toBe('npm ci --ignore-scripts');
      for (const [command] of commands.join('\n').matchAll(/\b(?:node|npm|npx)\b.*/g)) {
        expect(command, id).toMatch(/^npx cdk (?:diff|deploy) --all --app cdk\.out /);
      }
      // cdk.json, whose key "build" is a command that the CDK runs, is not there either.
      expect(inputsOf(job, 'actions/checkout'), id).toEqual({
        'persist-credentials': false,
        'sparse-checkout-cone-mode': false,
        'sparse-checkout': '/package.json\n/package-lock.json\n',
      });
      // A job without a token can write to the cache.
      expect(inputsOf(job, 'actions/setup-node'), id).toEqual({ 'node-version': 24 });
    }
  });

  test('uses the templates that the job without a token synthesized for the stage', () => {
    const { synth, diff } = deploy.jobs;
    expect(synth!.permissions).toBeUndefined();
    expect(runsOf(synth!)).toEqual(['npm ci', 'npx cdk synth --all --quiet -c "stage=$STAGE"']);
    const name = `cdk-out-\${{ matrix.stage }}`;
    expect(inputsOf(synth!, 'actions/upload-artifact')).toMatchObject({ name, path: 'cdk.out' });
    expect(inputsOf(diff!, 'actions/download-artifact')).toEqual({ name, path: 'cdk.out' });
  });
});
