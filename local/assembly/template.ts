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
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Resources: Record<
    string,
    { Type: string; Properties?: object; Metadata?: Record<string, unknown> }
  >;
  readonly Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
}

/** Values of `Ref` and `Fn::GetAtt` for the resources of one type. */
export interface ResourceValues {
  ref(resource: Resource, assembly: Assembly): string;
  attributes?: Readonly<Record<string, (resource: Resource, assembly: Assembly) => string>>;
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
      artifacts: Record<string, { type: string; properties: { templateFile: string; stackName: string } }>;
    };
    for (const [id, { type, properties }] of Object.entries(manifest.artifacts)) {
      if (type !== 'aws:cloudformation:stack' || leftOutStacks.includes(id)) continue;
      const { stackName, templateFile } = properties;
      const template = JSON.parse(await readFile(join(dir, templateFile), 'utf8')) as Template;
      assembly.#templates.set(stackName, template);
      for (const [logicalId, { Type, Properties = {}, Metadata = {} }] of Object.entries(
        template.Resources,
      )) {
        const asset = Metadata['aws:asset:path'];
        const assetPath = typeof asset === 'string' ? join(dir, asset) : undefined;
        assembly.resources.push({
          stackName,
          logicalId,
          type: Type,
          assetPath,
          properties: Properties as Record<string, unknown>,
        });
      }
    }
    return assembly;
  }

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** Resolves a property of a resource. @returns undefined if the template does not set it */
  property<Value>(resource: Resource, name: string): Value | undefined {
    return this.#resolve(resource.properties[name], resource.stackName) as Value | undefined;
  }

  ref(resource: Resource): string {
    return this.#valuesOf(resource).ref(resource, this);
  }

  attribute(resource: Resource, name: string): string {
    const value = this.#valuesOf(resource).attributes?.[name];
    if (value === undefined)
      throw new Error(`the local cloud does not know ${resource.type}'s attribute ${name}`);
    return value(resource, this);
  }

  /** Lists the stacks with their outputs, without the exports that only other stacks read. */
  stacks(): { name: string; outputs: Record<string, string> }[] {
    return [...this.#templates].map(([name, { Outputs = {} }]) => {
      const outputs = Object.entries(Outputs)
        .filter(([, output]) => output.Export === undefined)
        .map(([key, output]) => [key, this.#resolve(output.Value, name) as string] as const);
      return { name, outputs: Object.fromEntries(outputs) };
    });
  }

  #valuesOf(resource: Resource): ResourceValues {
    const values = this.#values[resource.type];
    if (values === undefined)
      throw new Error(`the local cloud has no value for a reference to ${resource.type}`);
    return values;
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
      return this.attribute(this.#find(stackName, logicalId), attribute);
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
    if (name === 'Fn::ImportValue') return this.#import(this.#resolve(argument, stackName) as string);
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
    return pseudo[name] ?? this.ref(this.#find(stackName, name));
  }

  #import(exportName: string): unknown {
    for (const [stackName, { Outputs = {} }] of this.#templates) {
      for (const { Export, Value } of Object.values(Outputs)) {
        if (Export !== undefined && this.#resolve(Export.Name, stackName) === exportName) {
          return this.#resolve(Value, stackName);
        }
      }
    }
    throw new Error(`no stack exports ${exportName}`);
  }

  #find(stackName: string, logicalId: string): Resource {
    const found = this.resources.find((item) => item.stackName === stackName && item.logicalId === logicalId);
    if (found === undefined) throw new Error(`stack ${stackName} has no resource ${logicalId}`);
    return found;
  }
}
