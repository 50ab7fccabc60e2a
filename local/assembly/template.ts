import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Account and region of the local cloud. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

export interface Resource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** Folder of the function's bundle, if the resource has one. */
  readonly assetPath: string | undefined;
  /** Names of the properties that the template sets. */
  readonly propertyNames: readonly string[];
  /** Resolves a property. @returns undefined if the template does not set it */
  property<Value = string>(name: string): Value | undefined;
  /** Value of `Ref`. */
  ref(): string;
  /** Value of `Fn::GetAtt`. */
  attribute(name: string): string;
}

interface ResourceDefinition {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Resources: Record<string, ResourceDefinition>;
  readonly Outputs?: Record<string, { Value: unknown }>;
}

/** Beginning of the names of the outputs that the CDK adds for references between stacks. */
const REFERENCE_OUTPUT = 'PublishOutput';

/** Values of `Ref` and `Fn::GetAtt` for the resources of one type. */
export interface ResourceValues {
  ref(resource: Resource): string;
  readonly attributes?: Readonly<Record<string, (resource: Resource) => string>>;
}

/** The synthesized stacks. Intrinsic functions are resolved when a property is read. */
export class Assembly {
  readonly resources: Resource[] = [];
  #templates = new Map<string, Template>();
  #values: Readonly<Record<string, ResourceValues>>;

  private constructor(values: Readonly<Record<string, ResourceValues>>) {
    this.#values = values;
  }

  /** @param leftOutStacks ids of stacks to skip */
  static async load(
    dir: string,
    values: Readonly<Record<string, ResourceValues>>,
    leftOutStacks: readonly string[] = [],
  ): Promise<Assembly> {
    const assembly = new Assembly(values);
    const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as {
      artifacts: Record<string, { type: string; properties: { templateFile: string; stackName?: string } }>;
    };
    for (const [id, { type, properties }] of Object.entries(manifest.artifacts)) {
      if (type !== 'aws:cloudformation:stack' || leftOutStacks.includes(id)) continue;
      // The CDK leaves out a name that is the id of the artifact.
      const { stackName = id, templateFile } = properties;
      const template = JSON.parse(await readFile(join(dir, templateFile), 'utf8')) as Template;
      assembly.#templates.set(stackName, template);
      for (const [logicalId, definition] of Object.entries(template.Resources)) {
        assembly.#add(stackName, logicalId, definition, dir);
      }
    }
    return assembly;
  }

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /**
   * Lists the stacks with their outputs, without those that only other stacks read, and with their resources.
   * @param physicalIdOf names a resource, also of a type to which nothing refers
   */
  stacks(physicalIdOf: (resource: Resource) => string) {
    return [...this.#templates].map(([name, { Outputs = {} }]) => {
      const outputs = Object.entries(Outputs)
        .filter(([key]) => !key.startsWith(REFERENCE_OUTPUT))
        .map(([key, output]) => [key, this.#resolve(output.Value, name) as string] as const);
      const resources = this.resources
        .filter(({ stackName }) => stackName === name)
        .map((resource) => ({
          LogicalResourceId: resource.logicalId,
          PhysicalResourceId: physicalIdOf(resource),
          ResourceType: resource.type,
        }));
      return { name, outputs: Object.fromEntries(outputs), resources };
    });
  }

  #add(stackName: string, logicalId: string, definition: ResourceDefinition, dir: string): void {
    const { Type: type, Properties = {}, Metadata = {} } = definition;
    const asset = Metadata['aws:asset:path'];
    const values = () => {
      const found = this.#values[type];
      if (found === undefined) throw new Error(`the local cloud has no value for a reference to ${type}`);
      return found;
    };
    const resource: Resource = {
      stackName,
      logicalId,
      type,
      assetPath: typeof asset === 'string' ? join(dir, asset) : undefined,
      propertyNames: Object.keys(Properties),
      property: <Value>(name: string) => this.#resolve(Properties[name], stackName) as Value | undefined,
      ref: () => values().ref(resource),
      attribute(name) {
        const value = values().attributes?.[name];
        if (value === undefined) throw new Error(`the local cloud does not know ${type}'s attribute ${name}`);
        return value(resource);
      },
    };
    this.resources.push(resource);
  }

  #resolve(value: unknown, stackName: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item, stackName));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [];
    if (entries.length === 1 && (name === 'Ref' || name?.startsWith('Fn::'))) {
      return this.#call(name, argument, stackName);
    }
    return Object.fromEntries(entries.map(([key, item]) => [key, this.#resolve(item, stackName)]));
  }

  #call(name: string, argument: unknown, stackName: string): unknown {
    if (name === 'Ref') return this.#reference(argument as string, stackName);
    if (name === 'Fn::GetAtt') {
      const [logicalId, attribute] = argument as [string, string];
      return this.#find(stackName, logicalId).attribute(attribute);
    }
    if (name === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown];
      return (this.#resolve(parts, stackName) as string[]).join(separator);
    }
    if (name === 'Fn::Sub' && typeof argument === 'string') {
      // `${!Name}` is the literal text `${Name}`.
      return argument.replace(/\$\{([^}]+)\}/g, (_, reference: string) =>
        reference.startsWith('!') ? `$\{${reference.slice(1)}}` : this.#reference(reference, stackName),
      );
    }
    if (name === 'Fn::GetStackOutput') {
      return this.#readOutput(this.#resolve(argument, stackName) as Record<string, string>);
    }
    throw new Error(`the local cloud does not know the intrinsic function ${name} of stack ${stackName}`);
  }

  #reference(name: string, stackName: string): string {
    const pseudo: Record<string, string> = {
      'AWS::AccountId': ACCOUNT,
      'AWS::Region': REGION,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stackName,
    };
    return pseudo[name] ?? this.#find(stackName, name).ref();
  }

  #readOutput({
    StackName = '',
    OutputName = '',
    Region = REGION,
    ...others
  }: Record<string, string>): unknown {
    const output = this.#templates.get(StackName)?.Outputs?.[OutputName];
    if (output === undefined || Region !== REGION || Object.keys(others).length > 0) {
      const reference = JSON.stringify({ StackName, OutputName, Region, ...others });
      throw new Error(`no stack of the local cloud has the output ${reference}`);
    }
    return this.#resolve(output.Value, StackName);
  }

  #find(stackName: string, logicalId: string): Resource {
    const found = this.resources.find((item) => item.stackName === stackName && item.logicalId === logicalId);
    if (found === undefined) throw new Error(`stack ${stackName} has no resource ${logicalId}`);
    return found;
  }
}
