import { expect, test } from 'vitest';
import { oncePermitted } from '../../../../lambdas/migrate/once-permitted.ts';

const errorNamed = (name: string) => Object.assign(new Error('not authorized'), { name });

test('a call that is not permitted yet is retried until it is', async () => {
  const answers = [errorNamed('AccessDeniedException'), errorNamed('AccessDenied'), 'done'];
  const call = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  await expect(oncePermitted(call, 1)).resolves.toBe('done');
  expect(answers).toEqual([]);
});

test('any other error is not retried', async () => {
  let calls = 0;
  const call = async () => {
    calls++;
    throw errorNamed('DatabaseErrorException');
  };
  await expect(oncePermitted(call, 1)).rejects.toThrow('not authorized');
  expect(calls).toBe(1);
});
