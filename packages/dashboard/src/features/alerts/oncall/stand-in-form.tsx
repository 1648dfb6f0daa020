import { Drawer, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { dateTimeOf, inputOf } from '../../../time/date-time.ts';
import { useZone } from '../../../time/use-range.ts';
import { FormActions, messageOf } from '../../../ui/forms/form-actions.tsx';
import { toastDone } from '../../../ui/toast.ts';
import styles from '../alerts.module.css';
import type { Schedule } from './contracts.ts';
import { useStandIn } from './use-on-call.ts';
import { spanIn, viewerZone } from './zone-times.ts';

/** What a stand-in is made from. Epoch ms. */
export interface StandInBasis {
  readonly schedule: Schedule;
  readonly from: number;
  readonly until: number;
  /** Who has it; null for nobody. */
  readonly person: string | null;
}

interface FormProps {
  readonly about: StandInBasis;
  readonly people: readonly string[];
  readonly close: () => void;
}

function Form({ about: { schedule, ...had }, people, close }: FormProps) {
  const others = people.filter((name) => name !== had.person);
  const [person, setPerson] = useState(others[0] ?? people[0] ?? '');
  const [from, setFrom] = useState(() => inputOf(had.from));
  const [until, setUntil] = useState(() => inputOf(had.until));
  const save = useStandIn();
  const [zone] = useZone();
  // Fields know minutes only: what was not changed is the very instant.
  const begin = from === inputOf(had.from) ? had.from : dateTimeOf(from);
  const end = until === inputOf(had.until) ? had.until : dateTimeOf(until);
  const isSpan = begin !== null && end !== null && begin < end;
  return (
    <form
      className={styles['form']}
      aria-label="Stand in"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSpan || person === '') return;
        save.mutate(
          { schedule: schedule.name, person, from: begin, until: end },
          {
            onSuccess: () => {
              toastDone(`${person} stands in`);
              close();
            },
          },
        );
      }}
    >
      <NativeSelect
        size="xs"
        label="Who stands in"
        data={[...people]}
        value={person}
        onChange={(event) => setPerson(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label="From"
        description="In this browser's time zone"
        required
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label="Until"
        required
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
      {isSpan && (
        <p className={styles['quiet']}>
          {viewerZone(zone) === schedule.time_zone
            ? `Instead of ${had.person ?? 'nobody'}.`
            : `That is ${spanIn(schedule.time_zone, begin, end)} in ${schedule.time_zone}.`}
        </p>
      )}
      <FormActions
        busy={save.isPending}
        missing={[...(person === '' ? ['who'] : []), ...(isSpan ? [] : ['an end after its beginning'])]}
        problems={messageOf(save.error)}
        cancel={close}
      />
    </form>
  );
}

/** Somebody else has a turn, or a part of it. */
export function StandInDrawer({
  about,
  people,
  close,
}: Omit<FormProps, 'about'> & { readonly about: StandInBasis | null }) {
  return (
    <Drawer
      opened={about !== null}
      onClose={close}
      position="right"
      title={about === null ? '' : `Stand in, ${about.schedule.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {about !== null && <Form about={about} people={people} close={close} />}
    </Drawer>
  );
}
