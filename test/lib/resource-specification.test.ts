import { readFile } from 'node:fs/promises';
import { App, type CfnResource } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { buildApp } from '../../lib/app.ts';
import { temporaryDir } from '../local/temporary-dir.ts';

const outdir = temporaryDir();

async function appOf(stage: string): Promise<App> {
  const { context } = JSON.parse(await readFile('cdk.json', 'utf8')) as { context: object };
  return buildApp(new App({ outdir, context: { ...context, stage, 'aws:cdk:bundling-stacks': [] } }));
}

const queueOf = (app: App) =>
  app.node.findChild('RetailPipeline').node.findChild('Load').node.findChild('Rows').node.findChild('Queue')
    .node.defaultChild as CfnResource;

describe.each(['dev', 'prod'])('the templates of the stage %s', (stage) => {
  test('are what AWS’s resource specification allows', async () => {
    const app = await appOf(stage);
    expect(() => app.synth()).not.toThrow();
  });

  test.each([
    ['a value out of its range', 'VisibilityTimeout', 90_000],
    ['a property that there is not', 'VisibilityTimeoutSeconds', 30],
    ['a value of another type', 'DelaySeconds', 'soon'],
  ])('with %s are refused at synthesis', async (_, property, value) => {
    const app = await appOf(stage);
    queueOf(app).addPropertyOverride(property, value);
    expect(() => app.synth()).toThrow(property);
  });
});
