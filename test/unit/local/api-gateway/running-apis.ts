import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ApiGateway } from '../../../../local/api-gateway/api-gateway.ts';
import type { SocketLimits } from '../../../../local/api-gateway/web-socket-api.ts';
import { readCloudModel } from '../../../../local/assembly/read-cloud-model.ts';
import { FunctionHost } from '../../../../local/functions/function-host.ts';
import { apiAuthenticator } from '../../../../local/gateway/authenticate.ts';
import { addPolicies } from '../../../../local/iam/access-control.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { type RunningGateway, startGateway } from '../running-gateway.ts';
import { type SampleApp, synthesizeSampleApp } from './sample-app.ts';

export interface RunningApis extends RunningGateway {
  readonly httpUrl: string;
  /** Path of the HTTP API, for requests that are signed. */
  readonly httpPath: string;
  readonly socketUrl: string;
  /** Errors of functions. */
  readonly problems: Error[];
}

/** The APIs of the sample app on the real gateway, for the tests of one file. To be called outside of tests. */
export async function startApis(sample: SampleApp, socketLimits?: SocketLimits): Promise<RunningApis> {
  const dir = temporaryDir();
  const running = await startGateway(() => ({}));
  const { gateway, endpoint, access, keys } = running;
  const model = await readCloudModel(synthesizeSampleApp(dir, sample), endpoint);
  addPolicies(model, access);
  const problems: Error[] = [];
  const hosts = model.functions.map((fn) => {
    const secretAccessKey = keys.secretOf(fn.name);
    return new FunctionHost({ model: fn, endpoint, secretAccessKey, logFile: join(dir, `${fn.name}.log`) });
  });
  const apis = new ApiGateway({
    ...{ apis: model.apis, hosts, access },
    authenticate: apiAuthenticator({ access, keys }, gateway.signIn),
    onProblem: (problem) => problems.push(problem),
    ...(socketLimits !== undefined && { socketLimits }),
  });
  gateway.serveApis(apis);
  afterAll(async () => {
    apis.close();
    await Promise.all(hosts.map((host) => host.stop()));
  });
  const { HttpUrl: httpUrl = '', SocketUrl: socketUrl = '' } = model.stacks[0]!.outputs;
  return { ...running, httpUrl, httpPath: httpUrl.slice(endpoint.length), socketUrl, problems };
}
