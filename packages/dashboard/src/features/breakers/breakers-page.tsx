import { SegmentedControl, TextInput } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useListKeys } from '../../keys/use-list-keys.ts';
import { StateChip } from '../../ui/chip.tsx';
import { IconSearch } from '../../ui/icons.ts';
import page from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorLine, ErrorState, Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { BreakerDetail } from './breaker-detail.tsx';
import { BreakerState, Since } from './breaker-state.tsx';
import styles from './breakers.module.css';
import type { Breaker } from './contracts.ts';
import { Commands, Proposals } from './given.tsx';
import { InstanceMatrix } from './instance-matrix.tsx';
import { filterBreakers, instancesInWords, LOOK, STATES, WORD } from './rows.ts';
import { Transitions } from './transitions.tsx';
import { useFleet } from './use-breakers.ts';

const keyOf = ({ service, name }: Breaker): string => `${service} ${name}`;

function Filters({ rows }: { readonly rows: readonly Breaker[] }) {
  const { q = '', is, by } = useSearch({ from: '/breakers' });
  const navigate = useNavigate({ from: '/breakers' });
  return (
    <div className={styles['filters']}>
      <TextInput
        size="xs"
        aria-label="Filter breakers"
        placeholder="Service, breaker, upstream or instance"
        leftSection={<IconSearch size={14} />}
        value={q}
        onChange={(event) => {
          const text = event.currentTarget.value || undefined;
          void navigate({ search: (previous) => ({ ...previous, q: text }), replace: true });
        }}
      />
      {STATES.map((candidate) => (
        <StateChip
          key={candidate}
          count={rows.filter((row) => row.state === candidate).length}
          word={WORD[candidate]}
          look={LOOK[candidate]}
          chosen={is === candidate}
          toggle={() =>
            void navigate({
              search: (previous) => ({ ...previous, is: is === candidate ? undefined : candidate }),
              replace: true,
            })
          }
        />
      ))}
      <SegmentedControl
        size="xs"
        aria-label="Shown by"
        data={[
          { value: 'breaker', label: 'By breaker' },
          { value: 'instance', label: 'By instance' },
        ]}
        value={by ?? 'breaker'}
        onChange={(next) => {
          const chosen = next === 'instance' ? next : undefined;
          void navigate({ search: (previous) => ({ ...previous, by: chosen }), replace: true });
        }}
      />
    </div>
  );
}

function Name({ row, open }: { readonly row: Breaker; readonly open: () => void }) {
  return (
    <button type="button" className={styles['open']} onClick={open}>
      {row.name}
    </button>
  );
}

function ServiceLink({ name }: { readonly name: string }) {
  return (
    <Link to="/services/$name" params={{ name }} search={true} className={table['name']}>
      {name}
    </Link>
  );
}

interface ListProps {
  readonly rows: readonly Breaker[];
  readonly selected: number;
  readonly open: (row: Breaker) => void;
}

function WideList({ rows, selected, open }: ListProps) {
  return (
    <div className={table['scroll']} tabIndex={0} role="region" aria-label="List of breakers">
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Service</th>
            <th scope="col">Breaker</th>
            <th scope="col">Protects</th>
            <th scope="col">Instances</th>
            <th scope="col" className={table['right']}>
              Calls failed
            </th>
            <th scope="col">Lasts</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row)} data-selected={index === selected}>
              <td>
                <BreakerState state={row.state} forced={row.forced} until={row.forced_until} />
              </td>
              <td>
                <ServiceLink name={row.service} />
              </td>
              <td>
                <Name row={row} open={() => open(row)} />
              </td>
              <td>
                <ServiceLink name={row.upstream} />
              </td>
              <td>{instancesInWords(row)}</td>
              <td className={`num ${table['right']}`}>
                {row.counts.total_failures} of {row.counts.requests}
              </td>
              <td>
                <Since at={row.since} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PhoneList({ rows, open }: Omit<ListProps, 'selected'>) {
  return (
    <ul className={table['list']}>
      {rows.map((row) => (
        <li key={keyOf(row)}>
          <div>
            <span className={table['listTop']}>
              <Name row={row} open={() => open(row)} />
              <BreakerState state={row.state} forced={row.forced} />
            </span>
            <span className={styles['quiet']}>
              {row.service} before {row.upstream}; {instancesInWords(row)} <Since at={row.since} />
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Fleet({ all, total }: { readonly all: readonly Breaker[]; readonly total: number }) {
  const search = useSearch({ from: '/breakers' });
  const rows = useMemo(() => filterBreakers(all, search), [all, search]);
  const [chosen, setChosen] = useState<string | null>(null);
  const open = (row: Breaker | undefined): void => setChosen(row === undefined ? null : keyOf(row));
  const selected = useListKeys(rows.length, 'breaker', (index) => open(rows[index]));
  const shown = all.find((row) => keyOf(row) === chosen) ?? null;
  return (
    <>
      <Filters rows={all} />
      {total > all.length && (
        <p className={styles['quiet']}>
          The worst {all.length.toLocaleString('en')} of {total.toLocaleString('en')} are shown.
        </p>
      )}
      {rows.length === 0 && (
        <p className={styles['quiet']}>No breaker matches. Clear the filters to see all.</p>
      )}
      {search.by === 'instance' ? (
        <InstanceMatrix rows={rows} />
      ) : (
        <div className={table['hasList']}>
          <WideList rows={rows} selected={selected} open={open} />
          <PhoneList rows={rows} open={open} />
        </div>
      )}
      <Proposals />
      <Commands />
      <Section title="Changes" note="last 7 days">
        <Transitions />
      </Section>
      <BreakerDetail breaker={shown} close={() => setChosen(null)} />
    </>
  );
}

/** "2 of 14 let no calls through", or that all is well. */
function verdict(rows: readonly Breaker[]): string {
  const open = rows.filter(({ state }) => state === 'OPEN').length;
  const held = rows.filter(({ forced }) => forced).length;
  const words =
    open === 0 ? `all ${rows.length} let calls through` : `${open} of ${rows.length} let no calls through`;
  return held === 0 ? words : `${words}; ${held} held by command`;
}

/** The circuit breakers of all services: which hold calls back, since when, and what can be done. */
export function BreakersPage() {
  const { data, error, isPending, refetch } = useFleet();
  if (error !== null && data === undefined)
    return <ErrorState what="The circuit breakers" error={error} retry={() => void refetch()} />;
  return (
    <>
      <div className={page['pageHead']}>
        <h1>Circuit breakers</h1>
        {data !== undefined && data.breakers.length > 0 && <p>{verdict(data.breakers)}</p>}
      </div>
      {error !== null && <ErrorLine what="Newer states" error={error} />}
      {isPending && <Bone height={320} />}
      {data !== undefined && data.breakers.length === 0 && (
        <EmptyState title="No breaker is known yet" command="npm install @pharos/node">
          A service that makes breakers with the SDK, or has breakers of opossum or cockatiel watched by it,
          and knows PHAROS_URL, registers them by itself. Breakers of others appear by their series
          circuit_breaker_state.
        </EmptyState>
      )}
      {data !== undefined && data.breakers.length > 0 && <Fleet all={data.breakers} total={data.total} />}
    </>
  );
}
