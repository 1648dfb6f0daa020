import { Autocomplete, Button, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { SureButton } from '../../../ui/sure-button.tsx';
import { type AlertIncident, SEVERITIES } from './contracts.ts';
import styles from './incident.module.css';
import type { WantedAct } from './use-incidents.ts';

export interface ActsProps {
  readonly incident: AlertIncident;
  readonly people: readonly string[];
  /** Says that it is done, and calls back then alone: what somebody wrote must not go with what failed. */
  readonly act: (wanted: WantedAct, done: string, whenDone?: () => void) => void;
  readonly busy: boolean;
}

/** What may be written into the timeline, with how it ends. */
export function NoteForm({ incident, act, busy }: Omit<ActsProps, 'people'>) {
  const [text, setText] = useState('');
  const isOpen = incident.state === 'open';
  const note = text.trim();
  const clear = (): void => setText('');
  const write = (): void => {
    if (note === '') return;
    act({ what: 'notes', body: { text: note } }, 'The note is written down', clear);
  };
  return (
    <form
      className={styles['form']}
      aria-label="Note"
      onSubmit={(event) => {
        event.preventDefault();
        write();
      }}
    >
      <Textarea
        size="xs"
        label="Note"
        placeholder="What you saw, tried, or found out"
        autosize
        minRows={2}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={styles['buttons']}>
        <Button type="submit" size="compact-sm" variant="default" disabled={note === ''} loading={busy}>
          Write it down
        </Button>
        {isOpen ? (
          <Button
            size="compact-sm"
            loading={busy}
            onClick={() => act({ what: 'resolve', body: { note } }, 'The incident is resolved', clear)}
          >
            {note === '' ? 'Resolve' : 'Resolve with this note'}
          </Button>
        ) : (
          <Button
            size="compact-sm"
            variant="default"
            loading={busy}
            onClick={() => act({ what: 'reopen', body: {} }, 'The incident is open again')}
          >
            Open again
          </Button>
        )}
      </div>
    </form>
  );
}

/** Who leads, how bad it is, what it is called, and what it is one with. */
export function Settings({ incident, people, act, busy }: ActsProps) {
  const [assignee, setAssignee] = useState(incident.assignee);
  const [title, setTitle] = useState(incident.given_title ?? '');
  const [other, setOther] = useState('');
  const change = (body: WantedAct['body'], done: string): void => act({ what: '', body }, done);
  return (
    <div className={styles['form']}>
      <form
        className={styles['inline']}
        aria-label="Who leads"
        onSubmit={(event) => {
          event.preventDefault();
          change(
            { assignee: assignee.trim() },
            assignee.trim() === '' ? 'Nobody leads it' : `${assignee} leads it`,
          );
        }}
      >
        <Autocomplete
          size="xs"
          label="Led by"
          data={[...people]}
          value={assignee}
          onChange={setAssignee}
          placeholder="nobody"
        />
        <Button
          type="submit"
          size="xs"
          variant="default"
          disabled={assignee.trim() === incident.assignee}
          loading={busy}
        >
          Assign
        </Button>
      </form>
      <form
        className={styles['inline']}
        aria-label="Title"
        onSubmit={(event) => {
          event.preventDefault();
          change({ title: title.trim() === '' ? null : title.trim() }, 'The incident is named');
        }}
      >
        <TextInput
          size="xs"
          label="Title"
          placeholder="As its alerts say"
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Button
          type="submit"
          size="xs"
          variant="default"
          disabled={title.trim() === (incident.given_title ?? '')}
          loading={busy}
        >
          Name it
        </Button>
      </form>
      <Select
        size="xs"
        label="Severity"
        data={[{ value: '', label: 'as its alerts say' }, ...SEVERITIES]}
        value={incident.given_severity ?? ''}
        allowDeselect={false}
        onChange={(value) => change({ severity: value === '' ? null : value }, 'The severity is set')}
      />
      <form
        className={styles['inline']}
        aria-label="Merge"
        onSubmit={(event) => {
          event.preventDefault();
          act(
            { what: 'merge', body: { other: other.trim().replace(/^#/, '') } },
            'The incidents are one',
            () => setOther(''),
          );
        }}
      >
        <TextInput
          size="xs"
          label="Merge with"
          placeholder="number, such as 12"
          value={other}
          onChange={(event) => setOther(event.currentTarget.value)}
        />
        <Button
          type="submit"
          size="xs"
          variant="default"
          disabled={!/^#?\d+$/.test(other.trim())}
          loading={busy}
        >
          Merge
        </Button>
      </form>
      {incident.merged.map((id) => (
        <div key={id} className={styles['buttons']}>
          <span className={styles['quiet']}>#{id} is part of it.</span>
          <SureButton
            label="Take it out again"
            sure="Take it out"
            name={`#${id}`}
            busy={busy}
            act={() => act({ what: 'unmerge', body: { other: id } }, `#${id} stands alone again`)}
          />
        </div>
      ))}
    </div>
  );
}
