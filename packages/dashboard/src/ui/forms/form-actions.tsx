import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './forms.module.css';

export interface FormActionsProps {
  /** What the button that sends the form says; `Save` when absent. */
  readonly submit?: string;
  readonly busy: boolean;
  /** What must be said before it can be sent, for people. */
  readonly missing?: readonly string[];
  /** Why it was refused: what no field shows. */
  readonly problems?: readonly string[];
  readonly cancel?: () => void;
  /** Other buttons. */
  readonly children?: ReactNode;
}

/** The last line of a form: why it was refused, send it, leave it, and what is missing yet. */
export function FormActions({
  submit = 'Save',
  busy,
  missing = [],
  problems = [],
  cancel,
  children,
}: FormActionsProps) {
  return (
    <>
      {problems.map((problem) => (
        <p key={problem} className={styles['wrong']} role="alert">
          {problem}
        </p>
      ))}
      <div className={styles['actions']}>
        <Button type="submit" size="xs" loading={busy} disabled={missing.length > 0}>
          {submit}
        </Button>
        {children}
        {cancel !== undefined && (
          <Button size="xs" variant="default" onClick={cancel}>
            Cancel
          </Button>
        )}
        {missing.length > 0 && <span className={styles['quiet']}>Still needed: {missing.join(', ')}</span>}
      </div>
    </>
  );
}

/** What an error says, where a form has one place for all of it. */
export function messageOf(error: Error | null): readonly string[] {
  return error === null ? [] : [error.message];
}
