import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { FormActions } from './form-actions.tsx';
import styles from './forms.module.css';
import type { OpeningTimes } from './opening-times.ts';
import { OpeningTimesFields } from './opening-times-fields.tsx';
import type { Problems } from './problems.ts';

/** What every maintenance window has: what people call it, and when it is open. */
export interface WindowDraft extends OpeningTimes {
  readonly title: string;
}

export interface MaintenanceFormProps {
  readonly draft: WindowDraft;
  readonly set: (change: Partial<WindowDraft>) => void;
  /** What its title is called where it comes from, and one as an example. */
  readonly title: { readonly label: string; readonly example: string };
  /** The fields that say what it is about. */
  readonly children: ReactNode;
  readonly missing: readonly string[];
  /** By the names of the draft's members. */
  readonly problems: Problems;
  readonly busy: boolean;
  /** Sends it; only while nothing is missing. */
  readonly save: () => void;
  readonly cancel: () => void;
}

/** The form of a maintenance window: its title, what it is about, when it is open. */
export function MaintenanceForm(props: MaintenanceFormProps) {
  const { draft, set, title, children, missing, problems, busy, save, cancel } = props;
  return (
    <form
      className={styles['form']}
      aria-label="Maintenance window"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (missing.length === 0) save();
      }}
    >
      <TextInput
        size="xs"
        label={title.label}
        required
        placeholder={title.example}
        value={draft.title}
        error={problems.at.get('title')}
        onChange={(event) => set({ title: event.currentTarget.value })}
      />
      {children}
      <OpeningTimesFields times={draft} set={set} problems={problems.at} />
      <FormActions busy={busy} missing={missing} problems={problems.rest} cancel={cancel} />
    </form>
  );
}
