import { Button } from '@mantine/core';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import styles from '../ui/page.module.css';
import { ErrorState } from '../ui/states.tsx';

export function NotFoundPage() {
  return (
    <>
      <div className={styles['pageHead']}>
        <h1>There is no page here</h1>
      </div>
      <p>
        The address may be from another version, or mistyped. Press / to find a service or a page by its name.
      </p>
      <Button component={Link} to="/" variant="default" size="xs">
        Go to the overview
      </Button>
    </>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <ErrorState
      what="This page"
      error={error instanceof Error ? error : new Error(String(error))}
      retry={reset}
    />
  );
}
