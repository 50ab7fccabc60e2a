import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { createProgram, createTerminalContext } from '../../../cli/main.ts';
import { backupVaultName } from '../../../lib/data/backup.ts';
import { SettingsSchema } from '../../../lib/settings/schema.ts';
import { readAlarms, type TemplateAlarm } from '../../support/alarms.ts';
import { type SynthesizedStack, synthesizeStack } from '../../support/synthesized-app.ts';

const root = new URL('../../../', import.meta.url);
const stages = ['dev', 'prod'] as const;
let runbook: string;
let operations: Record<(typeof stages)[number], SynthesizedStack>;
let alarms: TemplateAlarm[];

beforeAll(async () => {
  runbook = await readFile(new URL('docs/runbook.md', root), 'utf8');
  const synthesize = (stage: string) =>
    synthesizeStack('RetailOperations', {
      'retail:monitoring': true,
      'retail:deadlines': [{ time: '22:00', timeZone: 'Europe/Oslo' }],
      stage,
    });
  operations = { dev: synthesize('dev'), prod: synthesize('prod') };
  alarms = stages.flatMap((stage) => readAlarms(operations[stage]));
});

/** Returns the text under each heading of the part on alarms. */
function sections(): Map<string, string> {
  const [, part = ''] = runbook.split(/^# Alarms$/m);
  const [alarmsPart = ''] = part.split(/^# /m);
  const pairs = alarmsPart.split(/^## /m).slice(1);
  return new Map(pairs.map((text) => [text.slice(0, text.indexOf('\n')), text]));
}

/** Makes an anchor of a heading as GitHub does. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

test('every alarm of every stage has a heading in the runbook, and every heading an alarm', () => {
  expect(alarms.length).toBeGreaterThan(60);
  expect([...sections().keys()].sort()).toEqual([...new Set(alarms.map(({ heading }) => heading))].sort());
});

test('no alarm has two headings', () => {
  const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings.filter((heading, place) => headings.indexOf(heading) !== place)).toEqual([]);
});

test('an alarm’s name begins with its stage, and its text names its heading', () => {
  for (const stage of stages) {
    for (const { name, heading, description } of readAlarms(operations[stage])) {
      expect(name.replace(/ \((main|oslo)\)$/, '')).toBe(`retail-${stage}/${heading}`);
      expect(description).toContain(`See docs/runbook.md, "${heading}".`);
    }
  }
});

test('the severity of an alarm is the same in its text, in its topic and in the runbook', () => {
  for (const stage of stages) {
    const outputs = { critical: 'CriticalAlarmTopicArn', warning: 'WarningAlarmTopicArn' };
    const topicOf = (severity: keyof typeof outputs) =>
      operations[stage].template.Outputs![outputs[severity]]!.Value;
    for (const { heading, description, topics } of readAlarms(operations[stage])) {
      const [, severity] = /^\[(critical|warning)\] /.exec(description)!;
      expect(topics, heading).toEqual([topicOf(severity as keyof typeof outputs)]);
      expect(sections().get(heading), heading).toContain(`**Severity:** ${severity}.`);
    }
  }
});

test('every alarm has its meaning, how to look and what to do', () => {
  for (const [heading, text] of sections()) {
    for (const part of ['**Means:** ', '**Look:**\n```sh\n', '**Do:** '])
      expect(text, heading).toContain(part);
  }
});

test('every link within the runbook leads to a heading', () => {
  const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
  const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!);
  expect(links.length).toBeGreaterThan(10);
  for (const link of links) expect(anchors).toContain(link);
});

test('the commands of the runbook exist and name the stage', () => {
  const known = createProgram(createTerminalContext(async () => undefined)).commands.map((command) =>
    command.name(),
  );
  const lines = [...runbook.matchAll(/(?:^|`)retail ([a-z-]+)([^`\n]*)/gm)];
  expect(lines.length).toBeGreaterThan(20);
  for (const [line, command] of lines) expect(known, line).toContain(command);
  const inBlocks = [...runbook.matchAll(/^retail .*$/gm)].map(([line]) => line);
  expect(inBlocks.filter((line) => !line.endsWith(' --stage $STAGE'))).toEqual([]);
});

test('the commands of the runbook name functions, logs and schedules of the pipeline stack', () => {
  const pipeline = synthesizeStack('RetailPipeline', { 'retail:monitoring': true, stage: 'prod' });
  const ids = (type: string) => pipeline.ofType(type).map(({ logicalId }) => logicalId);
  const named = (pattern: RegExp) => [...runbook.matchAll(pattern)].map(([, name]) => name!);
  const one = (type: string, name: string) => {
    expect(
      ids(type).filter((id) => id.startsWith(name)),
      `${type} ${name}`,
    ).toHaveLength(1);
  };
  const logs = named(/(?:^|`)logs ([A-Z]\w+)/gm);
  expect(logs.length).toBeGreaterThan(20);
  for (const name of logs) one('AWS::Logs::LogGroup', name);
  for (const name of named(/`invoke (\w+)/g)) one('AWS::Lambda::Function', name);
  for (const name of named(/physical AWS::Events::Rule (\w+)/g)) one('AWS::Events::Rule', name);
});

test('every setting that the runbook names exists', () => {
  const names = [...runbook.matchAll(/`retail:(\w+)`/g)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(Object.keys(SettingsSchema.shape)).toContain(name);
});

test('the runbook names the vault of the backups', () => {
  const names = [...runbook.matchAll(/--by-backup-vault-name "([^"]+)"/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(name!.replace('$STAGE', 'prod')).toBe(backupVaultName('prod'));
});
