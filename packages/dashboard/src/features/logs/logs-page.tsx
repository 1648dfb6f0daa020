import { useRef } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Head } from './head.tsx';
import { PatternsView } from './patterns-view.tsx';
import { isRefused, QueryBar } from './query-bar.tsx';
import { RangeView, type ViewProps } from './range-view.tsx';
import { TailView } from './tail-view.tsx';
import { useLogQuery } from './use-log-query.ts';
import { useFollowable } from './use-tail.ts';

/** The lines as they come. */
function LiveView({ log, input }: ViewProps) {
  const { error, counts } = useFollowable(log.query);
  return (
    <>
      <Head log={log} lines={[]} />
      <QueryBar log={log} error={error} input={input} />
      {counts ? (
        <EmptyState title="This query counts; it has no lines to follow">
          Live shows what a log query finds, such as {'{service_name="cart"} |= "timeout"'}. Under Lines this
          query is a graph.
        </EmptyState>
      ) : (
        !isRefused(error) && <TailView log={log} />
      )}
    </>
  );
}

/** What the lines have in common. */
function PatternsPage({ log, input }: ViewProps) {
  const { error } = useFollowable(log.query);
  return (
    <>
      <Head log={log} lines={[]} />
      <QueryBar log={log} error={error} input={input} />
      <PatternsView log={log} />
    </>
  );
}

export function LogsPage() {
  const log = useLogQuery();
  const input = useRef<HTMLInputElement>(null);
  useHotkeys([
    { keys: '/', label: 'Search in the lines', group: 'Page', run: () => input.current?.focus() },
    { keys: 'w', label: 'Wrap long lines', group: 'Page', run: log.toggleWrap },
    {
      keys: 'v',
      label: 'Live tail, or back',
      group: 'Page',
      run: () => log.show(log.view === 'live' ? undefined : 'live'),
    },
  ]);
  if (log.view === 'live') return <LiveView log={log} input={input} />;
  if (log.view === 'patterns') return <PatternsPage log={log} input={input} />;
  return <RangeView log={log} input={input} />;
}
