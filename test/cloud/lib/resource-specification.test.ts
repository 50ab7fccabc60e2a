import type { App, CfnResource } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { newApp } from '../../support/synthesized-app.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const outdir = temporaryDir();

const appOf = (stage: string) => newApp({ stage }, outdir);

const queueOf = (app: App) =>
  app.node.findChild('RetailPipeline').node.findChild('Load').node.findChild('Rows').node.findChild('Queue')
    .node.defaultChild as CfnResource;

describe.each(['dev', 'prod'])('the templates of the stage %s', (stage) => {
  test('are what AWS’s resource specification allows', () => {
    const app = appOf(stage);
    expect(() => app.synth()).not.toThrow();
  });

  test.each([
    ['a value out of its range', 'VisibilityTimeout', 90_000],
    ['a property that there is not', 'VisibilityTimeoutSeconds', 30],
    ['a value of another type', 'DelaySeconds', 'soon'],
  ])('with %s are refused at synthesis', (_, property, value) => {
    const app = appOf(stage);
    queueOf(app).addPropertyOverride(property, value);
    expect(() => app.synth()).toThrow(property);
  });
});

test('a stage with account and region of its own is synthesized without looking anything up', () => {
  const place = { 'retail:account': '111122223333', 'retail:region': 'eu-central-1' };
  const assembly = newApp({ stage: 'prod', ...place }, outdir).synth();
  expect(assembly.manifest.missing).toBeUndefined();
  expect(new Set(assembly.stacks.map(({ environment }) => environment.name))).toEqual(
    new Set(['aws://111122223333/eu-central-1']),
  );
});
