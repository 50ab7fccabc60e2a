import type { CallFault, FaultPlan } from '../../local/faults/fault-plan.ts';

/** Functions whose calls fail so that they use all of their permissions. */
export type Folder = 'collect' | 'parse' | 'load' | 'notify';

export function atFirst(folder: Folder, action: string, calls: number, fault: CallFault): FaultPlan {
  let left = calls;
  return {
    onCall: (call) =>
      isFunction(call.functionName, folder) && call.action === action && left-- > 0 ? fault : undefined,
  };
}

export function failFirst(
  folder: Folder,
  action: string,
  calls: number,
  code: string,
  status: number,
): FaultPlan {
  return atFirst(folder, action, calls, { kind: 'error', when: 'before', code, status });
}

/** Tests a function's name, such as `retail-dev-pipeline-parse…`. */
export function isFunction(name: string, folder: Folder): boolean {
  return name.includes(`-pipeline-${folder}`);
}
