import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allow } from '../access/statements.ts';
import type { StageStackProps } from '../data/backup.ts';
import type { Settings } from '../settings/read-settings.ts';

/** GitHub's token issuer. The stages of an account share one provider for it, which docs/deploy.md creates. */
const ISSUER = 'token.actions.githubusercontent.com';
const AUDIENCE = 'sts.amazonaws.com';
/** The default qualifier of `cdk bootstrap`. */
const QUALIFIER = 'hnb659fds';

/**
 * Roles with which the workflows of one GitHub repository deploy the stage, without stored keys. They may only assume
 * roles that `cdk bootstrap` created, and not the role of CloudFormation.
 */
export class DeployerStack extends Stack {
  constructor(scope: Construct, id: string, props: StageStackProps, githubRepository: string) {
    super(scope, id, props);
    const { stage } = props.settings;
    this.#addRole(
      'Deployer',
      `Deploys the stage ${stage} from ${githubRepository}.`,
      `repo:${githubRepository}:environment:${stage}`,
      // The stage publishes no images.
      this.#bootstrapRoles(['deploy', 'file-publishing', 'lookup'], props.settings),
    );
    this.#addRole(
      'Reader',
      `Compares the stage ${stage} with a pull request of ${githubRepository}.`,
      `repo:${githubRepository}:pull_request`,
      this.#bootstrapRoles(['lookup'], props.settings),
    );
  }

  #addRole(id: string, description: string, subject: string, mayAssume: string[]): void {
    const provider = `arn:${this.partition}:iam::${this.account}:oidc-provider/${ISSUER}`;
    const assumedBy = new WebIdentityPrincipal(provider, {
      StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: subject },
    });
    const role = new Role(this, id, { description, assumedBy });
    role.addToPolicy(allow(['sts:AssumeRole'], mayAssume));
    new CfnOutput(this, `${id}RoleArn`, { value: role.roleArn });
  }

  /** Returns the ARNs of bootstrap roles, including those of the region of the backup copies, which has a stack too. */
  #bootstrapRoles(roles: readonly string[], { backupCopyRegion }: Settings): string[] {
    const regions = [this.region, ...(backupCopyRegion ? [backupCopyRegion] : [])];
    const prefix = `arn:${this.partition}:iam::${this.account}:role/cdk-${QUALIFIER}`;
    return regions.flatMap((region) =>
      roles.map((role) => `${prefix}-${role}-role-${this.account}-${region}`),
    );
  }
}
