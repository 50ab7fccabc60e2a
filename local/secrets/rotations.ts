import type { RotationModel } from '../assembly/readers/storage-readers.ts';
import {
  beginRotation,
  invalidRequest,
  type SecretStore,
  type StoredSecret,
  unfinishedRotation,
} from './secret-store.ts';

/** Steps in order (Secrets Manager user guide, "Lambda rotation functions"). */
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** Calls the rotation function for one step. */
type Invoke = (
  functionArn: string,
  event: { readonly Step: string; readonly SecretId: string; readonly ClientRequestToken: string },
) => Promise<unknown>;

/** Rotates secrets as Secrets Manager does: by calling a function for one step after the other. */
export class Rotations {
  #models: readonly RotationModel[];
  #secrets: SecretStore;
  #onFailed: (error: Error) => void;
  /** Resolves at the end of the rotation in progress, by the secret's ARN. */
  #underWay = new Map<string, Promise<void>>();
  #invoke: Invoke = async () => {
    throw new Error('no function runs yet');
  };

  constructor(models: readonly RotationModel[], secrets: SecretStore, onFailed: (error: Error) => void) {
    this.#models = models;
    this.#secrets = secrets;
    this.#onFailed = onFailed;
  }

  /** Says how functions are called, as soon as there are any. */
  callWith(invoke: Invoke): void {
    this.#invoke = invoke;
  }

  find(secretArn: string): RotationModel | undefined {
    return this.#models.find((model) => model.secretArn === secretArn);
  }

  /**
   * Begins a rotation and returns. One that did not finish is retried, instead of a new one.
   * @throws {ServiceError} as Secrets Manager does, in that case too
   */
  begin(secret: StoredSecret, version: string): void {
    const model = this.find(secret.arn);
    if (model === undefined) {
      throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
    }
    const unfinished = unfinishedRotation(secret.versions);
    if (unfinished !== undefined) {
      if (!this.#underWay.has(secret.arn)) this.#start(model, unfinished.id);
      throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
    }
    beginRotation(secret.versions, version);
    this.#secrets.save();
    this.#start(model, version);
  }

  /** Runs a rotation after the one in progress, whose last step may not have finished. */
  #start(model: RotationModel, version: string): void {
    const { secretArn } = model;
    const end = (this.#underWay.get(secretArn) ?? Promise.resolve()).then(() => this.#run(model, version));
    this.#underWay.set(secretArn, end);
    void end.then(() => this.#underWay.get(secretArn) === end && this.#underWay.delete(secretArn));
  }

  async #run({ secretArn, functionArn }: RotationModel, version: string): Promise<void> {
    try {
      for (const Step of STEPS) {
        await this.#invoke(functionArn, { Step, SecretId: secretArn, ClientRequestToken: version });
      }
    } catch (error) {
      this.#onFailed(error as Error);
    }
  }
}
