import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

/** What the secret of a database role holds, host and port too where RDS has added them. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where a version is on its way (Secrets Manager user guide, "What's in a secret?"). */
export type Stage = 'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS';

/** Secrets and their versions, as a rotation needs them. */
export class SecretVersions {
  #client: SecretsManagerClient;

  constructor(client: SecretsManagerClient) {
    this.#client = client;
  }

  /**
   * The staging labels of each version of a secret.
   * @throws {Error} where nobody asked for the secret to be rotated
   */
  async stagesOf(SecretId: string): Promise<Readonly<Record<string, readonly string[]>>> {
    const secret = await this.#client.send(new DescribeSecretCommand({ SecretId }));
    if (!secret.RotationEnabled) throw new Error(`rotation is not enabled for ${SecretId}`);
    return secret.VersionIdsToStages ?? {};
  }

  /** @returns undefined where the secret has no such version, or one without a value */
  async read(
    SecretId: string,
    VersionStage: Stage | undefined,
    VersionId?: string,
  ): Promise<Credentials | undefined> {
    try {
      const { SecretString = '' } = await this.#client.send(
        new GetSecretValueCommand({
          SecretId,
          ...(VersionStage && { VersionStage }),
          ...(VersionId && { VersionId }),
        }),
      );
      return JSON.parse(SecretString) as Credentials;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  /** Gives a secret a value that is current at once. */
  async put(SecretId: string, value: Credentials): Promise<void> {
    await this.#client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) }));
  }

  /** Gives the version of a rotation its value; the same again changes nothing. */
  async putPending(SecretId: string, version: string, value: Credentials): Promise<void> {
    await this.#client.send(
      new PutSecretValueCommand({
        SecretId,
        ClientRequestToken: version,
        SecretString: JSON.stringify(value),
        VersionStages: ['AWSPENDING' satisfies Stage],
      }),
    );
  }

  async makeCurrent(SecretId: string, version: string, former: string | undefined): Promise<void> {
    await this.#client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT' satisfies Stage,
        MoveToVersionId: version,
        ...(former && { RemoveFromVersionId: former }),
      }),
    );
  }
}
