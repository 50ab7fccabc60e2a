import { assemblyWith } from '../end-to-end/changed-assembly.ts';

interface Statement {
  Action: string | string[];
}
interface ManagedPolicy {
  readonly Type: string;
  readonly Properties: { PolicyDocument: { Statement: Statement[] }; ManagedPolicyName?: string };
}

/** Names a copy of the operator's policy without one action. */
export function nameWithout(action: string): string {
  return `without-${action.replace(':', '-')}`;
}

/** Builds an assembly with a copy of the operator's policy for each action, without that action. */
export function assemblyWithPoliciesWithout(actions: readonly string[]): Promise<string> {
  return assemblyWith((text) => {
    const template = JSON.parse(text) as { Resources: Record<string, ManagedPolicy> };
    const policy = Object.entries(template.Resources).find(
      ([id, { Type }]) => Type === 'AWS::IAM::ManagedPolicy' && id.startsWith('Operator'),
    )![1];
    for (const action of actions) {
      const copy = structuredClone(policy);
      copy.Properties.ManagedPolicyName = nameWithout(action);
      const document = copy.Properties.PolicyDocument;
      document.Statement = document.Statement.flatMap((statement) => {
        const Action = [statement.Action].flat().filter((granted) => granted !== action);
        return Action.length === 0 ? [] : [{ ...statement, Action }];
      });
      template.Resources[`Without${actions.indexOf(action)}`] = copy;
    }
    return JSON.stringify(template);
  });
}
