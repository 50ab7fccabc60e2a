/** The vault that keeps a stage's backups: by its name its metrics are found. */
export function backupVaultName({ stage }: { readonly stage: string }): string {
  return `retail-${stage}-backup`;
}
