import { Button, TextInput } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { StateChip } from '../../ui/chip.tsx';
import { RelativeTime } from '../../ui/figures.tsx';
import { formatDuration } from '../../ui/format.ts';
import { IconPlus, IconSearch } from '../../ui/icons.ts';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { useRowList } from '../../ui/use-row-list.ts';
import { VirtualList } from '../../ui/virtual-list.tsx';
import styles from './alerts.module.css';
import type { ListedRule, RuleGroup } from './contracts.ts';
import { Head } from './head.tsx';
import { HealthWord } from './rule-health.tsx';
import { countsOf, type RuleRow, ruleRows } from './rule-rows.ts';
import ofRules from './rules.module.css';
import { RULE_FILTERS, type RulesSearch } from './search.ts';
import { useRules } from './use-alerts.ts';

const COMMAND = `printf 'rule_files: [rules/*.yml]\\n' >> pharos.yaml`;
const ROW_PX = 36;
const LOOKS = { firing: 'unhealthy', pending: 'degraded', failing: 'degraded' } as const;
const NONE: readonly RuleGroup[] = [];

function Alerts({ rule }: { readonly rule: ListedRule }) {
  if (rule.kind === 'recording') return <span className={styles['quiet']}>records</span>;
  if (rule.firing + rule.pending === 0) return <span className={styles['quiet']}>quiet</span>;
  return (
    <Link to="/alerts" search={{ f: [`alertname=${JSON.stringify(rule.name)}`] }} className={styles['link']}>
      {[
        ...(rule.firing > 0 ? [`${rule.firing.toLocaleString('en')} firing`] : []),
        ...(rule.pending > 0 ? [`${rule.pending.toLocaleString('en')} pending`] : []),
      ].join(', ')}
    </Link>
  );
}

function Row({ row }: { readonly row: RuleRow }) {
  if (row.kind === 'group') {
    const { group } = row;
    return (
      <div className={ofRules['ruleGroup']}>
        <b>{group.name}</b>
        <span className={styles['quiet']}>
          {group.file}
          {group.language === 'logql' && ', over log lines'}, every {formatDuration(group.interval_ms)}
          {group.evaluated_at === null ? (
            ', not evaluated yet'
          ) : (
            <>
              , last <RelativeTime at={group.evaluated_at} /> in {group.evaluation_ms.toFixed(1)} ms
            </>
          )}
        </span>
      </div>
    );
  }
  const { rule } = row;
  return (
    <div className={ofRules['rule']}>
      <span className={styles['what']}>
        <Link to="/alerts/rules/$id" params={{ id: rule.id }} search={{}} className={styles['title']}>
          {rule.name}
          {rule.labels['severity'] !== undefined && (
            <span className={styles['quiet']}> {rule.labels['severity']}</span>
          )}
        </Link>
        {rule.error !== null && <span className={styles['wrong']}>{rule.error}</span>}
      </span>
      <Alerts rule={rule} />
      <HealthWord health={rule.health} />
      <span className={`${ofRules['duration']} num`}>{rule.evaluation_ms.toFixed(1)} ms</span>
    </div>
  );
}

function List({
  rows,
  open,
}: {
  readonly rows: readonly RuleRow[];
  readonly open: (rule: ListedRule) => void;
}) {
  const list = useRowList({
    count: rows.length,
    heightPx: ROW_PX,
    keyOf: (index) => rows[index]?.key ?? index,
    what: 'rule',
    open: (index) => {
      const row = rows[index];
      if (row?.kind === 'rule') open(row.rule);
    },
  });
  return (
    <VirtualList list={list} className={styles['list']} label="Rules by file and group">
      {(index) => {
        const row = rows[index];
        return row === undefined ? null : <Row row={row} />;
      }}
    </VirtualList>
  );
}

/** "4 rules in 2 groups, 1 fails" */
function verdict({ rules, failing }: ReturnType<typeof countsOf>, groups: number): string {
  const what = `${rules.toLocaleString('en')} ${rules === 1 ? 'rule' : 'rules'} in ${groups.toLocaleString('en')} ${groups === 1 ? 'group' : 'groups'}`;
  return failing === 0
    ? what
    : `${what}, ${failing.toLocaleString('en')} ${failing === 1 ? 'fails' : 'fail'}`;
}

/** Rules by file and group: whether they are evaluated, how long it takes, and what they say. */
export function RulesPage() {
  const search = useSearch({ from: '/alerts/rules' });
  const navigate = useNavigate({ from: '/alerts/rules' });
  const { data, error, refetch } = useRules();
  const groups = data?.groups ?? NONE;
  const counts = useMemo(() => countsOf(groups), [groups]);
  const { q = '', only } = search;
  const rows = useMemo(() => ruleRows(groups, q, only), [groups, q, only]);
  const set = (next: RulesSearch): void =>
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
  if (error !== null && data === undefined)
    return <ErrorState what="The rules" error={error} retry={() => void refetch()} />;
  return (
    <>
      <Head
        title="Rules"
        actions={
          <Button
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            onClick={() => void navigate({ to: '/alerts/rules/new', search: {} })}
          >
            New rule
          </Button>
        }
      >
        {data === undefined ? '' : verdict(counts, groups.length)}
      </Head>
      {data === undefined && <Bone height={320} />}
      {data !== undefined && groups.length === 0 && (
        <EmptyState title="No rule is loaded" command={COMMAND}>
          Make one here, or bring your files: they are those of Prometheus, and of Loki for rules over log
          lines: groups of alerting and recording rules. Name them under rule_files and log_rule_files in
          pharos.yaml, then reload with SIGHUP; <code>pharos check rules</code> says beforehand what is wrong
          with them.
        </EmptyState>
      )}
      {groups.length > 0 && (
        <div className={styles['filters']}>
          <TextInput
            size="xs"
            className={styles['typed'] ?? ''}
            aria-label="Filter rules"
            placeholder="Words in a rule, its expression, group or file"
            leftSection={<IconSearch size={14} />}
            value={q}
            onChange={(event) => set({ q: event.currentTarget.value || undefined })}
          />
          {RULE_FILTERS.map((one) => (
            <StateChip
              key={one}
              count={counts[one]}
              word={one}
              look={LOOKS[one]}
              chosen={only === one}
              toggle={() => set({ only: only === one ? undefined : one })}
            />
          ))}
        </div>
      )}
      {rows.length > 0 && (
        <List
          rows={rows}
          open={({ id }) => void navigate({ to: '/alerts/rules/$id', params: { id }, search: {} })}
        />
      )}
      {groups.length > 0 && rows.length === 0 && (
        <p className={styles['quiet']}>No rule is left by these filters.</p>
      )}
    </>
  );
}
