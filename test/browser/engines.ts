import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { findProgram } from '../../tools/chromium.ts';
import { findPort, retry, START_MILLISECONDS, startProgram } from './program.ts';

/** Firefox, and the driver of WebKitGTK, which has the engine of Safari. Without them, their tests are skipped. */
export const FIREFOX = findProgram(
  ['firefox-esr', 'firefox'],
  ['/Applications/Firefox.app/Contents/MacOS/firefox'],
);
export const WEBKIT = findProgram(['Xvfb']) && findProgram(['WebKitWebDriver']);

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
}

function toEngine({ open, call, act }: Commands, stop: () => Promise<void>): Engine {
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
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  const program = startProgram(FIREFOX!, args);
  const stop = async () => {
    await program.stop();
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  return stopUnless(stop, async () => {
    // Firefox chooses its port: one that is free now may not be so when it begins to listen.
    const { ws_port: port } = await retry(program, async () =>
      JSON.parse(await readFile(join(profile, 'WebDriverBiDiServer.json'), 'utf8')),
    );
    const send = await connect(`ws://127.0.0.1:${port}/session`);
    await send('session.new', { capabilities: {} });
    const { contexts } = await send<{ contexts: { context: string }[] }>('browsingContext.getTree', {});
    const { context } = contexts[0]!;
    return {
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
    };
  });
}

/** Starts WebKitGTK, whose driver speaks WebDriver, on a virtual screen. */
export async function startWebKit(): Promise<Engine> {
  const screen = startProgram('Xvfb', [
    '-displayfd',
    '3',
    '-screen',
    '0',
    '1280x1024x24',
    '-nolisten',
    'tcp',
  ]);
  const started = [screen];
  const stop = async () => {
    for (const program of started.toReversed()) await program.stop();
  };
  return stopUnless(stop, async () => {
    // The screen chooses its number, and says it as soon as it can be used.
    const display = await screen.firstLine;
    if (display === '') throw new Error('the virtual screen has ended');
    const port = await findPort();
    // It names the language of this system "C".
    const driver = startProgram(WEBKIT!, [`--port=${port}`], { DISPLAY: `:${display}`, LC_ALL: 'C.UTF-8' });
    started.push(driver);
    const send = async <Result>(method: string, path: string, body?: object): Promise<Result> => {
      const init = { method, ...(body && { body: JSON.stringify(body) }) };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      const { value } = (await response.json()) as { value: Result & { message?: string } };
      if (!response.ok) throw new Error(`${path}: ${value.message}`);
      return value;
    };
    await retry(driver, () => send('GET', '/status'));
    const { sessionId } = await send<{ sessionId: string }>('POST', '/session', { capabilities: {} });
    const session = `/session/${sessionId}`;
    return {
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
    };
  });
}

/** @param stop ends everything that the start has begun, also if it fails or hangs */
async function stopUnless(stop: () => Promise<void>, start: () => Promise<Commands>): Promise<Engine> {
  const late = sleep(START_MILLISECONDS, undefined, { ref: false }).then(() => {
    throw new Error('the browser did not start in time');
  });
  try {
    return toEngine(await Promise.race([start(), late]), stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @returns what sends a command, and waits for its answer */
async function connect(url: string) {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (answer: { result?: unknown; error?: string; message?: string }) => void>();
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data));
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  socket.on('close', () => {
    for (const answer of waiting.values()) answer({ error: 'closed', message: 'the browser has ended' });
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', reject);
  });
  let last = 0;
  return <Result>(method: string, params: object) =>
    new Promise<Result>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error, message }) =>
        error === undefined ? resolve(result as Result) : reject(new Error(`${method}: ${message}`)),
      );
      socket.send(JSON.stringify({ id, method, params }));
    });
}
