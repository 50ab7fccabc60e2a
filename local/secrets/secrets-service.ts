import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  readBody,
  type Service,
  ServiceError,
  type ServiceRequest,
  writeJson,
  writeJsonError,
} from '../gateway/service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { Rotations } from './rotations.ts';
import type { SecretStore, StoredSecret } from './secret-store.ts';
import { changeStage, findValue, putValue } from './secret-versions.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const MAX_REQUEST_BYTES = 131_072;
const TOKEN_LENGTHS = { min: 32, max: 64 };

/** Supported members of each request; any other is refused. */
const MEMBERS = {
  DescribeSecret: [],
  GetSecretValue: ['VersionId', 'VersionStage'],
  PutSecretValue: ['ClientRequestToken', 'SecretString', 'VersionStages'],
  UpdateSecretVersionStage: ['VersionStage', 'RemoveFromVersionId', 'MoveToVersionId'],
  RotateSecret: ['ClientRequestToken', 'RotateImmediately'],
} as const;

type Action = keyof typeof MEMBERS;
// biome-ignore lint/suspicious/noExplicitAny: members differ by action, and are checked by `MEMBERS`
type Body = Record<string, any> & { readonly SecretId: string };

/** The actions of Secrets Manager that read and rotate secrets. */
export class SecretsService implements Service {
  #secrets: SecretStore;
  #rotations: Rotations;
  #access: AccessControl;

  constructor(secrets: SecretStore, rotations: Rotations, access: AccessControl) {
    this.#secrets = secrets;
    this.#rotations = rotations;
    this.#access = access;
  }

  async handle({ incoming, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const action = String(incoming.headers['x-amz-target'] ?? '').replace('secretsmanager.', '') as Action;
    const members: readonly string[] | undefined = MEMBERS[action];
    if (members === undefined) throw invalid(`the local cloud does not know ${action}`);
    const body = JSON.parse((await readBody(incoming, MAX_REQUEST_BYTES)).toString()) as Body;
    const unknown = Object.keys(body).find((name) => name !== 'SecretId' && !members.includes(name));
    if (unknown !== undefined) throw invalid(`the local cloud does not know ${action}'s ${unknown}`);
    const secret = this.#secrets.find(body.SecretId);
    this.#access.authorize(caller, `secretsmanager:${action}`, secret?.arn ?? body.SecretId);
    if (secret === undefined) {
      throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    const answer = this.#carryOut(action, secret, body);
    writeJson(response, CONTENT_TYPE, { ARN: secret.arn, Name: secret.name, ...answer });
  }

  writeError(response: ServerResponse, code: string, status: number, message: string): void {
    writeJsonError(response, CONTENT_TYPE, code, status, message);
  }

  #carryOut(action: Action, secret: StoredSecret, body: Body): object {
    const { versions } = secret;
    switch (action) {
      case 'DescribeSecret':
        return this.#describe(secret);
      case 'GetSecretValue': {
        const { id, stages, value } = findValue(versions, { id: body.VersionId, stage: body.VersionStage });
        return { VersionId: id, VersionStages: stages, SecretString: value };
      }
      case 'PutSecretValue': {
        const { SecretString: value, VersionStages: stages = ['AWSCURRENT'] } = body;
        if (typeof value !== 'string') throw invalid('You must provide a SecretString.');
        const version = putValue(versions, { id: tokenOf(body), value, stages });
        this.#secrets.save();
        return { VersionId: version.id, VersionStages: version.stages };
      }
      case 'UpdateSecretVersionStage': {
        const { VersionStage: stage, RemoveFromVersionId: from, MoveToVersionId: to } = body;
        changeStage(versions, { stage, from, to });
        this.#secrets.save();
        return {};
      }
      case 'RotateSecret': {
        if (body.RotateImmediately === false) throw invalid('the local cloud rotates secrets at once');
        const version = tokenOf(body);
        this.#rotations.begin(secret, version);
        return { VersionId: version };
      }
    }
  }

  #describe({ arn, versions }: StoredSecret): object {
    const rotation = this.#rotations.find(arn);
    return {
      ...(rotation && {
        RotationEnabled: true,
        RotationLambdaARN: rotation.functionArn,
        RotationRules: { AutomaticallyAfterDays: rotation.everyDays },
      }),
      VersionIdsToStages: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])),
    };
  }
}

function tokenOf({ ClientRequestToken: token = randomUUID() }: Body): string {
  if (token.length >= TOKEN_LENGTHS.min && token.length <= TOKEN_LENGTHS.max) return token;
  throw new ServiceError(
    'InvalidParameterException',
    `ClientRequestToken must be ${TOKEN_LENGTHS.min}-${TOKEN_LENGTHS.max} characters long.`,
  );
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}
