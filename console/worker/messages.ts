import type { RulesAnswer } from '../../lambdas/core/api-answers.ts';
import type { Verdict } from '../../lambdas/core/verdict.ts';

/** A file of this machine, and everything that decides how the parser reads it. */
export interface FileToCheck {
  readonly file: Blob;
  /** Key that the object of the file would have. */
  readonly key: string;
  /** Time at which the file would be received, ISO 8601. */
  readonly receivedAt: string;
  readonly rules: RulesAnswer['rules'];
  readonly limits: RulesAnswer['limits'];
}

/** Message to the worker: check a file. A worker checks one file; to cancel, the page ends the worker. */
export type WorkerRequest = FileToCheck;

/** Messages of the worker. The last one is `done` or `failed`. */
export type WorkerAnswer =
  | { readonly kind: 'progress'; readonly rows: number; readonly bytes: number }
  /** Verdicts on the file, or on each file in it. */
  | { readonly kind: 'done'; readonly verdicts: readonly Verdict[] }
  /** The file could not be read, such as one that changed or was removed. */
  | { readonly kind: 'failed'; readonly message: string };
