import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { newApp } from '../../support/synthesized-app.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { ACKNOWLEDGED } from './acknowledged-findings.ts';

const PACKS = ['AwsSolutions', 'NIST.800.53.R5', 'Serverless'];
/** A reference to the output of another stack, as a finding names it. */
const STACK_OUTPUT = /\{"Fn::GetStackOutput":\{"StackName":"([^"]+)",.*?"OutputName":"([^"]+)"\}\}/;
const parent = temporaryDir();

interface Report {
  readonly pluginReports: {
    readonly pluginName: string;
    readonly violations: {
      readonly ruleName: string;
      readonly violatingConstructs: { readonly constructPath: string }[];
    }[];
  }[];
}

/** Settings of each variant: the two stages with alarms, and one with every optional feature. */
const VARIANTS = {
  dev: { stage: 'dev', 'retail:monitoring': true },
  prod: { stage: 'prod' },
  full: {
    stage: 'prod',
    'retail:region': 'eu-central-1',
    'retail:backupCopyRegion': 'eu-west-1',
    'retail:backupLockGraceDays': 30,
    'retail:githubRepository': 'owner/name',
    'retail:notify': [
      { store: 'main', emails: ['shop@example.com'], webhook: 'https://shop.example.com/hook' },
    ],
    'retail:notifyFrom': 'receipts@example.com',
    'retail:apiJwtIssuer': 'https://login.example.com/',
    'retail:apiJwtAudience': 'retail',
    'retail:apiCorsOrigins': 'https://shop.example.com',
    'retail:consoleSignIn': 'cognito',
    'retail:quicksightPrincipalArn': 'arn:aws:quicksight:eu-central-1:111122223333:group/default/analysts',
    'retail:quicksightImport': 'spice',
    'retail:quicksightRefreshTime': '05:30',
  },
};

/** Runs the packs on a variant and returns the findings, `rule at path`. @param change changes the app first */
async function findingsOf(
  variant: keyof typeof VARIANTS,
  change: (app: App) => void = () => undefined,
): Promise<string[]> {
  const settings = VARIANTS[variant];
  const outdir = await mkdtemp(join(parent, 'nag-'));
  // The report has the findings.
  const app = newApp({ ...settings, '@aws-cdk/core:failSynthOnValidationErrors': false }, outdir);
  Validations.of(app).addPlugins(
    new AwsSolutionsChecks(app),
    new NIST80053R5Checks(app),
    new ServerlessChecks(app),
  );
  change(app);
  app.synth();
  const { pluginReports } = JSON.parse(
    await readFile(join(outdir, 'validation-report.json'), 'utf8'),
  ) as Report;
  const packs = pluginReports.filter(({ pluginName }) => PACKS.includes(pluginName));
  expect(packs.map(({ pluginName }) => pluginName).sort()).toEqual(PACKS);
  return packs.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => {
        const rule = ruleName
          .replaceAll(`retail-${settings.stage}-`, 'retail-STAGE-')
          .replaceAll('eu-central-1', '<AWS::Region>')
          .replace(STACK_OUTPUT, '<$1.$2>');
        return `${rule} at ${constructPath.replace(/\/Resource$/, '')}`;
      }),
    ),
  );
}

describe.each(['dev', 'prod', 'full'] as const)('the rule packs in the variant %s', (variant) => {
  test('find exactly the acknowledged findings', async () => {
    const acknowledged = ACKNOWLEDGED.filter(({ only = [variant] }) => only.includes(variant)).flatMap(
      ({ rules, at }) => rules.flatMap((rule) => at.map((path) => `${rule} at ${path}`)),
    );
    expect(new Set(acknowledged).size, 'acknowledged twice').toBe(acknowledged.length);
    expect((await findingsOf(variant)).sort()).toEqual(acknowledged.sort());
  });
});

test('the packs detect a new finding', async () => {
  const findings = await findingsOf('dev', (app) => {
    new CfnBucket(app.node.findChild('RetailData'), 'Careless');
  });
  expect(findings).toContain('AwsSolutions-S1 at RetailData/Careless');
});

test('every acknowledgement has a reason', () => {
  for (const { reason, rules } of ACKNOWLEDGED) expect(reason.length, rules[0]).toBeGreaterThan(20);
});
