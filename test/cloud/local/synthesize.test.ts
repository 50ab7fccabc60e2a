import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import { synthesize } from '../../../local/assembly/synthesize.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const dir = temporaryDir();

test.each([
  ['process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)', /was stopped \(SIGTERM\)$/],
  ['throw new Error("the setting is wrong")', /cannot be synthesized \(.*\):\n[\s\S]*the setting is wrong/],
])('the app that runs %j has its reason', async (code, reason) => {
  const app = join(dir, 'app.mjs');
  writeFileSync(join(dir, 'cdk.json'), '{"context": {}}');
  writeFileSync(app, code);
  const project = { ...LOCAL_PROJECT, dir, app, sources: ['app.mjs'] };
  await expect(synthesize(project, join(dir, 'out'))).rejects.toThrow(reason);
});
