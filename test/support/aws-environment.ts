import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, startRetail } from './run-retail.ts';

/** A user whose environment has only the given AWS variables. */
export class Operator {
  #home: string;
  #variables: NodeJS.ProcessEnv;

  /** @param home an existing folder */
  constructor(home: string, variables: NodeJS.ProcessEnv) {
    this.#home = home;
    this.#variables = variables;
  }

  /** Returns the same user with other variables; undefined removes one. */
  with(variables: NodeJS.ProcessEnv): Operator {
    return new Operator(this.#home, { ...this.#variables, ...variables });
  }

  /** Writes the file that `aws configure` writes. */
  writeConfig(text: string): void {
    mkdirSync(join(this.#home, '.aws'), { recursive: true });
    writeFileSync(join(this.#home, '.aws', 'config'), text);
  }

  run(...args: string[]): Promise<Outcome> {
    const others = Object.entries(process.env).filter(([name]) => !/^(AWS_|RETAIL_|npm_)/.test(name));
    return startRetail(args, {
      ...Object.fromEntries(others),
      HOME: this.#home,
      // Otherwise the SDK waits for the credentials of an EC2 instance.
      AWS_EC2_METADATA_DISABLED: 'true',
      ...this.#variables,
    }).outcome;
  }
}
