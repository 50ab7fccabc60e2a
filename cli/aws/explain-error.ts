import { isNetworkError } from '../../lambdas/shared/errors.ts';
import { STACK_OUTPUTS, stackNameOf } from '../../lambdas/shared/stacks.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { quoteForShell } from '../output/console.ts';
import { type FailedCall, findFailedCall, OPERATOR_PERMISSIONS, PERMISSION_OF } from './calls.ts';

export interface StagePlace {
  readonly stage: string;
  readonly profile?: string | undefined;
  /** Undefined if neither the command line nor the environment nor the profile has one. */
  readonly region?: string | undefined;
  readonly knownStages: readonly string[];
  /** Undefined until the outputs of the stage were read. */
  readonly operatorPolicyArn?: string | undefined;
}

/** Properties that errors of the SDK, of its credential providers and of Node.js sockets may have. */
interface AwsError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const EXPIRED_NAMES = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'];
const UNKNOWN_NAMES = [
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'AuthFailure',
];
/** Errors of the SDK's credential providers. */
const PROVIDER_NAMES = ['CredentialsProviderError', 'TokenProviderError', 'ProviderError'];
const DENIED_NAMES =
  /^(AccessDenied|AccessDeniedException|Forbidden|403|AuthorizationError|KMS\.AccessDenied)/;

/**
 * Explains an error of a call to AWS and says how to fix it.
 * @returns the same error if it does not come from AWS
 */
export function explainError(error: unknown, place: StagePlace): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const message = findMessage(error, place);
  return message === undefined ? error : new UserError(message, EXIT.failed, { cause: error });
}

function findMessage(error: AwsError, place: StagePlace): string | undefined {
  if (isNetworkError(error)) return explainUnreachable(error, place);
  if (error.message === 'Region is missing') {
    return 'no AWS region is set: add --region, set AWS_REGION, or set a region in your AWS profile';
  }
  const call = findFailedCall(error);
  if (call === undefined) return undefined;
  if (EXPIRED_NAMES.includes(error.name))
    return askForSignIn('your AWS credentials have expired', error, place);
  if (PROVIDER_NAMES.includes(error.name)) return explainCredentials(error, place);
  if (UNKNOWN_NAMES.includes(error.name)) {
    return askForSignIn('AWS does not accept your credentials, at least not in this region', error, place);
  }
  const isDenied = error.$metadata?.httpStatusCode === 403 || DENIED_NAMES.test(error.name);
  if (isDenied || error.message.includes('is not authorized to perform')) {
    return explainDenied(call, error, place);
  }
  return `${call.command.replace(/Command$/, '')} on ${call.resource} failed: ${quoteAws(error)}`;
}

/** Most services say `… is not authorized to perform: ACTION on resource: ARN because …`; S3's HEAD and SQS say less. */
function explainDenied(call: FailedCall, error: AwsError, place: StagePlace): string {
  const { stage, operatorPolicyArn } = place;
  const [, namedAction, namedResource] =
    /not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?/.exec(error.message) ?? [];
  const action = namedAction ?? PERMISSION_OF[call.command];
  const missing = `the permission ${action} on ${namedResource ?? call.resource} is missing`;
  const awsSays = `AWS says: ${quoteAws(error)}`;
  if (/explicit deny/.test(error.message)) {
    return `${missing}: a policy denies it explicitly, and no other policy can grant it. ${awsSays}`;
  }
  if (!OPERATOR_PERMISSIONS.has(action ?? '')) return `${missing}. ${awsSays}`;
  const output = `output ${STACK_OUTPUTS.pipeline.operatorPolicyArn} of the stack ${stackNameOf(stage, 'pipeline')}`;
  const policy =
    operatorPolicyArn === undefined ? `the policy in the ${output}` : `${operatorPolicyArn} (${output})`;
  return `${missing}. ${suggestRegion(call, place)}Attach the managed policy that grants it to your user or role: ${policy}. ${awsSays}`;
}

/** AWS does not tell a caller who may see one stage in one region that another one does not exist. */
function suggestRegion({ command }: FailedCall, { stage, region, knownStages }: StagePlace): string {
  if (command !== 'DescribeStacksCommand') return '';
  return `Is ${region} the region of the stage ${stage}? (--region or AWS_REGION; cdk.json has the stages ${knownStages.join(', ')}) `;
}

function explainCredentials(error: AwsError, place: StagePlace): string {
  if (/sso|expired|refresh/i.test(error.message)) {
    return askForSignIn('you are not signed in to AWS, or your session has expired', error, place);
  }
  const profile = findProfile(place);
  if (profile !== undefined) {
    return `the AWS profile "${profile}" has no credentials: check ~/.aws/config, or choose another profile with --profile. AWS says: ${quoteAws(error)}`;
  }
  return (
    'no AWS credentials were found: choose a profile with --profile or AWS_PROFILE, ' +
    'sign in with "aws sso login", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
  );
}

function askForSignIn(what: string, error: AwsError, place: StagePlace): string {
  const profile = findProfile(place);
  const command = `aws sso login${profile === undefined ? '' : ` --profile ${quoteForShell(profile)}`}`;
  return `${what}: sign in again with "${command}", or renew your credentials the way you got them. AWS says: ${quoteAws(error)}`;
}

function explainUnreachable(error: AwsError, { region }: StagePlace): string {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  const reason = error.message || error.code;
  return endpoint === undefined
    ? `AWS (region ${region}) cannot be reached (${reason}): check your network, your proxy and the region's name`
    : `${endpoint} (AWS_ENDPOINT_URL) cannot be reached (${reason}): check that it is running`;
}

function findProfile({ profile }: StagePlace): string | undefined {
  return profile ?? process.env.AWS_PROFILE;
}

function quoteAws({ name, message }: AwsError): string {
  return message === '' || message === name ? name : `${name}: ${message}`;
}
