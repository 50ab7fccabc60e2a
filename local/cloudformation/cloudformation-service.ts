import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { CloudModel } from '../assembly/read-cloud-model.ts';
import { ACCOUNT, REGION } from '../assembly/template.ts';
import { readBody, type Service, ServiceError, type ServiceRequest } from '../gateway/service.ts';
import { writeXml } from '../gateway/xml.ts';
import type { AccessControl } from '../iam/access-control.ts';

const XML_NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
const CONTENT_TYPE = { 'content-type': 'text/xml' };
const MAX_REQUEST_BYTES = 65_536;
/** Supported parameters of DescribeStacks; any other is refused. */
const PARAMETERS = ['Action', 'Version', 'StackName'];

/** CloudFormation's DescribeStacks for one stack by its name. */
export class CloudFormationService implements Service {
  #stacks: CloudModel['stacks'];
  #access: AccessControl;
  #startTime = new Date().toISOString();

  constructor(stacks: CloudModel['stacks'], access: AccessControl) {
    this.#stacks = stacks;
    this.#access = access;
  }

  async handle({ body, region, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const request = new URLSearchParams(await readBody(body, MAX_REQUEST_BYTES));
    const unknown = [...request.keys()].find((name) => !PARAMETERS.includes(name));
    const name = request.get('StackName') ?? '';
    if (request.get('Action') !== 'DescribeStacks' || unknown !== undefined || name === '') {
      const what = `${request.get('Action')} ${unknown ?? ''}`.trim();
      throw new ServiceError(
        'InvalidAction',
        `the local cloud knows DescribeStacks with a StackName, not ${what}`,
      );
    }
    // Authorized by name first: the answer must not reveal to other callers whether the stack exists.
    const arn = (id: string) => `arn:aws:cloudformation:${region}:${ACCOUNT}:stack/${name}/${id}`;
    this.#access.authorize(caller, 'cloudformation:DescribeStacks', arn('*'));
    const stack = region === REGION ? this.#stacks.find((candidate) => candidate.name === name) : undefined;
    if (stack === undefined) {
      throw new ServiceError('ValidationError', `Stack with id ${name} does not exist`);
    }
    const Outputs = Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => {
      return { OutputKey, OutputValue };
    });
    const description = {
      StackId: arn(createHash('sha256').update(name).digest('hex').slice(0, 32)),
      StackName: name,
      CreationTime: this.#startTime,
      StackStatus: 'CREATE_COMPLETE',
      Outputs: { member: Outputs },
    };
    response.writeHead(200, CONTENT_TYPE).end(
      writeXml(
        'DescribeStacksResponse',
        {
          DescribeStacksResult: { Stacks: { member: description } },
          ResponseMetadata: { RequestId: randomUUID() },
        },
        XML_NAMESPACE,
      ),
    );
  }

  writeError(response: ServerResponse, Code: string, status: number, Message: string): void {
    const Type = status < 500 ? 'Sender' : 'Receiver';
    const tree = { Error: { Type, Code, Message }, RequestId: randomUUID() };
    response.writeHead(status, CONTENT_TYPE).end(writeXml('ErrorResponse', tree, XML_NAMESPACE));
  }
}
