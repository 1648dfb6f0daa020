import { ActionIcon, Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { metricsOfService } from '../../joins/links.ts';
import { useTimeRange } from '../../time/use-range.ts';
import { Delta, Numeral } from '../../ui/figures.tsx';
import type { Unit } from '../../ui/format.ts';
import { IconArrowRight, IconX } from '../../ui/icons.ts';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Bone, ErrorLine } from '../../ui/states.tsx';
import { StatusBadge, StatusIcon } from '../../ui/status.tsx';
import type { Figures } from './contracts.ts';
import { comparisonWords } from './filter-bar.tsx';
import { logsOf, timeOf } from './links.ts';
import { bySeverity, type MapCall, type MapModel, type MapNode } from './model.ts';
import type { TopologySearch } from './search.ts';
import styles from './topology.module.css';
import { type Between, useSteps, valuesOf } from './use-topology.ts';
import { NodeIcon, nameOf, typeWord } from './words.tsx';

const ROWS: readonly { readonly label: string; readonly of: keyof Figures; readonly unit: Unit }[] = [
  { label: 'Calls', of: 'rate', unit: 'rate' },
  { label: 'Failed', of: 'error_ratio', unit: 'ratio' },
  { label: 'p50', of: 'p50', unit: 'seconds' },
  { label: 'p95', of: 'p95', unit: 'seconds' },
  { label: 'p99', of: 'p99', unit: 'seconds' },
];

const CURVES = { rate: 'var(--s1)', error_ratio: 'var(--unhealthy)', p95: 'var(--s4)' } as const;

/** The figures of the shown time, and how they went over the range. */
function FigureList({
  of: { figures, before },
  between,
  against,
}: {
  readonly of: Pick<MapCall, 'figures' | 'before'>;
  readonly between: Between;
  readonly against: string;
}) {
  const [range] = useTimeRange();
  const { data, error } = useSteps(range, between);
  return (
    <>
      <dl className={styles['figures']}>
        {ROWS.map(({ label, of, unit }) => {
          const curve = of === 'rate' || of === 'error_ratio' || of === 'p95' ? of : null;
          return (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <Numeral value={figures[of]} unit={unit} />
                {before !== undefined && (
                  <Delta now={figures[of]} before={before?.[of]} unit={unit} against="" absent="no calls" />
                )}
              </dd>
              <dd className={styles['curve']}>
                {curve !== null &&
                  (data === undefined ? (
                    error === null && <Bone height={24} width={120} />
                  ) : (
                    <Sparkline
                      values={valuesOf(data, (point) => point[curve], curve === 'rate' ? 0 : null)}
                      color={CURVES[curve]}
                      width={120}
                      floor={curve === 'error_ratio' ? 0.02 : 0}
                    />
                  ))}
              </dd>
            </div>
          );
        })}
      </dl>
      {error !== null && data === undefined && <ErrorLine what="How it went over time" error={error} />}
      {before !== undefined && <p className={styles['quiet']}>Changes {against}.</p>}
    </>
  );
}

interface PanelProps {
  readonly model: MapModel;
  readonly search: TopologySearch;
  readonly set: (next: TopologySearch) => void;
}

function CallList({
  title,
  calls,
  end,
  set,
}: {
  readonly title: string;
  readonly calls: readonly MapCall[];
  readonly end: 'source' | 'target';
  readonly set: PanelProps['set'];
}) {
  if (calls.length === 0) return null;
  return (
    <section className={styles['calls']} aria-label={title}>
      <h3>
        {title} <span className={styles['quiet']}>{calls.length}</span>
      </h3>
      <ul>
        {bySeverity(calls).map((call) => (
          <li key={call[end]}>
            <button type="button" onClick={() => set({ node: undefined, call: [call.source, call.target] })}>
              <StatusIcon status={call.status} size={14} />
              <span className={styles['callName']}>{nameOf(call[end])}</span>
              <Numeral value={call.figures.rate} unit="rate" />
              {call.figures.errors > 0 ? (
                <span className={styles['bad']}>
                  <Numeral value={call.figures.error_ratio} unit="ratio" />
                </span>
              ) : (
                <Numeral value={call.figures.p95} unit="seconds" />
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** To what else is known of some services in the shown time. */
function Links({
  services,
  search,
  page,
  failing,
}: {
  readonly services: readonly string[];
  readonly search: TopologySearch;
  /** The service that has a page of its own here. */
  readonly page?: string;
  readonly failing: boolean;
}) {
  const [range] = useTimeRange();
  const time = timeOf(range, search);
  const called = services.at(-1);
  if (called === undefined) return null;
  return (
    <nav className={styles['links']} aria-label="Related">
      {page !== undefined && (
        <Link to="/services/$name" params={{ name: page }} search={time}>
          Service page
        </Link>
      )}
      <Link to="/logs" search={{ ...time, q: logsOf(services) }}>
        Logs
      </Link>
      <Link to="/traces" search={{ ...time, service: called }}>
        Traces
      </Link>
      {failing && (
        <Link to="/traces" search={{ ...time, service: called, error: true }}>
          Failed traces
        </Link>
      )}
      <Link to="/explore" search={{ ...time, q: metricsOfService(called), ex: true }}>
        Metrics
      </Link>
    </nav>
  );
}

function Head({
  title,
  close,
  children,
}: {
  readonly title: ReactNode;
  readonly close: () => void;
  readonly children: ReactNode;
}) {
  return (
    <header className={styles['panelHead']}>
      <h2>{title}</h2>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Close the panel" onClick={close}>
        <IconX size={14} />
      </ActionIcon>
      <p>{children}</p>
    </header>
  );
}

function NodePanel({ node, model, search, set }: PanelProps & { readonly node: MapNode }) {
  const callers = model.calls.filter(({ target }) => target === node.id);
  const called = model.calls.filter(({ source }) => source === node.id);
  const services = node.type === 'service' ? [node.name] : callers.map(({ source }) => source);
  const against = comparisonWords(search.compare);
  return (
    <>
      <Head
        title={
          <>
            <NodeIcon type={node.type} size={16} /> {node.name}
          </>
        }
        close={() => set({ node: undefined })}
      >
        {typeWord(node.type)} · <StatusBadge status={node.status} size={14} />
        {node.statusFrom === 'calls' && node.status !== 'unknown' && (
          <span className={styles['quiet']}> by how calls to it went</span>
        )}
      </Head>
      <Links
        services={services.slice(0, 5)}
        search={search}
        failing={node.figures.errors > 0}
        {...(node.type === 'service' && { page: node.name })}
      />
      <FigureList of={node} between={{ target: node.id }} against={against} />
      <CallList title="Called by" calls={callers} end="source" set={set} />
      <CallList title="Calls" calls={called} end="target" set={set} />
      {search.around !== node.id && (
        <Button size="compact-sm" variant="default" onClick={() => set({ around: node.id })}>
          Show only what is around it
        </Button>
      )}
    </>
  );
}

function CallPanel({ call, model, search, set }: PanelProps & { readonly call: MapCall }) {
  const target = model.nodes.find(({ id }) => id === call.target);
  const services = target?.type === 'service' ? [call.source, target.name] : [call.source];
  const ends = [call.source, call.target].map((id) => (
    <button
      key={id}
      type="button"
      className={styles['end']}
      onClick={() => set({ node: id, call: undefined })}
    >
      {nameOf(id)}
    </button>
  ));
  return (
    <>
      <Head
        title={
          <>
            {ends[0]} <IconArrowRight size={14} aria-label="calls" /> {ends[1]}
          </>
        }
        close={() => set({ call: undefined })}
      >
        calls · <StatusBadge status={call.status} size={14} />
        {call.presence === 'new' && <span className={styles['tag']}>new</span>}
        {call.presence === 'gone' && <span className={styles['tag']}>gone</span>}
      </Head>
      <Links services={services} search={search} failing={call.figures.errors > 0} />
      <FigureList
        of={call}
        between={{ source: call.source, target: call.target }}
        against={comparisonWords(search.compare)}
      />
    </>
  );
}

/** What is chosen on the map or in the table: its figures, how they went, and where to go from it. Null when that is not there. */
export function Panel({ model, search, set }: PanelProps) {
  const { node: id, call: ends } = search;
  const node = id === undefined ? undefined : model.nodes.find((one) => one.id === id);
  const call =
    ends === undefined
      ? undefined
      : model.calls.find(({ source, target }) => source === ends[0] && target === ends[1]);
  if (id === undefined && ends === undefined) return null;
  const name = ends === undefined ? nameOf(id ?? '') : ends.map(nameOf).join(' calling ');
  return (
    <aside className={styles['panel']} aria-label={`About ${name}`}>
      {call !== undefined ? (
        <CallPanel call={call} model={model} search={search} set={set} />
      ) : node !== undefined ? (
        <NodePanel node={node} model={model} search={search} set={set} />
      ) : (
        <Head title={name} close={() => set({ node: undefined, call: undefined })}>
          There was no call of it in this time.
        </Head>
      )}
    </aside>
  );
}
