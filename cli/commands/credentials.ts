import { Option } from 'commander';
import { pickOptionalOutputs } from '../../lambdas/shared/stacks.ts';
import type { RunningCloud } from '../../local/data-directory.ts';
import { accessKeyOf, OPERATOR_KEY } from '../../local/iam/access-control.ts';
import type { CommandSpec } from '../command.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { readRunningCloud } from '../local-access.ts';

interface CredentialsOptions {
  readonly dataDir: string;
  readonly policy?: string;
}

export const CREDENTIALS: CommandSpec<CredentialsOptions> = {
  name: 'credentials',
  description: 'print the credentials of the running local cloud, for a shell',
  isLocal: true,
  options: [
    new Option('--policy <name>', "a user who has only this managed policy; see the stacks' outputs"),
  ],
  help: 'Example: eval "$(retail credentials)" && aws s3 ls',
  async run(_args, { dataDir, policy }, { io }) {
    io.print(formatExports(readRunningCloud(dataDir), policy));
    return EXIT.done;
  },
};

/**
 * Formats the environment with which the AWS CLI and SDKs call a local cloud. Some read only AWS_DEFAULT_REGION.
 * @param policy of the user; undefined for the operator
 */
export function formatExports({ endpoint, accessKeys, outputs }: RunningCloud, policy?: string): string[] {
  const id = policy === undefined ? OPERATOR_KEY : accessKeyOf(policy);
  const secret = accessKeys[id];
  const { httpApiUrl } = pickOptionalOutputs(outputs);
  if (secret === undefined) {
    const policies = Object.keys(accessKeys).filter((key) => key !== OPERATOR_KEY);
    const names = policies.map((key) => key.replace(accessKeyOf(''), ''));
    throw new UserError(`there is no managed policy ${policy}: choose one of ${names.join(', ')}`);
  }
  return [
    `export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1`,
    `export AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret}`,
    ...(httpApiUrl ? [`export RETAIL_HTTP_API=${httpApiUrl}`] : []),
  ];
}
