import { Button, MultiSelect, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { RelativeTime } from '../../ui/figures.tsx';
import { FormActions, messageOf } from '../../ui/forms/form-actions.tsx';
import { Bone, ErrorLine, Section } from '../../ui/states.tsx';
import { type Component, IMPACTS, type Incident, PHASES, type Phase } from './contracts.ts';
import styles from './status-page.module.css';
import { type NewIncident, useIncidents, useStatusPageActions } from './use-status-page.ts';

const EMPTY: NewIncident = {
  title: '',
  impact: 'minor',
  components: [],
  phase: 'investigating',
  text: '',
};

function PhaseSelect({ value, change }: { readonly value: Phase; readonly change: (to: Phase) => void }) {
  return (
    <Select
      size="xs"
      label="Phase"
      allowDeselect={false}
      data={[...PHASES]}
      value={value}
      onChange={(next) => change(PHASES.find((one) => one === next) ?? value)}
    />
  );
}

function NewIncidentForm({ components }: { readonly components: readonly (Component & { id: string })[] }) {
  const { tell } = useStatusPageActions();
  const [draft, setDraft] = useState<NewIncident | null>(null);
  if (draft === null)
    return (
      <Button size="xs" onClick={() => setDraft(EMPTY)}>
        Tell of an incident
      </Button>
    );
  const set = (change: Partial<NewIncident>): void => setDraft({ ...draft, ...change });
  return (
    <form
      className={styles['stack']}
      aria-label="New incident"
      onSubmit={(event) => {
        event.preventDefault();
        tell.mutate(draft, { onSuccess: () => setDraft(null) });
      }}
    >
      <TextInput
        size="xs"
        label="Title"
        required
        maxLength={200}
        placeholder="Orders take longer than usual"
        value={draft.title}
        onChange={(event) => set({ title: event.currentTarget.value })}
      />
      <div className={styles['line']}>
        <Select
          size="xs"
          label="Impact"
          allowDeselect={false}
          data={[...IMPACTS]}
          value={draft.impact}
          onChange={(next) => set({ impact: IMPACTS.find((one) => one === next) ?? draft.impact })}
        />
        <PhaseSelect value={draft.phase} change={(phase) => set({ phase })} />
      </div>
      <MultiSelect
        size="xs"
        label="Components"
        data={components.map(({ id, name }) => ({ value: id, label: name }))}
        value={[...draft.components]}
        onChange={(chosen) => set({ components: chosen })}
      />
      <Textarea
        size="xs"
        label="What readers should know"
        required
        autosize
        minRows={2}
        maxLength={5000}
        value={draft.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
      />
      <FormActions
        submit="Publish"
        busy={tell.isPending}
        missing={[
          ...(draft.title.trim() === '' ? ['a title'] : []),
          ...(draft.text.trim() === '' ? ['what readers should know'] : []),
        ]}
        problems={messageOf(tell.error)}
        cancel={() => setDraft(null)}
      />
    </form>
  );
}

function UpdateForm({ id, done }: { readonly id: string; readonly done: () => void }) {
  const { update } = useStatusPageActions();
  const [phase, setPhase] = useState<Phase>('resolved');
  const [text, setText] = useState('');
  return (
    <form
      className={styles['stack']}
      aria-label="Update"
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ id, phase, text }, { onSuccess: done });
      }}
    >
      <PhaseSelect value={phase} change={setPhase} />
      <Textarea
        size="xs"
        label="What is new"
        required
        autosize
        minRows={2}
        maxLength={5000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <FormActions
        submit="Publish"
        busy={update.isPending}
        missing={text.trim() === '' ? ['what is new'] : []}
        problems={messageOf(update.error)}
        cancel={done}
      />
    </form>
  );
}

function OneIncident({ incident }: { readonly incident: Incident }) {
  const { remove } = useStatusPageActions();
  const [open, setOpen] = useState(false);
  const [newest] = incident.updates;
  return (
    <li>
      <span className={styles['line']}>
        <strong>{incident.title}</strong>
        <span className={styles['quiet']}>
          {incident.impact}, {newest?.phase} <RelativeTime at={newest?.at ?? incident.at} />
        </span>
        <span className={styles['tools']}>
          <Button size="compact-xs" variant="default" onClick={() => setOpen(!open)}>
            Update
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Remove ${incident.title}`}
            loading={remove.isPending}
            onClick={() => remove.mutate(`incidents/${encodeURIComponent(incident.id)}`)}
          >
            Remove
          </Button>
        </span>
      </span>
      <p className={styles['text']}>{newest?.text}</p>
      {open && <UpdateForm id={incident.id} done={() => setOpen(false)} />}
    </li>
  );
}

/** What happened, in words for the public. */
export function Incidents({ components }: { readonly components: readonly (Component & { id: string })[] }) {
  const { data, error } = useIncidents();
  return (
    <Section title="Incidents">
      <NewIncidentForm components={components} />
      {error !== null && data === undefined && <ErrorLine what="The incidents" error={error} />}
      {data === undefined && error === null && <Bone height={80} />}
      {data?.incidents.length === 0 && <p className={styles['quiet']}>None was told of so far.</p>}
      <ul className={styles['list']}>
        {data?.incidents.map((incident) => (
          <OneIncident key={incident.id} incident={incident} />
        ))}
      </ul>
    </Section>
  );
}
