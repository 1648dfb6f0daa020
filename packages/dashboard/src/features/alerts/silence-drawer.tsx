import { Drawer } from '@mantine/core';
import type { Alert, Silence } from './contracts.ts';
import { SilenceForm } from './silence-form.tsx';

/** What a silence is made from: alerts that are to be quiet, a silence there is, or nothing. */
export type SilenceBasis =
  | { readonly kind: 'alerts'; readonly alerts: readonly Alert[] }
  | { readonly kind: 'edit'; readonly silence: Silence }
  /** As one that is over, or for another time. */
  | { readonly kind: 'again'; readonly silence: Silence }
  | { readonly kind: 'new' };

function titleOf(about: SilenceBasis): string {
  switch (about.kind) {
    case 'alerts':
      return about.alerts.length === 1 ? 'Silence an alert' : `Silence ${about.alerts.length} alerts`;
    case 'edit':
      return 'Change a silence';
    case 'again':
    case 'new':
      return 'New silence';
  }
}

/** A silence beside the alerts it touches. */
export function SilenceDrawer({
  about,
  close,
  saved,
}: {
  readonly about: SilenceBasis | null;
  readonly close: () => void;
  readonly saved?: () => void;
}) {
  return (
    <Drawer
      opened={about !== null}
      onClose={close}
      position="right"
      size="lg"
      title={about === null ? '' : titleOf(about)}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {about !== null && <SilenceForm about={about} close={close} saved={saved} />}
    </Drawer>
  );
}
