import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allow } from '../access/statements.ts';
import type { Settings } from '../settings/read-settings.ts';

/** GitHub's token issuer. The stages of an account share one provider for it, which docs/deploy.md creates. */
const ISSUER = 'token.actions.githubusercontent.com';
const AUDIENCE = 'sts.amazonaws.com';
/** The default qualifier of `cdk bootstrap`. */
const QUALIFIER = 'hnb659fds';

type BootstrapRole = 'deploy' | 'file-publishing' | 'lookup';

export interface DeployerStackProps extends StackProps {
  readonly settings: Settings & { readonly githubRepository: string };
}

/**
 * Roles with which the workflows of one GitHub repository deploy the stage, without stored keys. They may only assume
 * roles that `cdk bootstrap` created, and not the role of CloudFormation.
 */
export class DeployerStack extends Stack {
  constructor(scope: Construct, id: string, props: DeployerStackProps) {
    super(scope, id, props);
    const { stage, githubRepository } = props.settings;
    const deployer = this.#role('Deployer', {
      description: `Deploys the stage ${stage} from ${githubRepository}.`,
      subject: `repo:${githubRepository}:environment:${stage}`,
      // The stage publishes no images.
      mayAssume: this.#bootstrapRoles(['deploy', 'file-publishing', 'lookup'], props.settings),
    });
    const reader = this.#role('Reader', {
      description: `Compares the stage ${stage} with a pull request of ${githubRepository}.`,
      subject: `repo:${githubRepository}:pull_request`,
      mayAssume: this.#bootstrapRoles(['lookup'], props.settings),
    });
    new CfnOutput(this, 'DeployerRoleArn', { value: deployer.roleArn });
    new CfnOutput(this, 'ReaderRoleArn', { value: reader.roleArn });
  }

  #role(id: string, role: { description: string; subject: string; mayAssume: string[] }): Role {
    const provider = `arn:${this.partition}:iam::${this.account}:oidc-provider/${ISSUER}`;
    const assumedBy = new WebIdentityPrincipal(provider, {
      StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: role.subject },
    });
    const created = new Role(this, id, { description: role.description, assumedBy });
    created.addToPolicy(allow(['sts:AssumeRole'], role.mayAssume));
    return created;
  }

  /** Returns the ARNs of bootstrap roles, including those of the region of the backup copies, which has a stack too. */
  #bootstrapRoles(roles: readonly BootstrapRole[], { backupCopyRegion }: Settings): string[] {
    const regions = [this.region, ...(backupCopyRegion === undefined ? [] : [backupCopyRegion])];
    return regions.flatMap((region) =>
      roles.map(
        (role) =>
          `arn:${this.partition}:iam::${this.account}:role/cdk-${QUALIFIER}-${role}-role-${this.account}-${region}`,
      ),
    );
  }
}
