import type { UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { ErrorState, Skeleton, StaleNote } from '../parts/states.tsx';
import { useLive } from '../poll.ts';
import { hrefOf, navigate, type Route } from '../router.ts';
import { showText } from '../show-text.ts';
import { Conflicts } from './fix-conflicts.tsx';
import { OpenRows } from './fix-open.tsx';
import { SettledRows } from './fix-settled.tsx';

type Tab = 'open' | 'settled' | 'conflicts';

/** Rejected rows of a file, to be corrected in place; and its conflicts, both versions side by side. */
export function Fix({ route }: { readonly route: Route }) {
  const id = route.id ?? '';
  const path = `/uploads/${encodeURIComponent(id)}`;
  const { data, error, isFirst, refresh } = useLive<UploadAnswer>(path);
  const tab = (['settled', 'conflicts'] as const).find((name) => name === route.query.tab) ?? 'open';
  const show = (name: Tab) =>
    navigate(hrefOf('fix', { id, query: { tab: name === 'open' ? undefined : name } }), true);
  return (
    <>
      <nav aria-label="Path" class="row">
        <a class="button quiet" href={hrefOf('upload', { id })}>
          <Icon name="left" /> Details of the file
        </a>
      </nav>
      {isFirst && <Skeleton rows={6} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && (
        <>
          <header class="head">
            <h1 class="file-name">
              Correct <bdi>{showText(data.key.split('/').at(-1)!, 120)}</bdi>
            </h1>
          </header>
          <StaleNote error={error} />
          <Tabs upload={data} tab={tab} onTab={show} />
          {tab === 'open' && <OpenRows upload={data} code={route.query.code} onLoaded={refresh} />}
          {tab === 'settled' && <SettledRows upload={data} />}
          {tab === 'conflicts' && <Conflicts upload={data} />}
        </>
      )}
    </>
  );
}

function Tabs(props: {
  readonly upload: UploadAnswer;
  readonly tab: Tab;
  readonly onTab: (tab: Tab) => void;
}) {
  const { rejected, open, conflicting } = props.upload.rows;
  const tabs: readonly (readonly [Tab, string, number])[] = [
    ['open', 'To correct', open],
    ['settled', 'Done', rejected - open],
    ['conflicts', 'Conflicts', conflicting],
  ];
  return (
    <div class="tabs">
      {tabs.map(([name, title, count]) => (
        <button key={name} type="button" aria-pressed={name === props.tab} onClick={() => props.onTab(name)}>
          {title} <span class="count">{format.count(count)}</span>
        </button>
      ))}
    </div>
  );
}
