import { createHash } from 'node:crypto';
import type { CloudModel } from '../assembly/read-cloud-model.ts';
import { ACCOUNT, REGION } from '../assembly/template.ts';
import { QueryService } from '../gateway/query-service.ts';
import { ServiceError, type ServiceRequest } from '../gateway/service.ts';
import type { XmlTree } from '../gateway/xml.ts';
import type { AccessControl } from '../iam/access-control.ts';

const XML_NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
const STATUS = 'CREATE_COMPLETE';
/** CloudFormation answers 100 resources, and the rest only to ListStackResources with a token. */
const MAX_DESCRIBED_RESOURCES = 100;

type Stack = CloudModel['stacks'][number];

/** The actions of CloudFormation that read outputs and names of resources. All resources are in one page. */
export class CloudFormationService extends QueryService {
  constructor(stacks: readonly Stack[], access: AccessControl) {
    const startTime = new Date().toISOString();
    // Authorized by name first: the answer must not reveal to other callers whether the stack exists.
    const find = (action: string, parameters: URLSearchParams, { caller, region }: ServiceRequest): Stack => {
      const name = parameters.get('StackName') ?? '';
      if (name === '') throw new ServiceError('ValidationError', `${action} needs a StackName`);
      access.authorize(caller, `cloudformation:${action}`, arnOf(name, region, '*'));
      const stack = region === REGION ? stacks.find((candidate) => candidate.name === name) : undefined;
      if (stack !== undefined) return stack;
      throw new ServiceError('ValidationError', `Stack with id ${name} does not exist`);
    };
    const describe = ({ name, outputs }: Stack): XmlTree => ({
      StackId: stackId(name),
      StackName: name,
      CreationTime: startTime,
      StackStatus: STATUS,
      Outputs: {
        member: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
      },
    });
    super(XML_NAMESPACE, {
      DescribeStacks: {
        parameters: ['StackName'],
        run(parameters, request) {
          if (parameters.has('StackName')) {
            return { Stacks: { member: describe(find('DescribeStacks', parameters, request)) } };
          }
          const { caller, region } = request;
          access.authorize(caller, 'cloudformation:DescribeStacks', arnOf('*', region, '*'));
          return { Stacks: { member: region === REGION ? stacks.map(describe) : [] } };
        },
      },
      ListStackResources: {
        parameters: ['StackName'],
        run(parameters, request) {
          const { resources } = find('ListStackResources', parameters, request);
          const member = resources.map((resource) => ({
            ...resource,
            LastUpdatedTimestamp: startTime,
            ResourceStatus: STATUS,
          }));
          return { StackResourceSummaries: { member } };
        },
      },
      DescribeStackResources: {
        parameters: ['StackName'],
        run(parameters, request) {
          const { name, resources } = find('DescribeStackResources', parameters, request);
          const stack = { StackName: name, StackId: stackId(name) };
          const member = resources.slice(0, MAX_DESCRIBED_RESOURCES).map((resource) => ({
            ...stack,
            ...resource,
            Timestamp: startTime,
            ResourceStatus: STATUS,
          }));
          return { StackResources: { member } };
        },
      },
    });
  }
}

function stackId(name: string): string {
  return arnOf(name, REGION, createHash('sha256').update(name).digest('hex').slice(0, 32));
}

function arnOf(name: string, region: string, id: string): string {
  return `arn:aws:cloudformation:${region}:${ACCOUNT}:stack/${name}/${id}`;
}
