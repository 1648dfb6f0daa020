import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import styles from './breakers.module.css';
import type { Action, Breaker } from './contracts.ts';
import { ACTION_WORD, effectInWords, reached } from './rows.ts';
import { useCommand } from './use-breakers.ts';

const ALL = '*';
const LENGTHS = [
  { value: '5m', label: '5 minutes', ms: 300_000 },
  { value: '15m', label: '15 minutes', ms: 900_000 },
  { value: '1h', label: '1 hour', ms: 3_600_000 },
  { value: '8h', label: '8 hours', ms: 28_800_000 },
  { value: '24h', label: '24 hours', ms: 86_400_000 },
] as const;
const [, QUARTER] = LENGTHS;

const isHold = (action: Action): boolean => action === 'force_open' || action === 'force_closed';

/** A command to one breaker: what, where, how long, why; then what it will do, and the button that does it. */
export function CommandForm({ breaker }: { readonly breaker: Breaker }) {
  const [action, setAction] = useState<Action>(breaker.actions[0] ?? 'reset');
  const [instance, setInstance] = useState<string>(ALL);
  const [length, setLength] = useState<(typeof LENGTHS)[number]>(QUARTER);
  const [reason, setReason] = useState('');
  const command = useCommand(() => setReason(''));
  const chosen = instance === ALL ? null : instance;
  const holds = isHold(action);
  const able = reached(breaker, null);
  if (breaker.actions.length === 0 || able.length === 0)
    return (
      <p className={styles['why']}>
        {breaker.source === 'series'
          ? 'Known by its series alone: it can be looked at, not commanded. A service that uses the SDK can be commanded.'
          : 'No living instance takes commands.'}
      </p>
    );
  return (
    <form
      className={styles['form']}
      aria-label="Command"
      onSubmit={(event) => {
        event.preventDefault();
        command.mutate({
          action,
          service: breaker.service,
          breaker: breaker.name,
          instance: chosen ?? undefined,
          for: holds ? length.value : undefined,
          reason,
        });
      }}
    >
      <Select
        size="xs"
        label="Command"
        allowDeselect={false}
        data={breaker.actions.map((value) => ({ value, label: ACTION_WORD[value] }))}
        value={action}
        onChange={(next) => setAction(breaker.actions.find((one) => one === next) ?? action)}
      />
      <Select
        size="xs"
        label="Where"
        allowDeselect={false}
        searchable
        limit={200}
        data={[
          { value: ALL, label: `All ${able.length} that take commands` },
          ...able.map((one) => ({ value: one.instance, label: one.instance })),
        ]}
        value={instance}
        onChange={(next) => setInstance(next ?? ALL)}
      />
      {holds && (
        <Select
          size="xs"
          label="For"
          allowDeselect={false}
          data={LENGTHS.map(({ value, label }) => ({ value, label }))}
          value={length.value}
          onChange={(next) => setLength(LENGTHS.find(({ value }) => value === next) ?? QUARTER)}
        />
      )}
      <TextInput
        size="xs"
        label="Why"
        required
        maxLength={200}
        placeholder="Kept with the command"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <p className={styles['effect']} aria-live="polite">
        {effectInWords(breaker, action, chosen, holds ? length.ms : null)}
      </p>
      <Button type="submit" size="xs" disabled={reason.trim() === ''} loading={command.isPending}>
        {ACTION_WORD[action]} {breaker.name}
      </Button>
    </form>
  );
}
