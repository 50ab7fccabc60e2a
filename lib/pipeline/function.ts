import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { type ICommandHooks, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type KeyedService, keyStatements } from '../data/key-use.ts';
import { metricsNamespace } from '../operations/metrics-namespace.ts';
import type { Settings } from '../settings/read-settings.ts';
import { BUNDLING, REPLACED_PACKAGES } from './bundling.ts';

/** As the arguments of esbuild's command line. */
const REPLACEMENTS = Object.fromEntries(
  Object.entries(REPLACED_PACKAGES).map(([name, path]) => [`--alias:${name}`, path]),
);

/**
 * Of the part of the heap where values begin. By itself Node lets it grow by some 100 MiB before it collects anything:
 * peaks then grow with the rows, for no work saved. docs/performance.md has the numbers.
 */
const SEMI_SPACE_MIB = 8;

export interface PipelineFunctionProps {
  /** The function's folder under `lambdas/`. */
  readonly folder: string;
  readonly description: string;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** Encrypts the logs. @default CloudWatch's own */
  readonly key: IKey | undefined;
  /** @default nothing runs beside the bundling */
  readonly bundlingHooks?: ICommandHooks;
}

/** Makes a word the first part of a construct's id. */
export function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A function of the pipeline: bundled with all that it needs, with a role and a log group of its own. */
export class PipelineFunction extends NodejsFunction {
  /** The function's folder under `lambdas/`, by which its metrics go too. */
  readonly folder: string;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: props.settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(props.key && { encryptionKey: props.key }),
    });
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    super(scope, id, {
      entry: `lambdas/${props.folder}/index.ts`,
      description: props.description,
      role,
      logGroup,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      tracing: Tracing.ACTIVE,
      memorySize: props.memoryMiB,
      timeout: Duration.seconds(props.timeoutSeconds),
      environment: {
        ...props.environment,
        NODE_OPTIONS: `--enable-source-maps --max-semi-space-size=${SEMI_SPACE_MIB}`,
        POWERTOOLS_SERVICE_NAME: props.folder,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(props.settings),
      },
      bundling: {
        ...BUNDLING,
        externalModules: [],
        format: OutputFormat.ESM,
        esbuildArgs: REPLACEMENTS,
        ...(props.bundlingHooks === undefined ? {} : { commandHooks: props.bundlingHooks }),
      },
    });
    this.folder = props.folder;
    this.memoryMiB = props.memoryMiB;
    this.timeoutSeconds = props.timeoutSeconds;
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
  }

  /** Grants exactly these actions on exactly these resources. */
  allow(actions: string[], resources: string[], conditions?: Record<string, Record<string, string>>): void {
    this.addToRolePolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions, resources, ...(conditions && { conditions }) }),
    );
  }

  /** Lets the function use a key through a service alone, where there is one. */
  allowKey(key: IKey | undefined, service: KeyedService, use: 'read' | 'write'): void {
    for (const statement of keyStatements(key, service, use)) this.addToRolePolicy(statement);
  }
}
