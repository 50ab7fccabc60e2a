import { isNetworkError } from '../../lambdas/shared/errors.ts';
import { STACK_OUTPUTS, stackNameOf } from '../../lambdas/shared/stacks.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import type { AwsError } from './aws-error.ts';
import { OPERATOR_PERMISSIONS, PERMISSION_OF } from './permissions.ts';
import { callOf, type SentCall } from './sent-call.ts';

/** Where a command works. */
export interface StagePlace {
  readonly stage: string;
  /** As `--profile` gives it. */
  readonly profile?: string | undefined;
  /** Undefined where neither the command line nor the environment nor the profile says one. */
  readonly region?: string | undefined;
  /** Those that this copy of the project can deploy. */
  readonly knownStages: readonly string[];
  /** Undefined as long as the outputs of the stage are not read. */
  readonly operatorPolicyArn?: string | undefined;
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
/** The SDK's credential providers, each behind one way to get credentials. */
const PROVIDER_NAMES = ['CredentialsProviderError', 'TokenProviderError', 'ProviderError'];
const DENIED_NAMES =
  /^(AccessDenied|AccessDeniedException|Forbidden|403|AuthorizationError|KMS\.AccessDenied)/;

/**
 * Says what went wrong with a call to AWS, and what to do about it.
 * @returns the error as it is where it is no error of AWS
 */
export function explainError(error: unknown, place: StagePlace): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const message = messageFor(error as AwsError, place);
  return message === undefined ? error : new UserError(message, EXIT.failed, { cause: error });
}

function messageFor(error: AwsError, place: StagePlace): string | undefined {
  if (isNetworkError(error)) return unreachable(error, place);
  if (error.message === 'Region is missing') {
    return 'no AWS region is set: give --region, set AWS_REGION, or set a region in your AWS profile';
  }
  const call = callOf(error);
  if (call === undefined) return undefined;
  if (EXPIRED_NAMES.includes(error.name)) return signIn(`your AWS credentials have expired`, error, place);
  if (PROVIDER_NAMES.includes(error.name)) return withoutCredentials(error, place);
  if (UNKNOWN_NAMES.includes(error.name)) {
    return signIn('AWS does not know your credentials, or not in this region', error, place);
  }
  const isDenied = error.$metadata?.httpStatusCode === 403 || DENIED_NAMES.test(error.name);
  if (isDenied || error.message.includes('is not authorized to perform')) return denied(error, place);
  return `${call.command.replace(/Command$/, '')} on ${call.resource} failed: ${said(error)}`;
}

/** AWS's own words: `… is not authorized to perform: ACTION on resource: ARN because …`; S3's HEAD and SQS may say less. */
function denied(error: AwsError, place: StagePlace): string {
  const { stage, operatorPolicyArn } = place;
  const call = callOf(error)!;
  const [, said1, said2] =
    /not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?/.exec(error.message) ?? [];
  const action = said1 ?? PERMISSION_OF[call.command];
  const resource = said2 ?? call.resource;
  const what = `the permission ${action} on ${resource} is missing`;
  const words = `AWS says: ${said(error)}`;
  if (/explicit deny/.test(error.message)) {
    return `${what}: a policy denies it outright, and no other policy can give it. ${words}`;
  }
  if (!OPERATOR_PERMISSIONS.has(action ?? '')) return `${what}. ${words}`;
  const output = `output ${STACK_OUTPUTS.pipeline.operatorPolicyArn} of the stack ${stackNameOf(stage, 'pipeline')}`;
  const policy =
    operatorPolicyArn === undefined ? `the policy in the ${output}` : `${operatorPolicyArn} (${output})`;
  return `${what}. ${searchHint(call, place)}Attach to your user or role the managed policy that has it: ${policy}. ${words}`;
}

/** To whoever may see one stage in one region, AWS does not say that another one is not there. */
function searchHint({ command }: SentCall, { stage, region, knownStages }: StagePlace): string {
  if (command !== 'DescribeStacksCommand') return '';
  return `Is ${region} the region of the stage ${stage}? (--region or AWS_REGION; cdk.json has the stages ${knownStages.join(', ')}) `;
}

function withoutCredentials(error: AwsError, place: StagePlace): string {
  if (/sso|expired|refresh/i.test(error.message)) {
    return signIn('your AWS sign-in has expired, or there was none', error, place);
  }
  const profile = profileOf(place);
  if (profile !== undefined) {
    return `the AWS profile "${profile}" gives no credentials: look for it in ~/.aws/config, or choose another with --profile. AWS says: ${said(error)}`;
  }
  return (
    'no AWS credentials were found: choose a profile with --profile or AWS_PROFILE, ' +
    'sign in with "aws sso login", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
  );
}

function signIn(what: string, error: AwsError, place: StagePlace): string {
  const profile = profileOf(place);
  const command = `aws sso login${profile === undefined ? '' : ` --profile ${profile}`}`;
  return `${what}: sign in again with "${command}", or get new credentials as you got these. AWS says: ${said(error)}`;
}

function unreachable(error: AwsError, { region }: StagePlace): string {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  const where = endpoint === undefined ? `AWS (region ${region})` : `${endpoint} (AWS_ENDPOINT_URL)`;
  const hint =
    endpoint === undefined ? 'look at your network and proxy, and that there is such a region' : 'is it up?';
  return `${where} cannot be reached (${error.message || error.code}): ${hint}`;
}

function profileOf({ profile }: StagePlace): string | undefined {
  return profile ?? process.env.AWS_PROFILE;
}

function said({ name, message }: AwsError): string {
  return message === '' || message === name ? name : `${name}: ${message}`;
}
