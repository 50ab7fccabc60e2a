import type { TestCloud } from './test-cloud.ts';

/** Lets the time pass after which an object counts as lost, and an upload as stuck. */
export async function letTimePass(cloud: TestCloud, seconds: number): Promise<void> {
  const owner = await cloud.connectAs('retail_migrator');
  for (const [table, column] of [
    ['unfinished_objects', 'noticed_at'],
    ['uploads', 'moved_at'],
  ]) {
    await owner.query(`UPDATE ledger.${table} SET ${column} = ${column} - make_interval(secs => $1)`, [
      seconds,
    ]);
  }
  await owner.end();
}
