/** The labels and attributes that name a service, first wins. */
const NAME_SOURCES = ['service', 'service.name', 'service_name', 'source', 'job'] as const;

export interface ServiceNames {
  /** The canonical name of a raw one: `auth-service` and `auth_service` are `auth` unless an alias says otherwise. */
  canonical(raw: string): string;
  /** The canonical service of a label set, or undefined when nothing in it names one. */
  of(get: (label: string) => string | undefined): string | undefined;
}

const SUFFIX = /[-_. ](service|svc)$/;

/** @param aliases raw name to canonical name; an entry that maps a name to itself keeps it apart. */
export function createServiceNames(aliases: ReadonlyMap<string, string>): ServiceNames {
  const canonical = (raw: string): string => {
    const trimmed = raw.trim();
    const alias = aliases.get(trimmed);
    if (alias !== undefined) return alias;
    const plain = trimmed.toLowerCase().replace(SUFFIX, '');
    // Answers count by service in objects of JSON, which have no place for this key.
    if (plain === '__proto__') return 'proto';
    return aliases.get(plain) ?? (plain === '' ? trimmed : plain);
  };
  return {
    canonical,
    of(get) {
      for (const source of NAME_SOURCES) {
        const value = get(source);
        if (value !== undefined && value !== '') return canonical(value);
      }
      return undefined;
    },
  };
}
