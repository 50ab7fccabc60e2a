import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import {
  JsonService,
  parseRequest,
  readBody,
  ServiceError,
  type ServiceRequest,
} from '../gateway/service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { Rotations } from './rotations.ts';
import {
  changeStage,
  findValue,
  invalidRequest,
  notFound,
  putValue,
  type SecretStore,
  type StoredSecret,
} from './secret-store.ts';

const MAX_REQUEST_BYTES = 131_072;
const TOKEN_LENGTHS = { min: 32, max: 64 };

/** The members of all actions; each action refuses those of the others. */
const BODY = z.looseObject({
  SecretId: z.string().min(1).max(2_048),
  ClientRequestToken: z.string().optional(),
  MoveToVersionId: z.string().optional(),
  RemoveFromVersionId: z.string().optional(),
  RotateImmediately: z.boolean().optional(),
  SecretString: z.string().max(65_536).optional(),
  VersionId: z.string().optional(),
  VersionStage: z.string().min(1).optional(),
  VersionStages: z.array(z.string().min(1)).min(1).max(20).optional(),
});
/** All secrets are in one page. */
const LIST_SECRETS = z.strictObject({ MaxResults: z.int().min(1).max(100).optional() });
type Body = z.infer<typeof BODY>;

interface Action {
  /** Supported members of the request in addition to SecretId; any other is refused. */
  readonly members: readonly (keyof Body)[];
  run(secret: StoredSecret, body: Body, secrets: SecretStore, rotations: Rotations): object;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  DescribeSecret: {
    members: [],
    run({ arn, versions }, _, __, rotations) {
      return {
        ...describeRotation(rotations, arn),
        VersionIdsToStages: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])),
      };
    },
  },
  GetSecretValue: {
    members: ['VersionId', 'VersionStage'],
    run({ versions }, { VersionId, VersionStage }) {
      const { id, stages, value } = findValue(versions, { id: VersionId, stage: VersionStage });
      return { VersionId: id, VersionStages: stages, SecretString: value };
    },
  },
  PutSecretValue: {
    members: ['ClientRequestToken', 'SecretString', 'VersionStages'],
    run({ versions }, body, secrets) {
      const { SecretString: value, VersionStages: stages = ['AWSCURRENT'] } = body;
      if (value === undefined) throw invalidRequest('You must provide a SecretString.');
      const version = putValue(versions, { id: readToken(body), value, stages });
      secrets.save();
      return { VersionId: version.id, VersionStages: version.stages };
    },
  },
  UpdateSecretVersionStage: {
    members: ['VersionStage', 'RemoveFromVersionId', 'MoveToVersionId'],
    run({ versions }, { VersionStage: stage = '', RemoveFromVersionId: from, MoveToVersionId: to }, secrets) {
      changeStage(versions, { stage, from, to });
      secrets.save();
      return {};
    },
  },
  RotateSecret: {
    members: ['ClientRequestToken', 'RotateImmediately'],
    run(secret, body, _, rotations) {
      if (body.RotateImmediately === false) throw invalidRequest('the local cloud rotates secrets at once');
      const version = readToken(body);
      rotations.begin(secret, version);
      return { VersionId: version };
    },
  },
};

function describeRotation(rotations: Rotations, secretArn: string): object {
  const rotation = rotations.find(secretArn);
  if (rotation === undefined) return {};
  return {
    RotationEnabled: true,
    RotationLambdaARN: rotation.functionArn,
    RotationRules: { AutomaticallyAfterDays: rotation.everyDays },
  };
}

/** The actions of Secrets Manager that read and rotate secrets. */
export class SecretsService extends JsonService {
  #secrets: SecretStore;
  #rotations: Rotations;
  #access: AccessControl;

  constructor(secrets: SecretStore, rotations: Rotations, access: AccessControl) {
    super('application/x-amz-json-1.1');
    this.#secrets = secrets;
    this.#rotations = rotations;
    this.#access = access;
  }

  async handle({ incoming, body: payload, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const name = String(incoming.headers['x-amz-target'] ?? '').replace('secretsmanager.', '');
    if (name === 'ListSecrets') {
      parseRequest(LIST_SECRETS, await readBody(payload, MAX_REQUEST_BYTES), 'InvalidParameterException');
      this.#access.authorize(caller, 'secretsmanager:ListSecrets', '*');
      const SecretList = this.#secrets.list().map(({ arn, name: Name, versions }) => {
        const SecretVersionsToStages = Object.fromEntries(versions.map(({ id, stages }) => [id, stages]));
        return { ARN: arn, Name, ...describeRotation(this.#rotations, arn), SecretVersionsToStages };
      });
      return this.writeAnswer(response, { SecretList });
    }
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined) throw invalidRequest(`the local cloud does not know ${name}`);
    const body = parseRequest(BODY, await readBody(payload, MAX_REQUEST_BYTES), 'InvalidParameterException');
    const known: readonly string[] = ['SecretId', ...action.members];
    const unknown = Object.keys(body).find((member) => !known.includes(member));
    if (unknown !== undefined) throw invalidRequest(`the local cloud does not know ${name}'s ${unknown}`);
    const secret = this.#secrets.find(body.SecretId);
    this.#access.authorize(caller, `secretsmanager:${name}`, secret?.arn ?? body.SecretId);
    if (secret === undefined) throw notFound('secret');
    const answer = action.run(secret, body, this.#secrets, this.#rotations);
    this.writeAnswer(response, { ARN: secret.arn, Name: secret.name, ...answer });
  }
}

function readToken({ ClientRequestToken: token = randomUUID() }: Body): string {
  const { min, max } = TOKEN_LENGTHS;
  if (token.length >= min && token.length <= max) return token;
  const message = `ClientRequestToken must be ${min}-${max} characters long.`;
  throw new ServiceError('InvalidParameterException', message);
}
