import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Job, readProjectFile, readWorkflow } from './read-workflow.ts';

const NAMES = readdirSync(new URL('../../../.github/workflows', import.meta.url));
const deploy = readWorkflow('deploy.yml');
const jobsOf = (name: string) => Object.entries(readWorkflow(name).jobs);
const runsOf = ({ steps = [] }: Job) => steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
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
    expect(script).toContain('npx cdk diff --all --method=template');
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
    expect([dev!.needs, prod!.needs]).toEqual(['check', 'deploy-dev']);
  });

  test.each([
    ['dev', dev!],
    ['prod', prod!],
  ])('deploys %s from the environment that its role trusts, one deployment at a time', (stage, job) => {
    expect(job.environment).toBe(stage);
    expect(job.concurrency).toEqual({ group: `deploy-${stage}`, 'cancel-in-progress': false });
    const variable = `vars.AWS_DEPLOYER_ROLE_ARN_${stage.toUpperCase()}`;
    const credentials = job.steps!.find(({ uses }) => uses?.startsWith('aws-actions/'));
    expect(credentials!.with).toEqual({
      'role-to-assume': `\${{ ${variable} }}`,
      'aws-region': `\${{ vars.AWS_REGION }}`,
    });
    expect(runsOf(job)).toEqual([
      'npm ci',
      `npx cdk deploy --all --require-approval never --no-color -c stage=${stage}`,
    ]);
  });

  test('deploys every stage of cdk.json and no other', () => {
    const { context } = JSON.parse(readProjectFile('cdk.json')) as { context: Record<string, object> };
    const named = Object.values(deploy.jobs).flatMap((job) => [
      ...runsOf(job).flatMap((run) => [...run.matchAll(/-c stage=(\w+)/g)].map(([, stage]) => stage!)),
      ...(job.strategy?.matrix.include ?? []).map(({ stage }) => stage!),
    ]);
    expect(new Set(named)).toEqual(new Set(Object.keys(context['retail:stages']!)));
  });
});
