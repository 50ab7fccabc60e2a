import type { ServerResponse } from 'node:http';
import {
  readBody,
  type Service,
  type ServiceRequest,
  writeJson,
  writeJsonError,
} from '../gateway/service.ts';
import { ServiceError } from '../gateway/service-error.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { SecretStore } from './secret-store.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const MAX_REQUEST_BYTES = 65_536;

/** Secrets Manager's GetSecretValue. */
export class SecretsService implements Service {
  #secrets: SecretStore;
  #access: AccessControl;

  constructor(secrets: SecretStore, access: AccessControl) {
    this.#secrets = secrets;
    this.#access = access;
  }

  async handle({ incoming, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const target = String(incoming.headers['x-amz-target'] ?? '');
    if (target !== 'secretsmanager.GetSecretValue') {
      throw new ServiceError('InvalidRequestException', 400, `the local cloud does not know ${target}`);
    }
    const body = (await readBody(incoming, MAX_REQUEST_BYTES)).toString();
    const { SecretId } = JSON.parse(body) as { SecretId: string };
    this.#access.authorize(caller, 'secretsmanager:GetSecretValue', SecretId);
    const secret = this.#secrets.find(SecretId);
    if (secret === undefined) {
      throw new ServiceError(
        'ResourceNotFoundException',
        400,
        "Secrets Manager can't find the specified secret.",
      );
    }
    writeJson(response, CONTENT_TYPE, { ARN: SecretId, SecretString: JSON.stringify(secret) });
  }

  writeError(response: ServerResponse, code: string, status: number, message: string): void {
    writeJsonError(response, CONTENT_TYPE, code, status, message);
  }
}
