import { type ComponentChildren, render } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ClosedGate, Identity, SignedOutBar, useGate } from './gate.tsx';
import { keepFocus } from './keep-focus.ts';
import { repairLanguage } from './language.ts';
import { Brand, Icon, type IconName } from './parts/icon.tsx';
import { ErrorState } from './parts/states.tsx';
import { announce, Toasts } from './parts/toast.tsx';
import { startPolling } from './poll.ts';
import { hrefOf, type Route, type ScreenName, useRoute } from './router.ts';
import { SCREENS, type Screen } from './screens/index.ts';

const NAVIGATION: readonly { screen: ScreenName; icon: IconName; also?: readonly ScreenName[] }[] = [
  { screen: 'drop', icon: 'send' },
  { screen: 'files', icon: 'files', also: ['upload', 'fix'] },
  { screen: 'numbers', icon: 'numbers' },
  { screen: 'days', icon: 'days' },
  { screen: 'operations', icon: 'operations' },
];

function Navigation({ screen }: { readonly screen: ScreenName }) {
  return (
    <nav class="navigation" aria-label="Screens">
      {NAVIGATION.map((entry) => (
        <a
          key={entry.screen}
          href={hrefOf(entry.screen)}
          aria-current={entry.screen === screen || entry.also?.includes(screen) ? 'page' : undefined}
        >
          <Icon name={entry.icon} />
          <span>{SCREENS[entry.screen].title}</span>
        </a>
      ))}
    </nav>
  );
}

/** The screen of a route. Its code is loaded once; the former screen stays until then. */
function CurrentScreen({ route, above }: { readonly route: Route; readonly above: ComponentChildren }) {
  const [loaded, setLoaded] = useState<{ name: ScreenName; Screen: Screen } | undefined>();
  const [hasFailed, setFailed] = useState(false);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const { screen: name, id = '' } = route;
  useEffect(() => {
    let isCurrent = true;
    setFailed(false);
    SCREENS[name].load().then(
      (Screen) => isCurrent && setLoaded({ name, Screen }),
      () => isCurrent && setFailed(true),
    );
    return () => {
      isCurrent = false;
    };
  }, [name]);
  // A screen reader begins to read the new screen, and Tab continues there, also if it is pressed at once.
  useLayoutEffect(() => {
    document.title = `${SCREENS[name].title} · Retail console`;
    if (!isFirst.current) {
      main.current?.focus();
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [name, id]);
  const isShown = loaded?.name === name;
  return (
    <main id="main" ref={main} tabIndex={-1} aria-busy={!isShown}>
      {above}
      {hasFailed && (
        <ErrorState
          message="This screen cannot be loaded. Check the connection."
          onRetry={() => location.reload()}
        />
      )}
      {isShown && !hasFailed && <loaded.Screen route={route} key={`${name} ${route.id ?? ''}`} />}
    </main>
  );
}

/** Keeps the page where a file is dropped: the browser would open the file. A screen that takes the file has done so before. */
function useDroppedFiles(): void {
  useLayoutEffect(() => {
    const keep = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      if (event.type === 'drop' && !event.defaultPrevented)
        announce('Nothing was sent. Drop files on the screen "Send".', 'problem');
      event.preventDefault();
    };
    addEventListener('dragover', keep);
    addEventListener('drop', keep);
    return () => {
      removeEventListener('dragover', keep);
      removeEventListener('drop', keep);
    };
  }, []);
}

function Console() {
  const route = useRoute();
  const { gate, retry } = useGate();
  const isOpen = gate.kind === 'open';
  useEffect(() => {
    // The code of the first screen comes while the session is looked up.
    SCREENS[route.screen].load().catch(() => undefined);
  }, []);
  useEffect(() => {
    if (isOpen) startPolling();
  }, [isOpen]);
  useDroppedFiles();
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <header class="bar">
        <a class="brand" href={hrefOf('drop')}>
          <Brand />
          Retail
        </a>
        {gate.kind !== 'closed' && <Navigation screen={route.screen} />}
        <Identity gate={gate} />
      </header>
      {isOpen ? (
        <CurrentScreen route={route} above={<SignedOutBar client={gate.client} />} />
      ) : (
        <main id="main" tabIndex={-1} aria-busy={gate.kind === 'checking'}>
          <ClosedGate gate={gate} retry={retry} />
        </main>
      )}
      <Toasts />
    </>
  );
}

/** The latest features that the page needs from Chrome and Safari, and from Firefox: the versions in index.html have them. */
const isSupported = CSS.supports('color', 'light-dark(#000, #fff)') && 'any' in AbortSignal;

repairLanguage(navigator);
const app = document.getElementById('app')!;
if (isSupported) {
  app.replaceChildren();
  keepFocus(app);
  render(<Console />, app);
} else {
  app.firstElementChild!.classList.remove('unstarted');
}
