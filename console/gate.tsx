import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { SessionAnswer } from '../lambdas/core/api-answers.ts';
import type { SignIn } from '../lambdas/core/console-config.ts';
import { type ApiError, authorizeCalls, get, getConfig, onSignedOut } from './api.ts';
import { Icon } from './parts/icon.tsx';
import { ErrorState } from './parts/states.tsx';
import { getSession } from './session.ts';
import { authorizationOf, type Client, resumeSignIn, signOut, startSignIn } from './sign-in.ts';

/** What stands between a person and the screens. */
export type Gate =
  | { readonly kind: 'checking' }
  | { readonly kind: 'open'; readonly session: SessionAnswer; readonly client?: Client | undefined }
  | { readonly kind: 'closed'; readonly signIn: SignIn; readonly message?: string | undefined }
  | { readonly kind: 'error'; readonly error: ApiError; readonly client?: Client | undefined };

const RETRY_SECONDS = 5;
const RESUMED: readonly string[] = ['resuming', 'offline'];
const NOT_ACCEPTED =
  'You have signed in, but this console does not accept it. Sign in again. If that does not help, tell the operator.';

async function findGate(): Promise<Gate> {
  const { signIn } = await getConfig();
  if (signIn.kind === 'none') return { kind: 'closed', signIn };
  const client = signIn.kind === 'oidc' ? signIn : undefined;
  if (client !== undefined) {
    authorizeCalls(() => authorizationOf(client));
    const state = await resumeSignIn(client);
    if (state.kind === 'out') return { kind: 'closed', signIn, message: state.message };
  }
  try {
    return { kind: 'open', session: await getSession(), client };
  } catch (error) {
    const { trouble } = error as ApiError;
    if (trouble === 'signed-out') {
      const isRefused = client !== undefined && (await authorizationOf(client)) !== undefined;
      return { kind: 'closed', signIn, message: isRefused ? NOT_ACCEPTED : undefined };
    }
    // Another account may have the permission.
    if (trouble === 'forbidden') return { kind: 'error', error: error as ApiError, client };
    throw error;
  }
}

/** Finds out who the person is. A closed gate is tried again when the person returns to the page. */
export function useGate(): { readonly gate: Gate; readonly retry: () => void } {
  const [gate, setGate] = useState<Gate>({ kind: 'checking' });
  const [attempt, setAttempt] = useState(0);
  const retry = () => setAttempt((count) => count + 1);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLatest = true;
    const show = (found: Gate) => isLatest && setGate(found);
    findGate().then(show, (error: ApiError) => {
      if (!isLatest) return;
      show({ kind: 'error', error });
      const { retryAfter = RETRY_SECONDS } = error;
      if (RESUMED.includes(error.trouble)) timer = setTimeout(retry, retryAfter * 1_000);
    });
    return () => {
      isLatest = false;
      clearTimeout(timer);
    };
  }, [attempt]);
  // Not after the next frame: the frame of a hidden page may come after the person has returned.
  useLayoutEffect(() => {
    if (gate.kind !== 'closed') return;
    const returned = () => !document.hidden && retry();
    document.addEventListener('visibilitychange', returned);
    return () => document.removeEventListener('visibilitychange', returned);
  }, [gate.kind]);
  return { gate, retry };
}

/** What a person sees who may not use the screens yet. */
export function ClosedGate({ gate, retry }: { readonly gate: Gate; readonly retry: () => void }) {
  if (gate.kind === 'error') {
    return (
      <>
        <h1 class="visually-hidden">Retail console</h1>
        <ErrorState error={gate.error} onRetry={retry} />
        {gate.client !== undefined && <SignOutButton client={gate.client} />}
      </>
    );
  }
  if (gate.kind !== 'closed') return null;
  const { signIn, message } = gate;
  return (
    <section class="gate card">
      <h1>Sign in</h1>
      {message !== undefined && <p role="alert">{message}</p>}
      <SignInHelp signIn={signIn} />
      {signIn.kind === 'session' && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </section>
  );
}

function SignInHelp({ signIn }: { readonly signIn: SignIn }): ComponentChildren {
  if (signIn.kind === 'none') {
    return (
      <>
        <p>{signIn.message}</p>
        {signIn.isTemporary === true && (
          // The page may call the service only if it was there when the page was loaded.
          <button type="button" onClick={() => location.reload()}>
            Try again
          </button>
        )}
      </>
    );
  }
  if (signIn.kind === 'session') {
    return (
      <>
        <p>This console belongs to the pipeline that runs on this computer. In its folder, type</p>
        <p>
          <code>npx retail console</code>
        </p>
        <p>in a terminal, and open the link that it prints.</p>
      </>
    );
  }
  return (
    <button type="button" class="primary" onClick={() => void startSignIn(signIn)}>
      Sign in
    </button>
  );
}

/** A bar above the screen of a person whose session has ended. What they have typed stays on the screen. */
export function SignedOutBar({ client }: { readonly client: Client | undefined }) {
  const [isOut, setOut] = useState(false);
  useLayoutEffect(() => onSignedOut(setOut), []);
  useLayoutEffect(() => {
    if (!isOut) return;
    const returned = () => void (!document.hidden && get('/session').catch(() => undefined));
    document.addEventListener('visibilitychange', returned);
    return () => document.removeEventListener('visibilitychange', returned);
  }, [isOut]);
  if (!isOut) return null;
  return (
    <div class="notice warn" role="alert">
      <Icon name="warning" />
      <p class="grow">
        Your session has ended.{' '}
        {client === undefined ? (
          <>
            Type <code>npx retail console</code> in a terminal, open its link, and return to this page.
          </>
        ) : (
          'Sign in again. Your corrections stay; files that were not sent have to be dropped again.'
        )}
      </p>
      {client !== undefined && (
        <button type="button" onClick={() => void startSignIn(client)}>
          Sign in
        </button>
      )}
    </div>
  );
}

/** Who the person is: the stage, what they may do, and the way out. */
export function Identity({ gate }: { readonly gate: Gate }) {
  if (gate.kind !== 'open') return <div class="identity" />;
  const { session, client } = gate;
  const { role, sends, stage } = session;
  const stores = session.stores.length === 1 ? session.stores[0] : `${session.stores.length} stores`;
  const may = role === 'operator' ? 'all stores' : `${stores}${sends.length === 0 ? ', read only' : ''}`;
  return (
    <div class="identity">
      <span class="tag" title="Stage of the pipeline">
        {stage}
      </span>
      <span class="muted small ellipsis">{may}</span>
      {client !== undefined && <SignOutButton client={client} />}
    </div>
  );
}

function SignOutButton({ client }: { readonly client: Client }) {
  return (
    <button type="button" class="quiet" onClick={() => signOut(client)}>
      Sign out
    </button>
  );
}
