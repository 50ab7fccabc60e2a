/** Both classes of refusal that PostgreSQL knows (manual, appendix A): invalid password, invalid authorization. */
const REFUSED = /SQLState: 28(P01|000)\b|password authentication failed/;

/**
 * Whether the Data API says that the database refused a role's password. So it is for moments while a secret is
 * rotated: the database has the new password, and the secret still the old one.
 */
export function isWrongPassword(error: unknown): boolean {
  return error instanceof Error && REFUSED.test(error.message);
}
