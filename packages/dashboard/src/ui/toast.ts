import { notifications } from '@mantine/notifications';

/** The button that takes a note away says so to those who do not see its cross. */
export const CLOSE = { 'aria-label': 'Close' } as const;

/** A short word about what the reader just did. */
export function toastDone(message: string): void {
  notifications.show({ message, color: 'green', autoClose: 4000, closeButtonProps: CLOSE });
}

/** What failed of what the reader just did, and why; stays until it is read. */
export function toastFailed(title: string, error: Error): void {
  notifications.show({
    title,
    message: error.message,
    color: 'red',
    autoClose: 12_000,
    closeButtonProps: CLOSE,
  });
}
