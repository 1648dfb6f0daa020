import { useMatches } from '@tanstack/react-router';

/** Of pages that stand beside each other, the one that a route is or stands below: `/alerts/rules` for `/alerts/rules/$id`. */
export function sectionOf<Path extends string>(pages: readonly Path[], route: string): Path | undefined {
  return pages
    .filter((page) => route === page || route.startsWith(`${page}/`))
    .reduce<Path | undefined>(
      (best, page) => (best === undefined || page.length > best.length ? page : best),
      undefined,
    );
}

/** The same of where the reader is. */
export function useSection<Path extends string>(pages: readonly Path[]): Path | undefined {
  const route = useMatches({ select: (matches): string => matches.at(-1)?.fullPath ?? '' });
  return sectionOf(pages, route);
}
