import type { ReactNode } from 'react';
import { SectionHead, type SectionPages } from '../../ui/section-head.tsx';

const PAGES: SectionPages = [
  { to: '/alerts', label: 'Alerts' },
  { to: '/alerts/rules', label: 'Rules' },
  { to: '/alerts/silences', label: 'Silences' },
  { to: '/alerts/maintenance', label: 'Maintenance' },
  { to: '/alerts/on-call', label: 'On call' },
  { to: '/alerts/slos', label: 'SLOs' },
  { to: '/alerts/routes', label: 'Routes' },
  { to: '/alerts/deliveries', label: 'Deliveries' },
];

/** The title of a page of alerts, a sentence about what stands there, and the way to the others. */
export function Head({
  title,
  children,
  actions,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <SectionHead title={title} pages={PAGES} label="Pages of alerts" actions={actions}>
      {children !== undefined && <p>{children}</p>}
    </SectionHead>
  );
}
