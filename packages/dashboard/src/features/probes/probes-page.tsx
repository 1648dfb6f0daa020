import { Button, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { IconPlayerPause, IconSearch } from '../../ui/icons.ts';
import page from '../../ui/page.module.css';
import { loadWhenIdle } from '../../ui/preload.ts';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../ui/states.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import type { ProbeList } from './contracts.ts';
import { ProbeListing } from './probe-list.tsx';
import styles from './probes.module.css';
import { type ProbesSearch, STATES } from './search.ts';
import { useProbeRows } from './use-probes.ts';
import { verdict } from './words.ts';

const loadDrawer = () => import('./probe-detail.tsx');
const ProbeDrawer = lazy(async () => ({ default: (await loadDrawer()).ProbeDrawer }));
const Maintenance = lazy(async () => ({ default: (await import('./maintenance.tsx')).Maintenance }));

function useSetSearch(): (next: Partial<ProbesSearch>) => void {
  const navigate = useNavigate({ from: '/probes' });
  return useCallback(
    (next) => void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true }),
    [navigate],
  );
}

function Filters({ counts }: { readonly counts: ProbeList['counts'] }) {
  const { q = '', is } = useSearch({ from: '/probes' });
  const set = useSetSearch();
  return (
    <div className={styles['filters']}>
      <TextInput
        size="xs"
        aria-label="Filter probes"
        placeholder="Name, target, service or tag"
        leftSection={<IconSearch size={14} />}
        value={q}
        onChange={(event) => set({ q: event.currentTarget.value || undefined })}
      />
      {STATES.map((candidate) => {
        const count = counts[candidate];
        if (count === 0 && is !== candidate) return null;
        return (
          <Button
            key={candidate}
            size="compact-sm"
            variant="default"
            className={styles['chip'] ?? ''}
            data-chosen={is === candidate}
            aria-pressed={is === candidate}
            onClick={() => set({ is: is === candidate ? undefined : candidate })}
            leftSection={
              candidate === 'paused' ? (
                <IconPlayerPause size={14} aria-hidden />
              ) : (
                <StatusIcon status={candidate} size={14} />
              )
            }
          >
            {count.toLocaleString('en')} {candidate}
          </Button>
        );
      })}
    </div>
  );
}

function Probes() {
  const search = useSearch({ from: '/probes' });
  const set = useSetSearch();
  const [inSight, setInSight] = useState({ first: 0, last: 0 });
  const { data, error, isPending, retry, rowAt } = useProbeRows(search, inSight.first, inSight.last);
  const seen = useCallback(
    (first: number, last: number) =>
      setInSight((before) => (before.first === first && before.last === last ? before : { first, last })),
    [],
  );
  if (error !== null && data === undefined)
    return <ErrorState what="The probes" error={error} retry={retry} />;
  const filtered = search.q !== undefined || search.is !== undefined;
  return (
    <>
      {error !== null && <ErrorLine what="Newer states" error={error} />}
      {isPending && <Bone height={320} />}
      {data !== undefined && data.counts.all === 0 && !filtered && (
        <EmptyState
          title="Nothing is probed yet"
          command={`curl -X POST ${window.location.origin}/api/v1/probes -H 'content-type: application/json' -d '{"type":"http","name":"shop","target":"https://shop.example/health"}'`}
        >
          A probe looks at a service from outside, over HTTP, TCP, DNS, TLS or by ping, or waits for a job to
          say that it is alive. Make one here, over the API, or under probes in pharos.yaml.
        </EmptyState>
      )}
      {data !== undefined && (data.counts.all > 0 || filtered) && (
        <>
          <Filters counts={data.counts} />
          <ProbeListing total={data.total} rowAt={rowAt} open={({ id }) => set({ probe: id })} seen={seen} />
        </>
      )}
    </>
  );
}

/** What looks at services from outside: how each probe's target is, and what it saw. */
export function ProbesPage() {
  const { probe, view } = useSearch({ from: '/probes' });
  const set = useSetSearch();
  const { data } = useProbeRows({}, 0, 0);
  const isHere = data !== undefined;
  const [wasOpen, setWasOpen] = useState(false);
  if (probe !== undefined && !wasOpen) setWasOpen(true);
  // What a press on a row opens, once the rows are there and drawn.
  useEffect(() => {
    if (isHere) loadWhenIdle([loadDrawer], () => false);
  }, [isHere]);
  return (
    <>
      <div className={page['pageHead']}>
        <h1>Probes</h1>
        {data !== undefined && data.counts.all > 0 && <p>{verdict(data.counts)}</p>}
        <span className={styles['headButtons']}>
          <Button
            size="xs"
            variant="default"
            aria-pressed={view === 'maintenance'}
            onClick={() => set({ view: view === undefined ? 'maintenance' : undefined })}
          >
            {view === 'maintenance' ? 'Show the probes' : 'Maintenance'}
          </Button>
          <Button size="xs" onClick={() => set({ probe: 'new' })}>
            New probe
          </Button>
        </span>
      </div>
      {view === 'maintenance' ? (
        <Suspense fallback={<Bone height={320} />}>
          <Maintenance />
        </Suspense>
      ) : (
        <Probes />
      )}
      {wasOpen && (
        <Suspense>
          <ProbeDrawer
            id={probe ?? null}
            open={(id) => set({ probe: id })}
            close={() => set({ probe: undefined })}
          />
        </Suspense>
      )}
    </>
  );
}
