import { Button } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { IconBellOff, IconCheck } from '../../ui/icons.ts';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../ui/states.tsx';
import { useAcknowledgeAlerts } from './acknowledge.tsx';
import { AlertList } from './alert-list.tsx';
import styles from './alerts.module.css';
import type { Alert } from './contracts.ts';
import { FilterBar } from './filter-bar.tsx';
import { Head } from './head.tsx';
import { waitingPages } from './paged.ts';
import { rowsOf } from './rows.ts';
import type { AlertsSearch } from './search.ts';
import { SilenceDrawer } from './silence-drawer.tsx';
import { useAlerts } from './use-alerts.ts';

const RULES = `printf 'rule_files: [rules/*.yml]\\nalertmanager: {config_file: alertmanager.yml}\\n' >> pharos.yaml`;
const NONE: readonly Alert[] = [];
const NO_FILTERS: readonly string[] = [];

type Page = NonNullable<ReturnType<typeof useAlerts>['data']>;

/** The alerts somebody chose, of those that are still there. */
function useChosen(alerts: readonly Alert[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const choose = useCallback((some: readonly Alert[], chosen: boolean) => {
    setIds((before) => {
      const next = new Set(before);
      for (const { fingerprint } of some) {
        if (chosen) next.add(fingerprint);
        else next.delete(fingerprint);
      }
      return next;
    });
  }, []);
  const chosen = useMemo(() => alerts.filter(({ fingerprint }) => ids.has(fingerprint)), [alerts, ids]);
  return { ids, chosen, choose, clear: () => setIds(new Set()) };
}

function useTurned() {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const turn = useCallback((value: string) => {
    setTurned((before) => {
      const next = new Set(before);
      if (!next.delete(value)) next.add(value);
      return next;
    });
  }, []);
  return [turned, turn] as const;
}

function Nothing({ rules, filtered }: { readonly rules: number; readonly filtered: boolean }) {
  if (filtered) return <p className={styles['quiet']}>No alert is left by these filters.</p>;
  if (rules > 0)
    return (
      <EmptyState title="All is quiet">
        {rules === 1 ? 'One rule is' : `${rules.toLocaleString('en')} rules are`} evaluated, and none has
        anything to say. Prometheus, vmalert and others may send their alerts here too.
      </EmptyState>
    );
  return (
    <EmptyState title="No rule and no alert yet" command={RULES}>
      Alerts come from rule files, as Prometheus reads them, and from every Prometheus or vmalert that has
      this server among its Alertmanagers. Name the files in pharos.yaml, then reload with SIGHUP or start
      again.
    </EmptyState>
  );
}

interface BulkProps {
  readonly chosen: number;
  readonly all: number;
  /** Pages of them that wait for somebody. */
  readonly waiting: number;
  readonly acknowledging: boolean;
  readonly acknowledge: () => void;
  readonly silence: () => void;
  readonly chooseAll: () => void;
  readonly clear: () => void;
}

/** What can be done with what is chosen. */
function Bulk({ chosen, all, waiting, silence, chooseAll, clear, ...acknowledging }: BulkProps) {
  return (
    <div className={styles['bulk']}>
      <span className={styles['quiet']}>
        {chosen === 0
          ? 'Choose alerts to acknowledge or silence them together'
          : `${chosen.toLocaleString('en')} chosen`}
      </span>
      {chosen > 0 && (
        <>
          {waiting > 0 && (
            <Button
              size="compact-sm"
              leftSection={<IconCheck size={14} />}
              loading={acknowledging.acknowledging}
              onClick={acknowledging.acknowledge}
            >
              Acknowledge
            </Button>
          )}
          <Button size="compact-sm" leftSection={<IconBellOff size={14} />} onClick={silence}>
            Silence
          </Button>
          <Button size="compact-sm" variant="default" onClick={clear}>
            Choose none
          </Button>
        </>
      )}
      {chosen < all && (
        <Button size="compact-sm" variant="subtle" onClick={chooseAll}>
          {all === 1 ? 'Choose it' : `Choose all ${all.toLocaleString('en')}`}
        </Button>
      )}
    </div>
  );
}

interface ChoosingProps {
  readonly alerts: readonly Alert[];
  readonly by: string;
  readonly filterBy: (matcher: string) => void;
}

/** The list, and what is done with those of it that somebody chose. */
function Choosing({ alerts, by, filterBy }: ChoosingProps) {
  const navigate = useNavigate({ from: '/alerts' });
  const { ids, chosen, choose, clear } = useChosen(alerts);
  const [turned, turn] = useTurned();
  const [silencing, setSilencing] = useState<readonly Alert[] | null>(null);
  const rows = useMemo(() => rowsOf(alerts, by, turned), [alerts, by, turned]);
  const silence = (some: readonly Alert[]): void => {
    const wanted = chosen.length > 0 ? chosen : some;
    if (wanted.length > 0) setSilencing(wanted);
  };
  const { acknowledge, isPending } = useAcknowledgeAlerts(clear);
  return (
    <>
      <Bulk
        chosen={chosen.length}
        all={alerts.length}
        waiting={waitingPages(chosen).length}
        acknowledging={isPending}
        acknowledge={() => acknowledge(chosen)}
        silence={() => setSilencing(chosen)}
        chooseAll={() => choose(alerts, true)}
        clear={clear}
      />
      <AlertList
        rows={rows}
        by={by}
        chosen={ids}
        choose={choose}
        turn={turn}
        open={({ fingerprint }) =>
          void navigate({ to: '/alerts/$fingerprint', params: { fingerprint }, search: {} })
        }
        filterBy={filterBy}
        silence={silence}
        acknowledge={(some) => acknowledge(chosen.length > 0 ? chosen : some)}
      />
      <SilenceDrawer
        about={silencing === null ? null : { kind: 'alerts', alerts: silencing }}
        close={() => setSilencing(null)}
        saved={clear}
      />
    </>
  );
}

function isFiltered({ f = NO_FILTERS, state, receiver }: AlertsSearch): boolean {
  return f.length > 0 || state !== undefined || receiver !== undefined;
}

/** What fires, is about to, or is kept quiet. */
export function AlertsPage() {
  const search = useSearch({ from: '/alerts' });
  const navigate = useNavigate({ from: '/alerts' });
  const { data, error, refetch } = useAlerts(search);
  const { f = NO_FILTERS, by = 'alertname' } = search;
  const set = useCallback(
    (next: AlertsSearch) => {
      void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
    },
    [navigate],
  );
  const filterBy = useCallback((matcher: string) => set({ f: [...new Set([...f, matcher])] }), [f, set]);
  const filtered = isFiltered(search);
  // What is wrong with a filter must not take the filter away.
  if (error !== null && data === undefined && !filtered)
    return <ErrorState what="The alerts" error={error} retry={() => void refetch()} />;
  return (
    <>
      <Head title="Alerts">{verdict(data)}</Head>
      {(filtered || data === undefined || data.total > 0) && (
        <FilterBar search={search} set={set} counts={data?.counts} alerts={data?.alerts ?? NONE} by={by} />
      )}
      {error !== null && <ErrorLine what="The alerts" error={error} />}
      {data === undefined && error === null && <Bone height={320} />}
      {data?.total === 0 && <Nothing rules={data.rules} filtered={filtered} />}
      {data !== undefined && data.alerts.length > 0 && (
        <Choosing alerts={data.alerts} by={by} filterBy={filterBy} />
      )}
    </>
  );
}

/** "3 fire, the most urgent 5,000 of 9,000 are shown" */
function verdict(page: Page | undefined): string {
  if (page === undefined) return '';
  const { counts, total, alerts } = page;
  const { firing } = counts;
  const fire =
    firing === 0 ? 'none fires' : `${firing.toLocaleString('en')} ${firing === 1 ? 'fires' : 'fire'}`;
  const shown = alerts.length;
  return shown < total
    ? `${fire}, the most urgent ${shown.toLocaleString('en')} of ${total.toLocaleString('en')} are shown`
    : fire;
}
