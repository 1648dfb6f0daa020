import { Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import '@mantine/spotlight/styles.css';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useHealth } from '../api/queries.ts';
import { IconSearch } from '../ui/icons.ts';
import { STATUS_ORDER, StatusIcon } from '../ui/status.tsx';
import { PAGE_LIST } from './pages.ts';

/** The command palette: every service and every page by name. */
export function Palette() {
  const navigate = useNavigate();
  const { data } = useHealth();
  const actions = useMemo<SpotlightActionData[]>(() => {
    const pages = PAGE_LIST.map((page) => ({
      id: page.to,
      label: page.label,
      description: page.hint,
      leftSection: <page.icon size={16} />,
      onClick: () => void navigate({ to: page.to, search: (previous) => previous }),
    }));
    const services = (data?.services ?? [])
      .toSorted((a, b) => STATUS_ORDER[a.status] - STATUS_ORDER[b.status] || a.name.localeCompare(b.name))
      .map((service) => ({
        id: `service ${service.name}`,
        label: service.name,
        description: `Service, ${service.status}`,
        keywords: ['service', service.status],
        leftSection: <StatusIcon status={service.status} />,
        onClick: () =>
          void navigate({
            to: '/services/$name',
            params: { name: service.name },
            search: (previous) => previous,
          }),
      }));
    return [...services, ...pages];
  }, [data, navigate]);
  return (
    <Spotlight
      actions={actions}
      shortcut={['mod + K', '/']}
      limit={9}
      highlightQuery
      nothingFound="No service or page has this name"
      searchProps={{
        leftSection: <IconSearch size={16} />,
        placeholder: 'Find a service or a page',
        'aria-label': 'Find a service or a page',
      }}
    />
  );
}
