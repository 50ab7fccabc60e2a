/** The stacks whose outputs the command line works with: what must survive, and what can be deployed again at will. */
export const STACK_PARTS = ['data', 'pipeline'] as const;
export type StackPart = (typeof STACK_PARTS)[number];

/** What a stage may be called: it is part of the names of its stacks, and of what they name. */
export const STAGE_PATTERN = /^[a-z][a-z0-9]{0,11}$/;

/** The name of a stage's stack, by which `lib/` deploys it and the command line finds it. */
export function stackNameOf(
  stage: string,
  part: StackPart | 'analytics' | 'operations' | 'backup-copy' | 'deployer',
): string {
  return `retail-${stage}-${part}`;
}
