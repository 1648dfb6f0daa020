import { toastDone, toastFailed } from './toast.ts';

/** Copies, and says whether it worked: off loopback without TLS a browser has no clipboard. */
export function copyText(text: string, what: string): void {
  const failed = (): void =>
    toastFailed(`${what} could not be copied`, new Error('This browser does not allow it here.'));
  if (!window.isSecureContext) {
    failed();
    return;
  }
  navigator.clipboard.writeText(text).then(() => toastDone(`${what} copied`), failed);
}
