import type { Node } from 'constructs';
import type { z } from 'zod';
import { STAGE_PATTERN } from '../../lambdas/shared/stacks.ts';
import { findConflicts } from './conflicts.ts';
import { SettingsSchema, type StageSettings } from './schema.ts';

const PREFIX = 'retail:';
const STAGES_KEY = `${PREFIX}stages`;
const DEFAULT_STAGE = 'dev';

/** The settings of one stage, and its name. */
export type Settings = StageSettings & { readonly stage: string };
type Values = Readonly<Record<string, unknown>>;

/**
 * Reads and checks the settings of the stage that `-c stage=NAME` asks for; without it, of `dev`.
 * A setting stands in `cdk.json` either as `retail:NAME`, for all stages, or in each stage of `retail:stages`;
 * `-c retail:NAME=VALUE` outweighs both.
 * @throws {Error} naming each setting that is missing, unknown, wrong or in conflict, and what to write
 */
export function readSettings(node: Node): Settings {
  const context = node.getAllContext() as Values;
  const stage = String(context.stage ?? DEFAULT_STAGE);
  const values = { ...valuesOfStage(context, stage), ...commonValues(context) };
  const result = SettingsSchema.safeParse(values);
  const problems = result.success
    ? findConflicts(result.data).map(({ name, message }) => describe(name, values, message))
    : result.error.issues.map((issue) => describeIssue(issue, values));
  if (problems.length > 0 || !result.success) {
    throw new Error(
      `wrong settings of the stage ${stage} (cdk.json or -c):\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  }
  return { stage, ...result.data };
}

function valuesOfStage(context: Values, stage: string): Values {
  const stages = Object(context[STAGES_KEY]) as Record<string, Values>;
  const values = Object.hasOwn(stages, stage) && STAGE_PATTERN.test(stage) ? stages[stage] : undefined;
  if (values === undefined) {
    const known = Object.keys(stages).join(', ') || 'none';
    throw new Error(
      `-c stage=${stage}: there is no such stage; ${STAGES_KEY} of cdk.json has ${known} (a name is at most 12 small letters and digits)`,
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
  if (name in values) return describe(name, values, issue.message);
  return `${PREFIX}${name}: missing; it is ${SettingsSchema.shape[name]?.description}`;
}

function describe(name: keyof StageSettings, values: Values, message: string): string {
  const value = name in values ? ` = ${JSON.stringify(values[name])}` : '';
  return `${PREFIX}${name}${value}: ${message}; it is ${SettingsSchema.shape[name]?.description}`;
}
