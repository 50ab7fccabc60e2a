/** How this program is called from here: npm scripts start it, and nothing puts it on the path. */
export function commandLine(args: string): string {
  const isNpm = process.env.npm_lifecycle_event !== undefined;
  return `${isNpm ? 'npm run --silent retail --' : 'retail'} ${args}`;
}
