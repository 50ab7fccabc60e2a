import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CfnResource, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type Conditions, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, RecursiveLoop, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { type ICommandHooks, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { RulesDocument } from '../../lambdas/core/rules.ts';
import { RULES_FILE } from '../../lambdas/shared/rules-file.ts';
import { allow, type KeyedService, type KeyUse, keyStatements } from '../access/statements.ts';
import type { Settings } from '../settings/read-settings.ts';

/** Defines `require`, which some packages of the SDK and papaparse call and ES modules do not have. */
const REQUIRE_BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/**
 * Package that a module of the project replaces in the bundles. The SDK looks for credentials in profiles, single
 * sign-on and the network; a function has them in its environment. docs/performance.md has the effect on cold starts.
 */
export const REPLACED_PACKAGE = '@aws-sdk/credential-provider-node';
const REPLACEMENT = fileURLToPath(
  new URL('../../lambdas/shared/environment-credentials.ts', import.meta.url),
);

/**
 * Size of the heap's young generation. By default Node lets it grow by about 100 MiB before it collects garbage, so the
 * peak grows with the rows and no work is saved (docs/performance.md).
 */
const SEMI_SPACE_MIB = 8;

/** The settings, which have the retention, and the key that encrypts the logs. */
export interface LogProps {
  readonly settings: Settings;
  readonly key: IKey | undefined;
}

export interface PipelineFunctionProps {
  /** The function's folder under `lambdas/`. */
  readonly folder: string;
  readonly description: string;
  /** @default 512 */
  readonly memoryMiB?: number;
  readonly timeoutSeconds: number;
  /** Share of the timeout that is kept for a checkpoint, from which another invocation continues. @default 0 */
  readonly checkpointShare?: number;
  readonly environment: Readonly<Record<string, string>>;
  /** @default ACTIVE: Lambda traces one invocation a second and 5 % of the others */
  readonly tracing?: Tracing;
  readonly data: LogProps;
  readonly bundlingHooks?: ICommandHooks;
  /** Rules that are put beside the code. @default none */
  readonly rules?: RulesDocument;
}

/** Makes a word the first part of a construct's id or of an alarm's heading. */
export function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function createLogGroup(scope: Construct, id: string, { settings, key }: LogProps): LogGroup {
  return new LogGroup(scope, id, {
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(key && { encryptionKey: key }),
  });
}

/** Gives the CDK's own functions in a stack a log group. Their default one keeps its logs forever and outlives the stack. */
export function limitLogsOfCustomResources(stack: Stack, props: LogProps): void {
  for (const resource of stack.node.findAll()) {
    const isFunction =
      CfnResource.isCfnResource(resource) && resource.cfnResourceType === 'AWS::Lambda::Function';
    if (!isFunction || resource.node.scope instanceof PipelineFunction) continue;
    const { logGroupName } = createLogGroup(resource.node.scope!, 'Logs', props);
    resource.addPropertyOverride('LoggingConfig', { LogGroup: logGroupName });
  }
}

/**
 * The CloudWatch namespace of the metrics that functions write. Their dimension `service` is the function's folder,
 * which is the same in every stage of an account: the namespace tells the stages apart.
 */
export function metricsNamespace(stage: string): string {
  return `RetailPipeline/${stage}`;
}

/** Puts a file with a value in JSON, of any length, beside the code. It changes the hash of the asset. */
export function addFile(name: string, content: object): ICommandHooks {
  return addOutput((dir) => writeFileSync(join(dir, name), JSON.stringify(content)));
}

/** Writes files beside the code. They change the hash of the asset. */
export function addOutput(write: (assetDir: string) => void): ICommandHooks {
  return {
    beforeBundling: () => [],
    beforeInstall: () => [],
    // A command with the path of a temporary file would be a part of the hash. The construct asks for the commands of a
    // container too, whose folder does not exist here.
    afterBundling: (_inputDir, outputDir) => {
      if (existsSync(outputDir)) write(outputDir);
      return [];
    },
  };
}

export function joinHooks(hooks: readonly ICommandHooks[]): ICommandHooks {
  return {
    beforeBundling: (...dirs) => hooks.flatMap((hook) => hook.beforeBundling(...dirs)),
    beforeInstall: (...dirs) => hooks.flatMap((hook) => hook.beforeInstall(...dirs)),
    afterBundling: (...dirs) => hooks.flatMap((hook) => hook.afterBundling(...dirs)),
  };
}

/**
 * A function of the pipeline: bundled with everything that it needs, with its own role and log group. The operations
 * stack finds every function of the pipeline stack and adds the standard alarms.
 */
export class PipelineFunction extends NodejsFunction {
  /** The function's folder under `lambdas/`, which is also the `service` of its logs and metrics. */
  readonly folder: string;
  /** First part of the headings of its alarms: the folder with a capital letter. */
  readonly stem: string;
  readonly memoryMiB: number;
  readonly checkpointShare: number;
  #key: IKey | undefined;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    const { memoryMiB = 512, checkpointShare = 0 } = props;
    const { settings, key } = props.data;
    const logGroup = createLogGroup(scope, `${id}Logs`, props.data);
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    super(scope, id, {
      entry: `lambdas/${props.folder}/index.ts`,
      description: props.description,
      role,
      logGroup,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      tracing: props.tracing ?? Tracing.ACTIVE,
      memorySize: memoryMiB,
      timeout: Duration.seconds(props.timeoutSeconds),
      // By default Lambda stops a message that comes from the function itself after about 16 invocations (Lambda
      // developer guide, "Use Lambda recursive loop detection"). Each checkpoint is further in the file than the last.
      ...(checkpointShare > 0 && { recursiveLoop: RecursiveLoop.ALLOW }),
      environment: {
        ...props.environment,
        NODE_OPTIONS: `--enable-source-maps --max-semi-space-size=${SEMI_SPACE_MIB}`,
        POWERTOOLS_SERVICE_NAME: props.folder,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(settings.stage),
      },
      bundling: {
        target: 'node24',
        format: OutputFormat.ESM,
        mainFields: ['module', 'main'],
        minify: true,
        keepNames: true,
        sourceMap: true,
        sourcesContent: false,
        banner: REQUIRE_BANNER,
        // The SDK is part of the bundle: what was tested is what runs.
        externalModules: [],
        esbuildArgs: { [`--alias:${REPLACED_PACKAGE}`]: REPLACEMENT },
        commandHooks: joinHooks([
          ...(props.bundlingHooks ? [props.bundlingHooks] : []),
          ...(props.rules ? [addFile(RULES_FILE, props.rules)] : []),
        ]),
      },
    });
    this.#key = key;
    this.folder = props.folder;
    this.stem = capitalize(props.folder);
    this.memoryMiB = memoryMiB;
    this.checkpointShare = checkpointShare;
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
  }

  /** Grants exactly these actions on exactly these resources. */
  allow(actions: string[], resources: string[], conditions?: Conditions): void {
    this.addToRolePolicy(allow(actions, resources, conditions));
  }

  invokeEvery(interval: Duration): void {
    const targets = [new LambdaFunction(this)];
    new Rule(this.node.scope!, 'Schedule', { schedule: Schedule.rate(interval), targets });
  }

  /** Lets the function use the stage's key, if there is one, through one service only. */
  allowKey(service: KeyedService, use: KeyUse): void {
    for (const statement of keyStatements(this.#key, service, use)) this.addToRolePolicy(statement);
  }
}
