/**
 * The CloudWatch namespace of the functions' own metrics. Their dimension `service` is the function's folder, which two
 * stages of one account have in common, so the namespace tells them apart.
 */
export function metricsNamespace({ stage }: { readonly stage: string }): string {
  return `RetailPipeline/${stage}`;
}
