import type { CfnResource } from 'aws-cdk-lib';
import { beforeAll, expect, test, vi } from 'vitest';
import { newApp } from '../../support/synthesized-app.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const outdir = temporaryDir();

beforeAll(() => {
  vi.stubEnv('CDK_VALIDATION', 'true');
});

const appOf = (stage: string) => newApp({ stage }, outdir);

test.each(['dev', 'prod'])(
  'the templates of the stage %s conform to AWS’s resource specification',
  (stage) => {
    const app = appOf(stage);
    expect(() => app.synth()).not.toThrow();
  },
);

test.each(['dev', 'prod'])('wrong properties in the stage %s are refused at synthesis', (stage) => {
  const app = appOf(stage);
  const wrong = [
    // A value outside its range, an unknown property and a value of another type.
    ['Queue', 'VisibilityTimeout', 90_000],
    ['DeadLetterQueue', 'VisibilityTimeoutSeconds', 30],
    ['Queue', 'DelaySeconds', 'soon'],
  ] as const;
  const rows = app.node.findChild('RetailPipeline').node.findChild('Load').node.findChild('Rows').node;
  for (const [id, property, value] of wrong) {
    (rows.findChild(id).node.defaultChild as CfnResource).addPropertyOverride(property, value);
  }
  let refusal = '';
  try {
    app.synth();
  } catch (error) {
    refusal = String(error);
  }
  for (const [, property] of wrong) expect(refusal).toMatch(new RegExp(`\\b${property}\\b`));
});

test('a stage with an account and a region is synthesized without lookups', () => {
  const place = { 'retail:account': '111122223333', 'retail:region': 'eu-central-1' };
  const assembly = newApp({ stage: 'prod', ...place }, outdir).synth();
  expect(assembly.manifest.missing).toBeUndefined();
  expect(new Set(assembly.stacks.map(({ environment }) => environment.name))).toEqual(
    new Set(['aws://111122223333/eu-central-1']),
  );
});
