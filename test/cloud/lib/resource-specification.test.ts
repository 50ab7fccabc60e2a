import type { App, CfnResource } from 'aws-cdk-lib';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { newApp } from '../../support/synthesized-app.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const outdir = temporaryDir();

beforeAll(() => {
  vi.stubEnv('CDK_VALIDATION', 'true');
});

const appOf = (stage: string) => newApp({ stage }, outdir);

const queueOf = (app: App) =>
  app.node.findChild('RetailPipeline').node.findChild('Load').node.findChild('Rows').node.findChild('Queue')
    .node.defaultChild as CfnResource;

describe.each(['dev', 'prod'])('the templates of the stage %s', (stage) => {
  test('conform to AWS’s resource specification', () => {
    const app = appOf(stage);
    expect(() => app.synth()).not.toThrow();
  });

  test.each([
    ['a value outside its range', 'VisibilityTimeout', 90_000],
    ['an unknown property', 'VisibilityTimeoutSeconds', 30],
    ['a value of another type', 'DelaySeconds', 'soon'],
  ])('with %s are refused at synthesis', (_, property, value) => {
    const app = appOf(stage);
    queueOf(app).addPropertyOverride(property, value);
    expect(() => app.synth()).toThrow(property);
  });
});

test('a stage with an account and a region is synthesized without lookups', () => {
  const place = { 'retail:account': '111122223333', 'retail:region': 'eu-central-1' };
  const assembly = newApp({ stage: 'prod', ...place }, outdir).synth();
  expect(assembly.manifest.missing).toBeUndefined();
  expect(new Set(assembly.stacks.map(({ environment }) => environment.name))).toEqual(
    new Set(['aws://111122223333/eu-central-1']),
  );
});
