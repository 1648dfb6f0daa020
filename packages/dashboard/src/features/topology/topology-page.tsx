import { Drawer, useMatches } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { useTimeRange } from '../../time/use-range.ts';
import shell from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../ui/states.tsx';
import { FilterBar } from './filter-bar.tsx';
import { TopologyMap } from './map/topology-map.tsx';
import { filtered, type MapModel } from './model.ts';
import { Panel } from './panel.tsx';
import type { TopologySearch } from './search.ts';
import { Tables } from './tables.tsx';
import { Timeline } from './timeline.tsx';
import styles from './topology.module.css';
import { useTopology } from './use-topology.ts';

/** "5 services, 4 stores and others, 11 calls between them" */
function inWords({ nodes, calls }: MapModel): string {
  const services = nodes.filter(({ type }) => type === 'service').length;
  const others = nodes.length - services;
  const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
  return [
    count(services, 'service', 'services'),
    ...(others === 0 ? [] : [count(others, 'store or other', 'stores and others')]),
    count(calls.length, 'connection', 'connections'),
  ].join(', ');
}

function Nothing({
  search,
  all,
  clear,
}: {
  readonly search: TopologySearch;
  readonly all: MapModel;
  readonly clear: () => void;
}) {
  if (all.nodes.length > 0)
    return (
      <EmptyState title="Nothing matches the filters">
        {search.failing === true ? 'No call failed in this time. ' : ''}
        <button type="button" className={styles['linkish']} onClick={clear}>
          Show all {all.nodes.length}
        </button>
      </EmptyState>
    );
  if (search.at !== undefined)
    return (
      <EmptyState title="No calls in this moment">
        No span of these minutes is stored. Choose another moment, or the whole time range.
      </EmptyState>
    );
  return (
    <EmptyState
      title="No calls in this time range"
      command="OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 node app.js"
    >
      The map is drawn from traces: as soon as a service sends its spans, it stands here with whom it calls
      and the stores it uses.
    </EmptyState>
  );
}

/** What could not be had, beside what is shown. */
function Missing({ newer, earlier }: { readonly newer: Error | null; readonly earlier: Error | null }) {
  return (
    <>
      {newer !== null && <ErrorLine what="Newer figures" error={newer} />}
      {earlier !== null && <ErrorLine what="The time to compare with" error={earlier} />}
    </>
  );
}

/** Who calls whom, how often, how well and how fast; now, or at any moment that is still stored. */
export function TopologyPage() {
  const search = useSearch({ from: '/topology' });
  const navigate = useNavigate({ from: '/topology' });
  const [range] = useTimeRange();
  const phone = useMatches({ base: true, sm: false });
  const { graph, before, model } = useTopology(range, search);
  const view = search.as ?? (phone ? 'table' : 'map');
  const set = (next: TopologySearch): void =>
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
  const { failing, stores, around } = search;
  const shown = useMemo(
    () => (model === undefined ? undefined : filtered(model, { failing, stores, around })),
    [model, failing, stores, around],
  );
  useHotkeys([
    {
      keys: 't',
      label: 'Map or table',
      group: 'Page',
      run: () => set({ as: view === 'map' ? 'table' : 'map' }),
    },
    {
      keys: 'Escape',
      label: 'Close the panel',
      group: 'Page',
      run: () => set({ node: undefined, call: undefined }),
    },
  ]);
  if (graph.error !== null && graph.data === undefined)
    return <ErrorState what="The topology" error={graph.error} retry={() => void graph.refetch()} />;
  const chosen = search.node !== undefined || search.call !== undefined;
  const panel = model !== undefined && chosen && <Panel model={model} search={search} set={set} />;
  const close = (): void => set({ node: undefined, call: undefined });
  return (
    <>
      <div className={shell['pageHead']}>
        <h1>Topology</h1>
        {shown !== undefined && shown.nodes.length > 0 && <p>{inWords(shown)}</p>}
      </div>
      <Missing newer={graph.error} earlier={search.compare === undefined ? null : before.error} />
      <FilterBar model={model ?? { nodes: [], calls: [] }} search={search} view={view} set={set} />
      <Timeline range={range} search={search} set={set} />
      {model === undefined || shown === undefined ? (
        <Bone height={420} />
      ) : shown.nodes.length === 0 ? (
        <Nothing
          search={search}
          all={model}
          clear={() => set({ failing: undefined, stores: undefined, around: undefined })}
        />
      ) : (
        <div className={styles['stage']} data-panel={chosen && !phone} data-stale={graph.isPlaceholderData}>
          {view === 'map' ? (
            <TopologyMap
              model={shown}
              chosen={search}
              choose={(what) => set({ node: undefined, call: undefined, ...what })}
            />
          ) : (
            <Tables model={shown} search={search} set={set} />
          )}
          {!phone && panel}
        </div>
      )}
      {phone && (
        <Drawer
          opened={chosen}
          onClose={close}
          position="bottom"
          size="80%"
          withCloseButton={false}
          title="Details"
        >
          {panel}
        </Drawer>
      )}
    </>
  );
}
