import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, startRetail } from './run-retail.ts';

/** A person at a terminal whose environment says nothing of AWS but what is given. */
export class Operator {
  #home: string;
  #variables: NodeJS.ProcessEnv;

  /** @param home an existing folder */
  constructor(home: string, variables: NodeJS.ProcessEnv) {
    this.#home = home;
    this.#variables = variables;
  }

  /** The same person with other variables; undefined takes one away. */
  with(variables: NodeJS.ProcessEnv): Operator {
    return new Operator(this.#home, { ...this.#variables, ...variables });
  }

  /** As `aws configure` writes it. */
  writeConfig(text: string): void {
    mkdirSync(join(this.#home, '.aws'), { recursive: true });
    writeFileSync(join(this.#home, '.aws', 'config'), text);
  }

  run(...args: string[]): Promise<Outcome> {
    const others = Object.entries(process.env).filter(([name]) => !/^(AWS_|RETAIL_|npm_)/.test(name));
    return startRetail(args, {
      ...Object.fromEntries(others),
      HOME: this.#home,
      // Or the SDK looks for the credentials of a machine in EC2, and waits.
      AWS_EC2_METADATA_DISABLED: 'true',
      ...this.#variables,
    }).outcome;
  }
}
