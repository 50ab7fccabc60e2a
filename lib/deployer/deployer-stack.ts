import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allow } from '../access/statements.ts';
import type { StageStackProps } from '../data/backup.ts';

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
    const { stage, backupCopyRegion } = props.settings;
    const { partition, account, region } = this;
    const iam = `arn:${partition}:iam::${account}`;
    // The region of the backup copies has a stack too.
    const regions = [region, ...(backupCopyRegion ? [backupCopyRegion] : [])];
    const addRole = (roleId: string, description: string, event: string, bootstrapRoles: string[]) => {
      const subject = `repo:${githubRepository}:${event}`;
      const assumedBy = new WebIdentityPrincipal(`${iam}:oidc-provider/${ISSUER}`, {
        StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: subject },
      });
      const role = new Role(this, roleId, { description, assumedBy });
      const arns = regions.flatMap((target) =>
        bootstrapRoles.map((name) => `${iam}:role/cdk-${QUALIFIER}-${name}-role-${account}-${target}`),
      );
      role.addToPolicy(allow(['sts:AssumeRole'], arns));
      new CfnOutput(this, `${roleId}RoleArn`, { value: role.roleArn });
    };
    // The stage publishes no images.
    const deployerRoles = ['deploy', 'file-publishing', 'lookup'];
    const pullRequest = `Compares the stage ${stage} with a pull request of ${githubRepository}.`;
    addRole(
      'Deployer',
      `Deploys the stage ${stage} from ${githubRepository}.`,
      `environment:${stage}`,
      deployerRoles,
    );
    addRole('Reader', pullRequest, 'pull_request', ['lookup']);
  }
}
