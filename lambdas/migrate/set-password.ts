import type { Execute } from './apply-files.ts';

/** Gives a role the password of its secret. If the secret is rotated in the meantime, the role gets the new password. */
export async function setPassword(execute: Execute, readSecret: () => Promise<string>): Promise<void> {
  let given: string | undefined;
  for (;;) {
    const secret = await readSecret();
    if (secret === given) return;
    const { username, password } = JSON.parse(secret) as { username: string; password: string };
    await execute('SELECT ledger.set_password(:username, :password) AS result', { username, password });
    given = secret;
  }
}
