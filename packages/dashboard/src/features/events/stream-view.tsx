import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { useLive } from '../../live/provider.tsx';
import { rangeKey, useTimeRange } from '../../time/use-range.ts';
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from '../../ui/icons.ts';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../ui/states.tsx';
import { EventDrawer } from './event-drawer.tsx';
import { EventList } from './event-list.tsx';
import styles from './events.module.css';
import { Filters } from './filters.tsx';
import { joined } from './live-rows.ts';
import type { EventsFilter } from './search.ts';
import { totalOf } from './total.ts';
import { MOST_EVENTS, useAsOf, useEventStats, useInSight, useStoredEvents } from './use-events.ts';
import { useLiveEvents } from './use-live-events.ts';

const EXAMPLE = `curl ${window.location.origin}/api/v1/monitoring/events -H 'content-type: application/json' -d '{"source":"checkout","event_type":"request","data":{"response_time":6000}}'`;

/** Reads the list again when the stream begins anew: what came in between is in the store. */
function useRefreshOnReturn(following: boolean, refresh: () => void): void {
  const before = useRef(following);
  useEffect(() => {
    if (following && !before.current) refresh();
    before.current = following;
  }, [following, refresh]);
}

function useEventsPage() {
  const { status, decision, source, type, rule, event: opened = '' } = useSearch({ from: '/events' });
  const navigate = useNavigate({ from: '/events' });
  const [range] = useTimeRange();
  const { paused, setPaused } = useLive();
  const inSight = useInSight();
  const filter = useMemo<EventsFilter>(
    () => ({ status, decision, source, type, rule }),
    [status, decision, source, type, rule],
  );
  const [away, setAway] = useState(false);
  const { asOf, refresh } = useAsOf(filter, range);
  const stored = useStoredEvents(filter, range, asOf);
  const follows = range.kind === 'relative' && !paused && inSight;
  useRefreshOnReturn(follows, refresh);
  const live = useLiveEvents({
    filter,
    enabled: follows,
    isHeld: away || opened !== '',
    above: `${rangeKey(range)} ${JSON.stringify(filter)} ${asOf}`,
    known: stored.ids,
    refresh,
  });
  const set = useCallback(
    (next: EventsFilter & { event?: string | undefined }, replace = true): void => {
      void navigate({ search: (previous) => ({ ...previous, ...next }), replace });
    },
    [navigate],
  );
  return { filter, opened, range, paused, setPaused, stored, live, follows, refresh, set, setAway };
}

type Page = ReturnType<typeof useEventsPage>;

function Bar({ page, total }: { readonly page: Page; readonly total: number | undefined }) {
  const { live, paused, setPaused, refresh, range, follows, set } = page;
  const waiting = live.rows.held.length;
  return (
    <div className={styles['bar']}>
      <p className={styles['quiet']} aria-live="polite">
        {total === undefined
          ? ''
          : `${total.toLocaleString('en')} ${total === 1 ? 'event' : 'events'} in this time range`}
        {follows && live.connected && ', new ones come in by themselves'}
        {live.rows.leftOut > 0 &&
          `; ${live.rows.leftOut.toLocaleString('en')} came too fast to be shown one by one`}
      </p>
      {waiting > 0 && (
        <Button size="compact-xs" onClick={live.release}>
          Show {waiting.toLocaleString('en')} new
        </Button>
      )}
      {Object.values(page.filter).some((value) => value !== undefined) && (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() =>
            set({
              status: undefined,
              decision: undefined,
              source: undefined,
              type: undefined,
              rule: undefined,
            })
          }
        >
          Clear filters
        </Button>
      )}
      {range.kind === 'relative' && (
        <Button
          size="compact-xs"
          variant="default"
          aria-pressed={paused}
          leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
          onClick={() => setPaused(!paused)}
        >
          {paused ? 'Follow' : 'Pause'}
        </Button>
      )}
      <Tooltip label="Read the list again">
        <ActionIcon size="sm" variant="default" aria-label="Read the list again" onClick={refresh}>
          <IconRefresh size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

function Foot({ stored, shown }: { readonly stored: Page['stored']; readonly shown: number }) {
  const { answer } = stored;
  if (answer.isFetchNextPageError) return <ErrorLine what="Older events" error={answer.error} />;
  if (answer.hasNextPage) return <p>Reading older events…</p>;
  if (shown >= MOST_EVENTS)
    return <p>{shown.toLocaleString('en')} events are loaded, as many as the page holds. Add a filter.</p>;
  return <p>{shown === 0 ? '' : 'These are all in this time range.'}</p>;
}

/** The judged events as they come, and what is stored of them. */
export function StreamView() {
  const page = useEventsPage();
  const { filter, opened, range, paused, setPaused, stored, live, set, setAway } = page;
  const stats = useEventStats(range);
  const events = useMemo(
    () => joined(live.rows.shown, stored.events, stored.ids),
    [live.rows.shown, stored.events, stored.ids],
  );
  useHotkeys([
    { keys: 'p', label: 'Pause or follow', group: 'Page', run: () => setPaused(!paused) },
    { keys: 'Escape', label: 'Show what came in', group: 'Lists', run: live.release },
  ]);
  const { answer } = stored;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = answer;
  const canMore = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  const more = useMemo(() => (canMore ? () => void fetchNextPage() : undefined), [canMore, fetchNextPage]);
  if (answer.error !== null && answer.data === undefined)
    return <ErrorState what="The events" error={answer.error} retry={() => void answer.refetch()} />;
  const unfiltered = Object.values(filter).every((value) => value === undefined);
  const none = answer.data !== undefined && !answer.isPlaceholderData && events.length === 0;
  return (
    <>
      <Filters filter={filter} set={set} counts={stats.data} />
      <Bar
        page={page}
        total={totalOf(filter, stats.data, {
          total: stored.total,
          since: events.length - stored.events.length,
        })}
      />
      {stored.warnings.map((warning) => (
        <p key={warning} className={styles['quiet']} role="status">
          {warning}
        </p>
      ))}
      {answer.data === undefined && <Bone height={320} />}
      {none && unfiltered && (
        <EmptyState title="No event in this time range" command={EXAMPLE}>
          A service submits what it just did and is told at once whether to go on. Every event then stands
          here with its verdict.
        </EmptyState>
      )}
      {none && !unfiltered && <p className={styles['quiet']}>No event is left by these filters.</p>}
      {answer.data !== undefined && !none && (
        <EventList
          events={events}
          open={({ id }) => set({ event: id }, false)}
          hold={setAway}
          more={more}
          foot={<Foot stored={stored} shown={events.length} />}
        />
      )}
      <EventDrawer id={opened} close={() => set({ event: undefined })} filterBy={set} />
    </>
  );
}
