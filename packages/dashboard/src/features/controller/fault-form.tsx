import { Button, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { FaultKind, FaultParam } from '../../api/controller.ts';
import { useStartFault } from '../../api/controller-queries.ts';
import { Section } from '../../ui/states.tsx';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './controller.module.css';
import { spoken } from './words.ts';

const DURATIONS = [
  { value: '60', label: 'for 1 minute' },
  { value: '300', label: 'for 5 minutes' },
  { value: '900', label: 'for 15 minutes' },
  { value: '', label: 'until I end it' },
];

interface ParamProps {
  readonly param: FaultParam;
  readonly value: number | string;
  readonly set: (value: number | string) => void;
}

function Param({ param, value, set }: ParamProps) {
  const label = spoken(param.name.replace(/_ms$/, '')) + (param.unit == null ? '' : `, ${param.unit}`);
  if (param.type === 'string') {
    return (
      <TextInput
        size="xs"
        label={label}
        description={param.description}
        value={value}
        onChange={(event) => set(event.currentTarget.value)}
      />
    );
  }
  return (
    <NumberInput
      size="xs"
      label={label}
      description={param.description}
      {...(param.min == null ? {} : { min: param.min })}
      {...(param.max == null ? {} : { max: param.max })}
      {...(param.max === 1 ? { step: 0.1 } : {})}
      value={value}
      onChange={set}
    />
  );
}

/** Breaks something on purpose: what, where, how much and for how long. */
export function FaultForm({ kinds }: { readonly kinds: readonly FaultKind[] }) {
  const [kindName, setKind] = useState('');
  const [service, setService] = useState('');
  const [values, setValues] = useState<Readonly<Record<string, number | string>>>({});
  const [duration, setDuration] = useState('60');
  const start = useStartFault();
  const kind = kinds.find((candidate) => candidate.kind === kindName) ?? kinds[0];
  if (kind === undefined) return null;
  const where = kind.services.includes(service) ? service : (kind.services[0] ?? '');
  const valueOf = (param: FaultParam): number | string =>
    values[`${kind.kind}.${param.name}`] ?? param.default;
  const submit = (): void => {
    const params = Object.fromEntries(
      kind.params.filter((param) => valueOf(param) !== '').map((param) => [param.name, valueOf(param)]),
    );
    start.mutate(
      {
        kind: kind.kind,
        service: where,
        params,
        ...(duration === '' ? {} : { duration_seconds: Number(duration) }),
      },
      {
        onSuccess: () => toastDone(`Started: ${spoken(kind.kind)} on ${where}`),
        onError: (error) => toastFailed('The fault was not started', error),
      },
    );
  };
  return (
    <Section title="Break something" note="every fault is written to the ground truth below">
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className={styles['row']}>
          <NativeSelect
            size="xs"
            label="What"
            value={kind.kind}
            onChange={(event) => setKind(event.currentTarget.value)}
            data={kinds.map((candidate) => ({ value: candidate.kind, label: spoken(candidate.kind) }))}
          />
          <NativeSelect
            size="xs"
            label="Where"
            value={where}
            onChange={(event) => setService(event.currentTarget.value)}
            data={kind.services}
          />
        </div>
        <p className={styles['note']}>{kind.description}</p>
        {kind.params.length > 0 && (
          <div className={styles['row']}>
            {kind.params.map((param) => (
              <Param
                key={`${kind.kind}.${param.name}`}
                param={param}
                value={valueOf(param)}
                set={(value) => setValues({ ...values, [`${kind.kind}.${param.name}`]: value })}
              />
            ))}
          </div>
        )}
        <div className={styles['row']}>
          <NativeSelect
            size="xs"
            label="How long"
            value={duration}
            onChange={(event) => setDuration(event.currentTarget.value)}
            data={DURATIONS}
          />
        </div>
        <div>
          <Button size="xs" type="submit" loading={start.isPending}>
            Start the fault
          </Button>
        </div>
      </form>
    </Section>
  );
}
