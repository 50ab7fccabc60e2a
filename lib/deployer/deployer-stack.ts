import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';

/** GitHub's issuer of tokens. An account has one provider for it, which stages share: docs/deploy.md creates it. */
const ISSUER = 'token.actions.githubusercontent.com';
const AUDIENCE = 'sts.amazonaws.com';
/** The qualifier that `cdk bootstrap` uses unless it is told another. */
const QUALIFIER = 'hnb659fds';

type BootstrapRole = 'deploy' | 'file-publishing' | 'lookup';

export interface DeployerStackProps extends StackProps {
  readonly settings: Settings & { readonly githubRepository: string };
}

/**
 * Lets workflows of one GitHub repository deploy the stage, without any key that is kept. The roles may do nothing but
 * become the roles that `cdk bootstrap` made; the one that CloudFormation works with is for CloudFormation alone.
 */
export class DeployerStack extends Stack {
  constructor(scope: Construct, id: string, props: DeployerStackProps) {
    super(scope, id, props);
    const { stage, githubRepository } = props.settings;
    const deployer = this.#role('Deployer', {
      description: `Deploys the stage ${stage} from ${githubRepository}.`,
      subject: `repo:${githubRepository}:environment:${stage}`,
      // There is no image to publish.
      mayBecome: this.#bootstrapRoles(['deploy', 'file-publishing', 'lookup'], props.settings),
    });
    const reader = this.#role('Reader', {
      description: `Compares the stage ${stage} with a pull request of ${githubRepository}.`,
      subject: `repo:${githubRepository}:pull_request`,
      mayBecome: this.#bootstrapRoles(['lookup'], props.settings),
    });
    new CfnOutput(this, 'DeployerRoleArn', { value: deployer.roleArn });
    new CfnOutput(this, 'ReaderRoleArn', { value: reader.roleArn });
  }

  #role(id: string, role: { description: string; subject: string; mayBecome: string[] }): Role {
    const provider = `arn:${this.partition}:iam::${this.account}:oidc-provider/${ISSUER}`;
    const assumedBy = new WebIdentityPrincipal(provider, {
      StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: role.subject },
    });
    const created = new Role(this, id, { description: role.description, assumedBy });
    created.addToPolicy(new PolicyStatement({ actions: ['sts:AssumeRole'], resources: role.mayBecome }));
    return created;
  }

  /** Also those of the region that backups are copied to, where a stack is as well. */
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
