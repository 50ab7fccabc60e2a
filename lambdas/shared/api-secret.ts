import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** The secret that signs receipts and tickets. A container of a function reads it once. */
export class ApiSecret {
  readonly #client: SecretsManagerClient;
  readonly #arn: string;
  #value: Promise<string> | undefined;

  constructor(client: SecretsManagerClient, arn: string) {
    this.#client = client;
    this.#arn = arn;
  }

  /** @throws if Secrets Manager cannot be reached; the next call tries again */
  read(): Promise<string> {
    this.#value ??= this.#fetch().catch((error: unknown) => {
      this.#value = undefined;
      throw error;
    });
    return this.#value;
  }

  async #fetch(): Promise<string> {
    const { SecretString = '' } = await this.#client.send(new GetSecretValueCommand({ SecretId: this.#arn }));
    const { password } = JSON.parse(SecretString) as { password?: string };
    if (!password) throw new Error(`the secret ${this.#arn} has no password: deploy the stage again`);
    return password;
  }
}
