import { expect, test } from 'vitest';
import { describeSignIn } from '../../../../lambdas/api/console-sign-in.ts';

const CLIENT = {
  kind: 'oidc',
  authorizeUrl: 'https://login.example.com/oauth2/authorize',
  tokenUrl: 'https://login.example.com/oauth2/token',
  logoutUrl: 'https://login.example.com/logout',
  clientId: 'c',
  scopes: ['openid'],
} as const;
const TEXT = JSON.stringify({ ...CLIENT, consoleUrl: 'https://people.example.com/console/index.html' });

test('people sign in at the address of their API', () => {
  expect(describeSignIn(TEXT, 'people.example.com')).toEqual(CLIENT);
});

test('at the address of the tills, the page names the other address', () => {
  expect(describeSignIn(TEXT, 'tills.example.com')).toEqual({
    kind: 'none',
    message: 'People sign in at another address: https://people.example.com/console/index.html',
  });
});

test('without the setting, nobody signs in', () => {
  expect(describeSignIn('{"kind":"none"}', 'tills.example.com')).toMatchObject({ kind: 'none' });
});
