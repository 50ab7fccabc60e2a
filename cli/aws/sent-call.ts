import type { S3Client } from '@aws-sdk/client-s3';

/** A call to AWS, as it was sent. */
export interface SentCall {
  /** The name of the SDK's class, such as `PutObjectCommand`. */
  readonly command: string;
  /** What it works on, as the call names it. */
  readonly resource: string | undefined;
}

/** What every client of the SDK has. */
interface AnyClient {
  readonly middlewareStack: Pick<S3Client['middlewareStack'], 'add'>;
}

interface AnyInput {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly QueueUrl?: string;
  readonly StackName?: string;
  readonly resourceArn?: string;
}

const calls = new WeakMap<object, SentCall>();

/** Keeps with each error of a client which call it comes from: some services do not say. */
export function rememberCalls<Client extends object>(client: Client): Client {
  (client as unknown as AnyClient).middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const resource = resourceOf(args.input as AnyInput);
        calls.set(error as object, { command: String(context.commandName), resource });
        throw error;
      }
    },
    { step: 'initialize', name: 'rememberCalls' },
  );
  return client;
}

/** The call that an error comes from, where one of our clients made it. */
export function callOf(error: unknown): SentCall | undefined {
  return typeof error === 'object' && error !== null ? calls.get(error) : undefined;
}

function resourceOf({ Bucket, Key, QueueUrl, StackName, resourceArn }: AnyInput): string | undefined {
  if (Bucket !== undefined) return `arn:aws:s3:::${Bucket}${Key === undefined ? '' : `/${Key}`}`;
  return QueueUrl ?? resourceArn ?? StackName;
}
