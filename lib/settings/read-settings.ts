import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Node } from 'constructs';
import type { z } from 'zod';
import type { RulesDocument } from '../../lambdas/core/rules.ts';
import { STAGE_PATTERN } from '../../lambdas/shared/stacks.ts';
import { checkConflicts } from './conflicts.ts';
import { readProfiles } from './profiles.ts';
import { buildRulesDocument } from './rules.ts';
import { SettingsSchema, type StageSettings } from './schema.ts';

const PREFIX = 'retail:';
const STAGES_KEY = `${PREFIX}stages`;
const DEFAULT_STAGE = 'dev';
const PROFILES = fileURLToPath(new URL('../../profiles', import.meta.url));
const CDK_FILE = new URL('../../cdk.json', import.meta.url);

/** The settings of a stage, its name, and the rules of its stores. */
export type Settings = StageSettings & { readonly stage: string; readonly rules: RulesDocument };
type Values = Readonly<Record<string, unknown>>;

/**
 * Reads and checks the settings of a stage: the one of `-c stage=NAME`, by default `dev`. In `cdk.json` a setting is
 * either `retail:NAME`, for all stages, or part of each stage in `retail:stages`. `-c retail:NAME=VALUE` overrides both.
 * @param profiles folder with the profiles of the stores
 * @throws {Error} that names each setting that is missing, unknown, wrong or in conflict, and the correction
 */
export function readSettings(node: Pick<Node, 'getAllContext'>, profiles = PROFILES): Settings {
  const context = node.getAllContext() as Values;
  refuseMistypedKeys(Object.keys(context));
  const stage = String(context.stage ?? DEFAULT_STAGE);
  const values = { ...valuesOfStage(context, stage), ...commonValues(context) };
  const { success, data, error } = SettingsSchema.superRefine(checkConflicts).safeParse(values);
  if (success) {
    const knownStores = data.unknownStores === 'refuse' ? data.stores : undefined;
    return { stage, ...data, rules: buildRulesDocument(data, readProfiles(profiles, knownStores)) };
  }
  const problems = error.issues.map((issue) => `\n  ${describeIssue(issue, values)}`);
  throw new Error(`Wrong settings of the stage ${stage} (cdk.json or -c):${problems.join('')}`);
}

/** Reads the settings of a stage from `cdk.json` and `profiles/`, as the next deployment will have them. */
export function readStageSettings(stage = DEFAULT_STAGE): Settings {
  const { context } = JSON.parse(readFileSync(CDK_FILE, 'utf8')) as { context: Values };
  return readSettings({ getAllContext: () => ({ ...context, stage }) });
}

/** Refuses a key such as `Stage` or `databaseMaxAcu`. The CDK's own keys have a separator, as `aws:cdk:…`. */
function refuseMistypedKeys(keys: readonly string[]): void {
  const mistyped = keys.filter((key) => /^[A-Za-z]+$/.test(key) && key !== 'stage');
  if (mistyped.length === 0) return;
  const problems = mistyped.map(
    (key) => `\n  ${key}: write ${key in SettingsSchema.shape ? PREFIX + key : `stage or ${PREFIX}NAME`}`,
  );
  throw new Error(`Unknown context (cdk.json or -c):${problems.join('')}`);
}

function valuesOfStage(context: Values, stage: string): Values {
  const stages = Object(context[STAGES_KEY]) as Record<string, Values>;
  const values = Object.hasOwn(stages, stage) && STAGE_PATTERN.test(stage) ? stages[stage] : undefined;
  if (values === undefined) {
    const known = Object.keys(stages).join(', ') || 'none';
    throw new Error(
      `-c stage=${stage}: unknown stage; ${STAGES_KEY} in cdk.json has ${known} (a name has at most 12 lower-case letters and digits)`,
    );
  }
  return values;
}

function commonValues(context: Values): Values {
  const entries = Object.entries(context).filter(([key]) => key.startsWith(PREFIX) && key !== STAGES_KEY);
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(PREFIX.length), value]));
}

function describeIssue(issue: z.core.$ZodIssue, values: Values): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(SettingsSchema.shape).map((key) => PREFIX + key);
    return `${issue.keys.map((key) => PREFIX + key).join(', ')}: unknown; the settings are ${known.join(', ')}`;
  }
  const name = String(issue.path[0]) as keyof StageSettings;
  const value = name in values ? ` = ${JSON.stringify(values[name])}` : '';
  // Only a conflict has its own message for a missing setting.
  const message = value !== '' || issue.code === 'custom' ? issue.message : 'missing';
  return `${PREFIX}${name}${value}: ${message}; it is ${SettingsSchema.shape[name]?.description}`;
}
