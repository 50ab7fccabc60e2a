import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { findProgram } from '../../tools/chromium.ts';

/** Firefox, and the driver of WebKitGTK, which has the engine of Safari. Without them, their tests are skipped. */
export const FIREFOX = findProgram(
  ['firefox-esr', 'firefox'],
  ['/Applications/Firefox.app/Contents/MacOS/firefox'],
);
export const WEBKIT = findProgram(['xvfb-run']) && findProgram(['WebKitWebDriver']);

const START_MILLISECONDS = 30_000;
/** The key Enter (WebDriver, 17.4.2). */
export const ENTER = '\uE007';

/** A browser that is not Chromium, with one page. */
export interface Engine {
  open(url: string): Promise<void>;
  /** Runs a function in the page. It uses nothing from outside; its arguments and its result are JSON. */
  run<Args extends readonly unknown[], Result>(
    work: (...args: Args) => Result | Promise<Result>,
    ...args: Args
  ): Promise<Result>;
  /** Presses keys, one after the other. */
  type(keys: string): Promise<void>;
  stop(): Promise<void>;
}

/** The protocol of a driver: what the two below have in common. */
interface Commands {
  open(url: string): Promise<unknown>;
  /** Calls a function of one text in the page, which returns a text. */
  call(source: string, text: string): Promise<string>;
  act(actions: object[]): Promise<unknown>;
  stop(): Promise<void>;
}

function toEngine({ open, call, act, stop }: Commands): Engine {
  return {
    open: async (url) => void (await open(url)),
    run: async (work, ...args) => {
      const source = `async (text) => JSON.stringify({ result: await (${work})(...JSON.parse(text)) })`;
      return JSON.parse(await call(source, JSON.stringify(args))).result;
    },
    type: async (keys) => {
      const actions = [...keys].flatMap((value) => ['keyDown', 'keyUp'].map((type) => ({ type, value })));
      await act([{ type: 'key', id: 'keys', actions }]);
    },
    stop,
  };
}

/** Starts Firefox, which speaks WebDriver BiDi. */
export async function startFirefox(): Promise<Engine> {
  const profile = await mkdtemp(join(tmpdir(), 'retail-firefox-'));
  const port = await findPort();
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', String(port)];
  const stopProgram = startProgram(FIREFOX!, args);
  const socket = await retry(() => connect(`ws://127.0.0.1:${port}/session`));
  const waiting = new Map<number, (answer: { result: unknown; error?: string; message?: string }) => void>();
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data));
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let last = 0;
  const send = <Result>(method: string, params: object) =>
    new Promise<Result>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error, message }) =>
        error === undefined ? resolve(result as Result) : reject(new Error(`${method}: ${message}`)),
      );
      socket.send(JSON.stringify({ id, method, params }));
    });
  await send('session.new', { capabilities: {} });
  const { contexts } = await send<{ contexts: { context: string }[] }>('browsingContext.getTree', {});
  const { context } = contexts[0]!;
  return toEngine({
    open: (url) => send('browsingContext.navigate', { context, url, wait: 'complete' }),
    call: async (functionDeclaration, text) => {
      const { result, exceptionDetails } = await send<{
        result?: { value: string };
        exceptionDetails?: { text: string };
      }>('script.callFunction', {
        functionDeclaration,
        arguments: [{ type: 'string', value: text }],
        target: { context },
        awaitPromise: true,
      });
      if (result === undefined) throw new Error(exceptionDetails?.text);
      return result.value;
    },
    act: (actions) => send('input.performActions', { context, actions }),
    stop: async () => {
      socket.close();
      await stopProgram();
      await rm(profile, { recursive: true, force: true });
    },
  });
}

/** Starts WebKitGTK, whose driver speaks WebDriver, on a virtual screen. */
export async function startWebKit(): Promise<Engine> {
  const port = await findPort();
  const stopProgram = startProgram('xvfb-run', ['--auto-servernum', WEBKIT!, `--port=${port}`]);
  const send = async <Result>(method: string, path: string, body?: object): Promise<Result> => {
    const init = { method, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const { value } = (await response.json()) as { value: Result & { message?: string } };
    if (!response.ok) throw new Error(`${path}: ${value.message}`);
    return value;
  };
  await retry(() => send('GET', '/status'));
  const { sessionId } = await send<{ sessionId: string }>('POST', '/session', { capabilities: {} });
  const session = `/session/${sessionId}`;
  return toEngine({
    open: (url) => send('POST', `${session}/url`, { url }),
    call: async (source, text) => {
      const script = `const [text, end] = arguments;
        (${source})(text).then((result) => end({ result }), (error) => end({ error: String(error) }));`;
      const answer = await send<{ result: string; error?: string }>('POST', `${session}/execute/async`, {
        script,
        args: [text],
      });
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.result;
    },
    act: (actions) => send('POST', `${session}/actions`, { actions }),
    stop: async () => {
      await send('DELETE', session);
      await stopProgram();
    },
  });
}

/** @returns what ends the program, and the programs that it has started */
function startProgram(program: string, args: string[]): () => Promise<void> {
  // Without a language, WebKitGTK names "C", which is none for `Intl`.
  const env = { ...process.env, LANG: 'en_GB.UTF-8' };
  const child = spawn(program, args, { detached: true, stdio: 'ignore', env });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid);
    await ended;
  };
}

async function retry<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const end = Date.now() + START_MILLISECONDS; ; await sleep(100)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

function connect(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

function findPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
