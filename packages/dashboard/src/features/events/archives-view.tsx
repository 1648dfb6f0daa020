import { Button, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { Numeral } from '../../ui/figures.tsx';
import { Bone, ErrorState, Section } from '../../ui/states.tsx';
import { SureButton } from '../../ui/sure-button.tsx';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './events.module.css';
import { useArchives, useCleanUp, useRestore } from './use-rules.ts';

const DEFAULT_DAYS = 30;
const MOST_DAYS = 3650;

function CleanUp() {
  const [days, setDays] = useState<number | string>(DEFAULT_DAYS);
  const clean = useCleanUp();
  const valid = typeof days === 'number' && days >= 0;
  return (
    <div className={styles['buttons']}>
      <NumberInput
        size="xs"
        aria-label="Events older than so many days"
        prefix="older than "
        suffix=" days"
        min={0}
        max={MOST_DAYS}
        value={days}
        onChange={setDays}
      />
      <SureButton
        label="Archive them"
        sure={`Archive and remove what is older than ${days} days`}
        busy={clean.isPending}
        act={() => {
          if (!valid) return;
          clean.mutate(days * 24, {
            onSuccess: ({ removed }) =>
              toastDone(
                removed === 0
                  ? 'No event is that old'
                  : `${removed.toLocaleString('en')} events are in an archive now`,
              ),
            onError: (error) => toastFailed('Nothing was removed', error),
          });
        }}
      />
    </div>
  );
}

/** Old events: put into archives, and taken back. */
export function ArchivesView() {
  const { data, error, refetch } = useArchives();
  const restore = useRestore();
  if (data === undefined)
    return error === null ? (
      <Bone height={160} />
    ) : (
      <ErrorState what="The archives" error={error} retry={() => void refetch()} />
    );
  return (
    <Section
      title="Archives"
      note="compressed files below archive/events in the data directory"
      actions={<CleanUp />}
    >
      {data.archives.length === 0 && (
        <p className={styles['quiet']}>
          There is none yet. Events go by themselves after their retention; an archive keeps them beyond it.
        </p>
      )}
      <ul className={styles['plain']}>
        {data.archives.map(({ name, bytes }) => (
          <li key={name} className={styles['rule']}>
            <p>
              <code>{name}</code>{' '}
              <span className={styles['quiet']}>
                <Numeral value={bytes} unit="bytes" />
              </span>
            </p>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Restore ${name}`}
              loading={restore.isPending && restore.variables === name}
              onClick={() =>
                restore.mutate(name, {
                  onSuccess: ({ restored }) =>
                    toastDone(
                      restored === 0
                        ? 'All of its events are there already'
                        : `${restored.toLocaleString('en')} events are back`,
                    ),
                  onError: (failure) => toastFailed('The archive was not restored', failure),
                })
              }
            >
              Restore
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
