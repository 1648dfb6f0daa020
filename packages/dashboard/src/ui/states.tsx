import { ActionIcon, Button, CopyButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { IconAlertTriangle, IconCheck, IconCopy, IconRefresh } from './icons.ts';
import styles from './ui.module.css';

/** A command, ready to copy. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div className={styles['command']}>
      <code>{text}</code>
      <CopyButton value={text} timeout={1500}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            onClick={copy}
            aria-label={copied ? 'Copied' : 'Copy the command'}
          >
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  );
}

export interface EmptyStateProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly command?: string;
}

/** Nothing here yet: what would stand here, and the one command that fills it. */
export function EmptyState({ title, children, command }: EmptyStateProps) {
  return (
    <div className={styles['empty']}>
      <h3>{title}</h3>
      <p>{children}</p>
      {command !== undefined && <Command text={command} />}
    </div>
  );
}

function advice(error: Error): string {
  if (!(error instanceof ApiError)) return 'The page met an error of its own.';
  switch (error.kind) {
    case 'offline':
      return 'The Pharos server does not answer. Is it running, and can this browser reach it? The page tries again by itself.';
    case 'refused':
      return error.status === 401 || error.status === 403
        ? 'You are not signed in, or may not see this.'
        : 'The server refused the request.';
    case 'broken':
      return 'The server could not answer just now. The page tries again by itself.';
    case 'contract':
      return 'The server answered in a form this dashboard does not know. Reload the page; if it stays, dashboard and server are of different versions.';
  }
}

export interface ErrorStateProps {
  readonly what: string;
  readonly error: Error;
  readonly retry?: () => void;
}

/** What failed, what it means, and what to do next. */
export function ErrorState({ what, error, retry }: ErrorStateProps) {
  const detail = error instanceof ApiError ? `${error.path}: ${error.message}` : error.message;
  return (
    <div className={styles['error']} role="alert">
      <h3>
        <IconAlertTriangle size={16} aria-hidden />
        {what} cannot be shown
      </h3>
      <p>{advice(error)}</p>
      <div className={styles['errorDetail']}>{detail}</div>
      {retry !== undefined && (
        <div className={styles['buttons']}>
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

/** The same for a part of a page, in a line. */
export function ErrorLine({ what, error }: { readonly what: string; readonly error: Error }) {
  return (
    <p className={styles['errorLine']} role="alert">
      {what} cannot be shown just now: {error.message}
    </p>
  );
}

/** A placeholder in the final shape; it shows itself only after 300 ms, so that quick answers do not flicker. */
export function Bone({
  width = '100%',
  height = 16,
}: {
  readonly width?: number | string;
  readonly height?: number | string;
}) {
  return <span className={styles['bone']} style={{ width, height }} aria-hidden />;
}

export interface SectionProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, note, actions, children }: SectionProps) {
  return (
    <section className={styles['section']} aria-label={title}>
      <div className={styles['sectionHead']}>
        <h2>{title}</h2>
        {note !== undefined && <span className={styles['sectionNote']}>{note}</span>}
        {actions !== undefined && <div className={styles['sectionActions']}>{actions}</div>}
      </div>
      {children}
    </section>
  );
}
