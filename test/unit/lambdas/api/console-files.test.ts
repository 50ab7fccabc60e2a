import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ConsoleFiles } from '../../../../lambdas/api/console-files.ts';
import type { ConsoleConfig, SignIn } from '../../../../lambdas/core/console-config.ts';
import { buildConsole, OLDEST } from '../../../../lib/api/build-console.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';

const dir = temporaryDir();
beforeAll(() => buildConsole(dir));

async function get(file: string | undefined, headers: Record<string, string> = {}, signIn?: SignIn) {
  const config: ConsoleConfig = {
    stage: 'test',
    signIn: signIn ?? { kind: 'session' },
    hasLocalControl: true,
  };
  const uploadUrl = 'https://bucket.s3.eu-west-1.amazonaws.com/';
  const files = new ConsoleFiles(pathToFileURL(`${dir}/console/`), {
    configAt: async () => config,
    uploadUrl,
  });
  return files.answer({ headers, pathParameters: file === undefined ? undefined : { file } } as never);
}

const textOf = ({ body }: { body: string }) => Buffer.from(body, 'base64').toString();
const linksOf = (html: string) => [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name!);

describe('the console', () => {
  it('is found at its folder, by an address relative to the API', async () => {
    expect(await get(undefined)).toMatchObject({
      statusCode: 302,
      headers: { location: 'console/index.html' },
    });
  });

  it('has a page that is asked for each time, and files whose names change with their content', async () => {
    const page = await get('index.html');
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
    const names = linksOf(textOf(page));
    expect([...new Set(names.map((name) => name.split('.').at(-1)))].sort()).toEqual(['css', 'js', 'svg']);
    for (const name of names) {
      expect(name).toMatch(/-\w{8}\.\w+$/);
      expect((await get(name)).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
  });

  it('names the oldest browsers for which it is built, in its page and in its documentation', async () => {
    const { chrome, firefox, safari } = OLDEST;
    const browsers = `Chrome or Edge ${chrome}, Firefox ${firefox}, Safari ${safari}, or a newer version`;
    for (const text of [textOf(await get('index.html')), readFileSync('docs/console.md', 'utf8')])
      expect(text.replace(/\s+/g, ' ')).toContain(browsers);
  });

  it.each([
    ['gzip, deflate, br', true],
    ['gzip;q=0.5', true],
    ['br', false],
    ['gzip;q=0', false],
    ['', false],
  ])('is compressed for a browser that sends Accept-Encoding: %s', async (accepted, isCompressed) => {
    const { headers, body } = await get('index.html', { 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(isCompressed ? 'gzip' : undefined);
    expect(headers.vary).toBe('accept-encoding');
    const bytes = Buffer.from(body, 'base64');
    expect((isCompressed ? gunzipSync(bytes) : bytes).toString()).toMatch(/^<!doctype html>/);
  });

  it('has its first view in less than 100 KB, and no source maps', async () => {
    const accept = { 'accept-encoding': 'gzip' };
    const names = ['index.html', ...linksOf(textOf(await get('index.html')))];
    const bytes = await Promise.all(
      names.map(async (name) => Buffer.from((await get(name, accept)).body, 'base64').length),
    );
    expect(bytes.reduce((sum, size) => sum + size)).toBeLessThan(100_000);
    for (const name of names) expect(textOf(await get(name))).not.toContain('sourceMappingURL');
  });

  it('runs no script and loads nothing from elsewhere', async () => {
    const html = textOf(await get('index.html'));
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:/);
    const policy = (await get('index.html')).headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).toContain("connect-src 'self' https://bucket.s3.eu-west-1.amazonaws.com/;");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
  });

  it('may call the server that gives it tokens', async () => {
    const signIn: SignIn = {
      kind: 'oidc',
      authorizeUrl: 'https://login.example.com/authorize',
      tokenUrl: 'https://tokens.example.com/oauth2/token',
      clientId: 'console',
      scopes: ['openid'],
    };
    const { headers, body } = await get('config.json', {}, signIn);
    expect(headers['content-security-policy']).toContain(' https://tokens.example.com;');
    expect(JSON.parse(body)).toEqual({ stage: 'test', signIn, hasLocalControl: true });
  });

  it('asks how people sign in for the page and its configuration only', async () => {
    const configAt = vi.fn(
      async () => ({ stage: 'test', signIn: { kind: 'session' }, hasLocalControl: true }) as const,
    );
    const files = new ConsoleFiles(pathToFileURL(`${dir}/console/`), {
      configAt,
      uploadUrl: 'https://b.example/',
    });
    const names = [undefined, ...linksOf(textOf(await get('index.html')))];
    for (const file of names) await files.answer({ headers: {}, pathParameters: { file } } as never);
    expect(configAt).not.toHaveBeenCalled();
    await files.answer({ headers: { host: 'a.example' }, pathParameters: { file: 'index.html' } } as never);
    expect(configAt.mock.calls).toEqual([['a.example']]);
  });

  it.each(['../index.mjs', 'index.html.gz', 'a/b.js', '', 'constructor', 'index.html\0'])(
    'has no file %j',
    async (name) => {
      await expect(get(name)).rejects.toThrow('The console has no such file');
    },
  );
});
