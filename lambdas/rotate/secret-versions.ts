import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

/** Value of the secret of a database role; RDS may have added host and port. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Staging label of a version (Secrets Manager user guide, "What's in a secret?"). */
type StagingLabel = 'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS';

/** A version by its label, its id or both. */
export interface VersionSelector {
  readonly VersionStage?: StagingLabel;
  readonly VersionId?: string;
}

export class SecretVersions {
  #client: SecretsManagerClient;

  constructor(client: SecretsManagerClient) {
    this.#client = client;
  }

  /**
   * Reads the staging labels of each version of a secret.
   * @throws {Error} if rotation is not enabled for the secret
   */
  async readLabels(SecretId: string): Promise<Readonly<Record<string, readonly string[]>>> {
    const secret = await this.#client.send(new DescribeSecretCommand({ SecretId }));
    if (!secret.RotationEnabled) throw new Error(`rotation is not enabled for ${SecretId}`);
    return secret.VersionIdsToStages ?? {};
  }

  /** Reads a version. @returns undefined if the secret has no such version, or the version has no value */
  async read(SecretId: string, version: VersionSelector): Promise<Credentials | undefined> {
    try {
      const command = new GetSecretValueCommand({ SecretId, ...version });
      const { SecretString = '' } = await this.#client.send(command);
      return JSON.parse(SecretString) as Credentials;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  /**
   * Sets the value of a secret, which becomes current at once.
   * @param version of a rotation, which becomes pending instead. The same call again has no effect.
   */
  async put(SecretId: string, value: Credentials, version?: string): Promise<void> {
    const pending = version !== undefined && {
      ClientRequestToken: version,
      VersionStages: ['AWSPENDING' satisfies StagingLabel],
    };
    const SecretString = JSON.stringify(value);
    await this.#client.send(new PutSecretValueCommand({ SecretId, SecretString, ...pending }));
  }

  /** Moves the label AWSCURRENT from the previous version to another one. */
  async makeCurrent(SecretId: string, version: string, previous: string | undefined): Promise<void> {
    await this.#client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT' satisfies StagingLabel,
        MoveToVersionId: version,
        ...(previous && { RemoveFromVersionId: previous }),
      }),
    );
  }
}
