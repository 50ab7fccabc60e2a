import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Job, readProjectFile, readWorkflow } from './read-workflow.ts';

const NAMES = readdirSync(new URL('../../../.github/workflows', import.meta.url));
const deploy = readWorkflow('deploy.yml');
const jobsOf = (name: string) => Object.entries(readWorkflow(name).jobs);
const runsOf = ({ steps = [] }: Job) => steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
const everyStep = NAMES.flatMap((name) => jobsOf(name).flatMap(([, { steps = [] }]) => steps));

describe('every workflow', () => {
  test('may read the code and no more; a job that needs a token of GitHub’s asks for it itself', () => {
    expect(NAMES).toEqual(['ci.yml', 'deploy.yml']);
    for (const name of NAMES) {
      expect(readWorkflow(name).permissions, name).toEqual({ contents: 'read' });
      for (const [id, { permissions }] of jobsOf(name)) {
        expect([undefined, { contents: 'read', 'id-token': 'write' }], id).toContainEqual(permissions);
      }
    }
  });

  test('uses actions at a release or a commit', () => {
    const actions = everyStep.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(actions.length).toBeGreaterThan(4);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@(v\d+|[0-9a-f]{40})$/);
  });

  test('runs scripts and commands that are there', () => {
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

  test('takes no text of a pull request into a script, where it would be run', () => {
    for (const { run = '' } of everyStep) expect(run).not.toContain('${{');
  });
});

test('the checks of a pull request, and of main before it is deployed, are the README’s test command and more', () => {
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

  test('has its differences shown for each stage, with the role that reads, by templates alone', () => {
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

  test('is in no environment: its tokens are not those that the deploying role trusts', () => {
    expect(diff!.environment).toBeUndefined();
    for (const [id, job] of Object.entries(deploy.jobs)) {
      if (id !== 'diff') expect(job.if, id).toContain("github.event_name == 'push'");
    }
  });
});

describe('a push', () => {
  const { check, 'deploy-dev': dev, 'deploy-prod': prod } = deploy.jobs;

  test('to main alone deploys: dev when the checks passed, then prod', () => {
    expect(deploy.on.push).toEqual({ branches: ['main'] });
    expect(check!.uses).toBe('./.github/workflows/ci.yml');
    expect([dev!.needs, prod!.needs]).toEqual(['check', 'deploy-dev']);
  });

  test.each([
    ['dev', dev!],
    ['prod', prod!],
  ])(
    'deploys %s from the environment whose tokens its role trusts, and one deployment at a time',
    (stage, job) => {
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
    },
  );

  test('the stages that it names are those of cdk.json', () => {
    const { context } = JSON.parse(readProjectFile('cdk.json')) as { context: Record<string, object> };
    const named = Object.values(deploy.jobs).flatMap((job) => [
      ...runsOf(job).flatMap((run) => [...run.matchAll(/-c stage=(\w+)/g)].map(([, stage]) => stage!)),
      ...(job.strategy?.matrix.include ?? []).map(({ stage }) => stage!),
    ]);
    expect(new Set(named)).toEqual(new Set(Object.keys(context['retail:stages']!)));
  });
});
